"""Names, the manifest's form, and the mark of a restored database."""

from __future__ import annotations

import dataclasses
import datetime
import json

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.filling import scratch_name
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical, parse_manifest, restore_by_hand
from ansible_collections.holdfast.webops.plugins.module_utils._backup.restoring import marked, with_mark
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import LONGEST_NAME, Shape
from tests.unit.plugins.module_utils._backup.manifests import some_manifest

MOMENT = datetime.datetime(2026, 11, 21, 23, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
ID = "20261121T223000Z-1a2b3c"
SHAPE = Shape("app", "UTF8", "C", "C")


def test_an_id_is_the_moment_in_utc_and_never_the_same_twice() -> None:
    ids = {naming.new_id(MOMENT) for _number in range(20)}
    assert len(ids) == 20
    assert all(one.startswith("20261121T223000Z-") and naming.is_id(one) for one in ids)


@pytest.mark.parametrize("text", ["", "latest", "20261121T223000Z", "20261121T223000Z-1A2B3C", "x20261121T223000Z-1a2b3c"])
def test_other_texts_are_no_ids(text: str) -> None:
    assert not naming.is_id(text)


@pytest.mark.parametrize("portal", ["", "-shop", "a/b", "..", "a b", "x" * 64])
def test_a_portal_that_is_no_name_is_refused(portal: str) -> None:
    with pytest.raises(InputError, match="is not a name"):
        naming.check_portal(portal)


def test_a_proof_is_told_from_other_objects() -> None:
    assert naming.is_proof(naming.proof_name(MOMENT))
    assert not any(naming.is_proof(name) for name in ("manifest.json", "proof-.json", "proof-x.json", f"proof-{ID}.json.age"))


def test_the_same_manifest_is_the_same_bytes() -> None:
    manifest = some_manifest(ID)
    assert canonical(dict(reversed(manifest.items()))) == canonical(manifest)
    assert parse_manifest(canonical(manifest), "it") == manifest


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is no JSON"),
        (b"[]", "it names no format"),
        (b'{"format": 2}', "has format 2; this version reads 1"),
        (canonical({**some_manifest(ID), "format": 1} | {"archive": None})[:-3], "it is no JSON"),
    ],
)
def test_what_is_no_manifest_of_ours_is_said(content: bytes, said: str) -> None:
    with pytest.raises(WebopsError, match=said):
        parse_manifest(content, "it")


def test_a_manifest_that_lacks_something_is_named_with_what_it_lacks() -> None:
    manifest = some_manifest(ID)
    del manifest["archive"], manifest["roles"]
    with pytest.raises(WebopsError, match="it lacks archive, roles"):
        parse_manifest(json.dumps(manifest).encode(), "it")


def test_restoring_by_hand_begins_with_the_key_only_where_there_is_one() -> None:
    assert restore_by_hand("database.dump.age")[0].startswith("age --decrypt")
    assert restore_by_hand("database.dump")[0].startswith("createdb")


@pytest.mark.parametrize("database", ["shop", "x" * 63, "ß" * 31])
def test_a_scratch_name_fits_and_says_what_it_is(database: str) -> None:
    name = scratch_name(database, "restore", MOMENT)
    assert len(name.encode()) <= LONGEST_NAME
    assert "_restore_20261121t223000z_" in name
    assert database.startswith(name.partition("_restore_")[0])


@pytest.mark.parametrize("comment", [None, "", "the shop", "two\nlines", "[in brackets]"])
def test_a_mark_is_read_back_and_the_comment_stays(comment: str | None) -> None:
    plain = Shape("app", "UTF8", "C", "C", comment=comment)
    assert marked(plain) == (comment or "", None)
    once = dataclasses.replace(plain, comment=with_mark(plain, ID))
    assert marked(once) == (comment or "", ID)
    again = dataclasses.replace(once, comment=with_mark(once, ID.replace("1a", "2b")))
    assert marked(again) == (comment or "", ID.replace("1a", "2b"))


def test_a_database_that_is_not_there_has_no_mark() -> None:
    assert marked(None) == ("", None)
