"""What a server and a role must have before a restore may begin."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.target import (
    Target,
    check_contents,
    check_replacing_rights,
    check_scratch_rights,
)

SUPERUSER = Target(17, True, False, False, False, frozenset({"pgcrypto"}), frozenset({"app", "postgres"}), ())
KEEPER = Target(17, False, True, True, True, frozenset({"pgcrypto"}), frozenset({"app", "keeper"}), ())
MANIFEST: dict[str, t.Any] = {"server": {"major": 17}, "extensions": {"pgcrypto": "1.3"}, "roles": ["app"]}


@pytest.mark.parametrize("target", [SUPERUSER, KEEPER])
def test_a_superuser_and_a_well_equipped_role_may_restore(target: Target) -> None:
    check_contents(target, MANIFEST)
    check_scratch_rights(target)
    check_replacing_rights(target, MANIFEST, None)


@pytest.mark.parametrize(
    ("lack", "said"),
    [
        ({"creates_databases": False}, "may not create databases"),
        ({"owns_target": False}, "does not own the target database"),
        ({"ends_sessions": False}, "may not end the sessions of others"),
        ({"roles": frozenset({"keeper"})}, "lacks the role app"),
        ({"foreign_owners": ("app",)}, "is not a member of app"),
    ],
)
def test_every_lack_is_said_before_anything_begins(lack: dict[str, t.Any], said: str) -> None:
    with pytest.raises(WebopsError, match=said):
        check_replacing_rights(dataclasses.replace(KEEPER, **lack), MANIFEST, None)


def test_with_one_owner_only_that_role_must_be_there() -> None:
    manifest = {**MANIFEST, "roles": ["gone"]}
    check_replacing_rights(SUPERUSER, manifest, "app")
    with pytest.raises(WebopsError, match="lacks the role other"):
        check_replacing_rights(SUPERUSER, manifest, "other")


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ({"server": {"major": 18}}, "comes from PostgreSQL 18, the target server is only 17"),
        ({"extensions": {"postgis": "3"}}, "extension postgis"),
    ],
)
def test_a_server_that_cannot_hold_it_is_refused(manifest: dict[str, t.Any], said: str) -> None:
    with pytest.raises(WebopsError, match=said):
        check_contents(SUPERUSER, {**MANIFEST, **manifest})


def test_a_newer_server_is_fine() -> None:
    check_contents(SUPERUSER, {**MANIFEST, "server": {"major": 14}})
