"""Every kind of bucket gives back what was put in, with its attributes, and notices when it changes."""

from __future__ import annotations

import pathlib
import secrets
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import PIECE, Attributes
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import ChangedError, StoreError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_bucket
from tests.conformance.stores.conftest import make_place

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Bucket

ATTRIBUTES: Attributes = {
    "content_type": "text/plain",
    "cache_control": "max-age=60",
    "content_disposition": "attachment",
    "metadata": {"owner": "me"},
}
NAMES = ["a/one.txt", ".hidden/two", "ä ü/#?&%20.txt"]


BUCKETS = ("file", "moto", "rclone", "azurite", "fakegcs")


@pytest.fixture(params=BUCKETS)
def bucket(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Bucket:
    place = make_place(request, tmp_path)
    return open_bucket(place.url, place.options)


def put(bucket: Bucket, key: str, content: bytes, attributes: Attributes | None = None) -> None:
    pieces = (content[start : start + (1 << 20)] for start in range(0, len(content), 1 << 20))
    bucket.put(key, pieces, len(content), attributes or {})


def read(bucket: Bucket, key: str) -> tuple[bytes, Attributes]:
    seen = bucket.look(key)
    assert seen is not None
    fetched = bucket.fetch(seen)
    return b"".join(fetched.pieces), fetched.attributes


def test_what_is_put_in_comes_back_with_its_attributes(bucket: Bucket) -> None:
    for name in NAMES:
        put(bucket, name, name.encode(), ATTRIBUTES)
    put(bucket, "empty", b"")
    assert [(seen.key, seen.size) for seen in bucket.list()] == sorted([*((name, len(name.encode())) for name in NAMES), ("empty", 0)])
    for name in NAMES:
        content, attributes = read(bucket, name)
        assert content == name.encode()
        assert attributes == (ATTRIBUTES if bucket.keeps_attributes else {})
    assert read(bucket, "empty")[0] == b""


def test_a_listing_shows_what_looking_shows(bucket: Bucket) -> None:
    put(bucket, "a", b"content")
    [listed], looked = bucket.list(), bucket.look("a")
    assert looked is not None
    assert (listed.key, listed.size, listed.version) == (looked.key, looked.size, looked.version)
    assert int(listed.modified.timestamp()) == int(looked.modified.timestamp())


def test_a_large_object_comes_back_whole_and_is_written_over(bucket: Bucket) -> None:
    content = secrets.token_bytes(PIECE + 3)
    put(bucket, "large", b"small before", ATTRIBUTES)
    put(bucket, "large", content, ATTRIBUTES)
    back, attributes = read(bucket, "large")
    assert back == content
    assert attributes.get("metadata") == (ATTRIBUTES["metadata"] if bucket.keeps_attributes else None)


def test_an_object_that_changed_since_it_was_listed_is_not_mixed_up(bucket: Bucket) -> None:
    put(bucket, "a", b"first")
    [seen] = bucket.list()
    put(bucket, "a", b"other")
    with pytest.raises(ChangedError):
        b"".join(bucket.fetch(seen).pieces)


def test_what_was_removed_is_gone_and_removing_again_is_no_error(bucket: Bucket) -> None:
    put(bucket, "folder/a", b"content")
    [seen] = bucket.list()
    bucket.remove("folder/a")
    bucket.remove("folder/a")
    assert bucket.look("folder/a") is None
    with pytest.raises((NotFoundError, ChangedError)):
        b"".join(bucket.fetch(seen).pieces)


def test_pieces_that_end_with_an_error_leave_what_was_there(bucket: Bucket) -> None:
    def broken() -> t.Iterator[bytes]:
        yield secrets.token_bytes(PIECE)
        raise StoreError("The copy is damaged.")

    put(bucket, "a", b"before")
    with pytest.raises(StoreError):
        bucket.put("a", broken(), PIECE + 100, {})
    assert read(bucket, "a")[0] == b"before"
