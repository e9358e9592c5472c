"""What a backup of a bucket reads, and what it keeps."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import Content, Digests, Index, entry_of
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.planning import (
    Changes,
    changes,
    details_name,
    index_of,
    plan,
    usable_contents,
)
from tests.unit.plugins.module_utils._backup.objects.buckets import seen

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject

RUN = "20261121T030000Z-1a2b3c"
PLAIN = Digests(None)


def content(name: str, stored: int = 100, recipients: tuple[str, ...] = ("age1x",)) -> Content:
    return Content(f"{RUN}/{name}", 1, stored, "sha", "" if name.startswith("details") else name, recipients)


DETAILS = content("details.jsonl.gz.age")


def snapshot_of(*objects: StoredObject) -> Index:
    """Each object with a content of its own."""
    contents = {one.name: one for one in (DETAILS, *(content(f"{number:06}.age") for number, _object in enumerate(objects)))}
    entries = [(entry_of(one, f"{RUN}/{number:06}.age", None), PLAIN.mark(one)) for number, one in enumerate(objects)]
    return index_of(entries, contents)


def keys(objects: t.Iterable[t.Any]) -> list[str]:
    return [one.key for one in objects]


@pytest.mark.parametrize(
    "now",
    [seen("a", version="2"), seen("a", size=2), seen("b")],
    ids=["another version", "another size", "another key"],
)
def test_only_what_looks_as_before_is_not_read(now: StoredObject) -> None:
    base = snapshot_of(seen("a"), seen("c"))
    planned = plan([now, seen("c")], base, base.contents, PLAIN, "unchanged")
    assert (keys(planned.reading), keys(planned.kept)) == ([now.key], ["c"])


@pytest.mark.parametrize("reuse", ["content", "nothing"])
def test_everything_is_read_where_listings_are_not_trusted(reuse: str) -> None:
    base = snapshot_of(seen("a"))
    assert keys(plan([seen("a")], base, base.contents, PLAIN, reuse).reading) == ["a"]


def test_an_object_whose_content_or_details_are_lost_is_read_again() -> None:
    base = snapshot_of(seen("a"), seen("b"))
    lost = {name: one for name, one in base.contents.items() if not name.endswith("000000.age")}
    assert keys(plan([seen("a"), seen("b")], base, lost, PLAIN, "unchanged").reading) == ["a"]
    lost = {name: one for name, one in base.contents.items() if name != details_name(RUN, encrypted=True)}
    assert keys(plan([seen("a"), seen("b")], base, lost, PLAIN, "unchanged").reading) == ["a", "b"]


def test_a_content_is_of_use_only_whole_everywhere_and_for_the_same_recipients() -> None:
    index = snapshot_of(seen("a"))
    name = f"{RUN}/000000.age"
    whole, half = {name: 100, DETAILS.name: 100}, {name: 99, DETAILS.name: 100}
    assert set(usable_contents([index], [whole, whole], ["age1x"])) == {name, DETAILS.name}
    assert set(usable_contents([index], [whole, half], ["age1x"])) == {DETAILS.name}
    assert usable_contents([index], [whole, {}], ["age1x"]) == {}
    assert usable_contents([index], [whole], ["age1x", "age1y"]) == {}


def test_an_object_that_changed_is_new_and_gone() -> None:
    base = snapshot_of(seen("a"), seen("b"), seen("c"))
    assert changes([seen("a"), seen("b", version="2"), seen("d")], base, PLAIN) == Changes(new=2, gone=2, unchanged=1)


def test_an_object_more_or_less_is_a_change() -> None:
    assert Changes(new=1, gone=0, unchanged=5).any
    assert Changes(new=0, gone=1, unchanged=5).any
    assert not Changes(new=0, gone=0, unchanged=5).any


def test_with_another_digest_key_everything_is_read_again() -> None:
    base = snapshot_of(seen("a"))
    assert keys(plan([seen("a")], base, base.contents, Digests("another secret key"), "unchanged").reading) == ["a"]


@given(st.sets(st.text(min_size=1, max_size=4)), st.sets(st.text(min_size=1, max_size=4)))
def test_every_object_is_either_kept_or_read(before: set[str], now: set[str]) -> None:
    base = snapshot_of(*map(seen, sorted(before)))
    planned = plan([seen(key) for key in sorted(now)], base, base.contents, PLAIN, "unchanged")
    assert sorted(keys(planned.kept) + keys(planned.reading)) == sorted(now)
    assert set(keys(planned.kept)) == before & now
