"""Plans for buckets, without a storage."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.buckets import Change, plan, present_from, wanted_from

EMPTY: dict[str, t.Any] = {"public": None, "file_size_limit": None, "allowed_mime_types": None, "state": "present"}
PRIVATE = {"public": False, "file_size_limit": None, "allowed_mime_types": None}


def changes(present: list[dict[str, t.Any]], *listed: dict[str, t.Any]) -> list[Change]:
    return plan(present_from(present), wanted_from([{**EMPTY, **bucket} for bucket in listed]))


def test_a_new_bucket_is_private_unless_it_is_said_otherwise() -> None:
    assert changes([], {"name": "a"}) == [Change("create", "a", PRIVATE)]


def test_an_update_carries_what_the_task_leaves_alone() -> None:
    present = [{"name": "a", "public": True, "file_size_limit": 5, "allowed_mime_types": ["image/png", "image/gif"]}]
    wanted = {"public": True, "file_size_limit": 1024, "allowed_mime_types": ["image/gif", "image/png"]}
    assert changes(present, {"name": "a", "file_size_limit": "1kB"}) == [Change("update", "a", wanted)]


@pytest.mark.parametrize(
    "given",
    [{}, {"public": True}, {"file_size_limit": "5"}, {"allowed_mime_types": ["image/png", "image/gif", "image/png"]}],
)
def test_what_is_as_wanted_is_left_alone(given: dict[str, t.Any]) -> None:
    present: list[dict[str, t.Any]] = [{"name": "b"}, {**PRIVATE, "name": "a", "public": True, "file_size_limit": 5}]
    present[1]["allowed_mime_types"] = ["image/png", "image/gif"]
    assert changes(present, {"name": "a", **given}) == []


def test_only_what_shall_be_absent_is_removed() -> None:
    assert changes([{"name": "a"}, {"name": "b"}], {"name": "a", "state": "absent"}, {"name": "c", "state": "absent"}) == [
        Change("delete", "a", {})
    ]


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "x" * 101, "\u00fc"])
def test_names_that_storage_does_not_take_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"buckets\[0\].name"):
        changes([], {"name": name})
