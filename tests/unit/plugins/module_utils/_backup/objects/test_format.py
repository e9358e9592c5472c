"""Listings, indexes and details: what is written can be read, and what is damaged is a sentence."""

from __future__ import annotations

import gzip
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import (
    Content,
    Details,
    Digests,
    Entry,
    Index,
    details_from,
    index_from,
    listing_from,
    packed_details,
    packed_index,
    packed_listing,
)
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from tests.unit.plugins.module_utils._backup.objects.buckets import seen

ENTRIES = [Entry("ä/ü\n ", 3, "2026-11-21T03:00:00Z", "run/000001.age", "run/a1"), Entry("b", 0, "2026-11-21T03:00:00Z", "run/000002.age")]
INDEX = Index({"run/000001.age": Content("run/000001.age", 3, 203, "ab", "cd", ("age1x",))}, {"mark": ("run/000001.age", None)})
DETAILS = Details({"run/000001.age": "ab"}, {"run/a1": {"content_type": "text/plain", "metadata": {"owner": "me"}}})
READERS: list[t.Callable[[bytes, str], t.Any]] = [listing_from, index_from, details_from]


def test_what_is_written_can_be_read() -> None:
    assert listing_from(packed_listing(ENTRIES), "x") == sorted(ENTRIES, key=lambda entry: entry.key)
    assert index_from(packed_index(INDEX), "x") == INDEX
    assert details_from(packed_details(DETAILS), "x") == DETAILS


def test_equal_content_is_equal_bytes() -> None:
    assert packed_listing(ENTRIES) == packed_listing(reversed(ENTRIES))


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "damaged",
    [b"no gzip", packed_listing(ENTRIES)[:-9], gzip.compress(b"no json\n"), gzip.compress(b'{"key": 1}\n'), gzip.compress(b"[]\n")],
    ids=["no gzip", "cut", "no JSON", "other keys", "no object"],
)
def test_what_is_damaged_is_named(read: t.Callable[[bytes, str], t.Any], damaged: bytes) -> None:
    with pytest.raises(WebopsError, match="The listing of X is damaged"):
        read(damaged, "The listing of X")


def test_with_a_key_nothing_in_the_index_is_a_plain_digest() -> None:
    plain, keyed = Digests(None), Digests("a secret of 16 letters")
    assert plain.digest("ab" * 32) == "ab" * 32
    assert keyed.digest("ab" * 32) != "ab" * 32
    assert keyed.mark(seen("a")) != plain.mark(seen("a"))
    assert (plain.method, keyed.method) == ("sha256", "hmac-sha256")
