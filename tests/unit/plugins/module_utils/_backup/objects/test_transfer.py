"""From objects to stored contents: each content once, whatever happens to the source and the destinations meanwhile."""

from __future__ import annotations

import hashlib
import threading
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects import transfer as transfer_module
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.fleet import Fleet
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import Content, Digests, details_from
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.known import Known
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.transfer import Transfer
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Fetched
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject, StoreError
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._backup.objects.buckets import MemoryBucket
from tests.unit.plugins.module_utils._backup.places import MemoryStore

if t.TYPE_CHECKING:
    from collections.abc import Callable

RUN = "20261121T030000Z-1a2b3c"


def transfer_of(bucket: MemoryBucket, *stores: MemoryStore, known: Known | None = None, require: str = "all") -> Transfer:
    """Without encryption, so that what is stored can be looked at."""
    fleet = Fleet(stores, require, Deadline(FakeClock(), 60.0), 2)
    return Transfer("shop", RUN, bucket, fleet, known or Known({}, dict), Digests(None), (), Commands())


def contents(store: MemoryStore) -> list[bytes]:
    return [data for key, data in sorted(store.objects.items()) if not key.endswith("details.jsonl.gz")]


def test_equal_contents_are_stored_once_in_every_destination() -> None:
    bucket, one, two = MemoryBucket(a=b"same", b=b"same", c=b"other"), MemoryStore("one"), MemoryStore("two")
    transfer = transfer_of(bucket, one, two)
    taken = transfer.take_all(list(bucket.list()), 8)
    assert sorted(contents(one)) == sorted(contents(two)) == [b"other", b"same"]
    named = {entry.key: entry.content for entry, _mark in taken}
    assert named["a"] == named["b"] != named["c"]
    assert (transfer.counter.objects, transfer.counter.contents) == (3, 2)


@pytest.mark.parametrize("small", [4 << 20, 1], ids=["in memory", "streamed"])
def test_what_an_earlier_snapshot_has_is_not_stored_again(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_module, "SMALL", small)
    digest = hashlib.sha256(b"known").hexdigest()
    old = Content("old/000001", 5, 5, digest, digest)
    details = Content("old/details.jsonl.gz", 1, 1, "", "")
    older: Callable[[], dict[str, Content]] = lambda: {one.name: one for one in (old, details)}  # noqa: E731
    bucket, store = MemoryBucket(a=b"known", b=b"fresh"), MemoryStore()
    taken = transfer_of(bucket, store, known=Known({}, older)).take_all(list(bucket.list()), 1)
    assert next(entry.content for entry, _mark in taken) == "old/000001"
    assert contents(store) == [b"fresh"]


def test_large_objects_are_streamed_and_described_like_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_module, "SMALL", 1)
    bucket, store = MemoryBucket(large=b"0123456789"), MemoryStore()
    known = Known({}, dict)
    transfer = transfer_of(bucket, store, known=known)
    [(entry, _mark)] = transfer.take_all(list(bucket.list()), 1)
    content = known.contents[entry.content]
    assert contents(store) == [b"0123456789"]
    assert (content.size, content.stored, content.sha256) == (10, 10, hashlib.sha256(b"0123456789").hexdigest())


def test_an_object_that_changes_while_it_is_read_is_read_again() -> None:
    bucket, store = MemoryBucket(a=b"old"), MemoryStore()
    listed = list(bucket.list())
    bucket.objects["a"] = b"newer"
    [(entry, _mark)] = transfer_of(bucket, store).take_all(listed, 1)
    assert (entry.size, contents(store)) == (5, [b"newer"])


def test_what_another_thread_stored_meanwhile_is_not_kept_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_module, "SMALL", 1)
    known, digest = Known({}, dict), hashlib.sha256(b"twice").hexdigest()

    class Busy(MemoryBucket):
        def fetch(self, seen: StoredObject) -> Fetched:
            known.add(Content("other/000001", 5, 5, digest, digest))
            return super().fetch(seen)

    bucket, store = Busy(a=b"twice"), MemoryStore()
    [(entry, _mark)] = transfer_of(bucket, store, known=known).take_all(list(bucket.list()), 1)
    assert (entry.content, store.objects, store.under_way) == ("other/000001", {}, [])


def test_of_a_stream_that_ends_too_early_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_module, "SMALL", 1)

    class Cut(MemoryBucket):
        def fetch(self, seen: StoredObject) -> Fetched:
            return Fetched({}, iter([self.objects[seen.key][:-1]]))

    bucket, store = Cut(a=b"whole"), MemoryStore()
    with pytest.raises(WebopsError, match="memory://bucket/a was changed 3 times"):
        transfer_of(bucket, store).take_all(list(bucket.list()), 1)
    assert (store.objects, store.under_way) == ({}, [])


def test_an_object_that_never_rests_ends_the_run() -> None:
    class Restless(MemoryBucket):
        def look(self, key: str) -> t.Any:
            self.objects[key] += b"x"
            stale = super().look(key)
            self.objects[key] += b"x"
            return stale

    bucket = Restless(a=b"old")
    listed = list(bucket.list())
    bucket.objects["a"] = b"newer"
    with pytest.raises(WebopsError, match="memory://bucket/a was changed 3 times"):
        transfer_of(bucket, MemoryStore()).take_all(listed, 1)


def test_an_object_that_is_gone_is_left_out_and_named() -> None:
    bucket = MemoryBucket(a=b"a", b=b"b")
    listed = list(bucket.list())
    bucket.remove("a")
    transfer = transfer_of(bucket, MemoryStore())
    assert [entry.key for entry, _mark in transfer.take_all(listed, 1)] == ["b"]
    assert transfer.vanished == ["a"]


@pytest.mark.parametrize("small", [4 << 20, 1], ids=["in memory", "streamed"])
def test_a_destination_that_fails_is_out_and_the_others_go_on(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_module, "SMALL", small)
    bucket, good, bad = MemoryBucket(a=b"aa", b=b"bb"), MemoryStore("good"), MemoryStore("bad", fails=["commit"])
    transfer_of(bucket, good, bad, require="any").take_all(list(bucket.list()), 1)
    assert (contents(good), contents(bad)) == ([b"aa", b"bb"], [])
    assert (len(good.uploads), len(bad.uploads)) == (2, 1)
    with pytest.raises(StoreError, match=r"1 of 2 destinations are left, 2 are required\. memory://bad refuses to commit"):
        transfer_of(bucket, good, bad).take_all(list(bucket.list()), 1)


def test_a_destination_that_keeps_only_a_part_is_found_out() -> None:
    with pytest.raises(StoreError, match=r"memory://lossy shows 3 bytes of .*, 4 were sent"):
        transfer_of(MemoryBucket(a=b"four"), MemoryStore("lossy", fails=["all bytes"])).take_all(list(MemoryBucket(a=b"four").list()), 1)


def test_details_hold_digests_and_shared_attributes() -> None:
    bucket, store = MemoryBucket(a=b"a", b=b"b", c=b"c"), MemoryStore()
    bucket.attributes = {"a": {"content_type": "text/plain"}, "b": {"content_type": "text/plain"}}
    transfer = transfer_of(bucket, store)
    taken = {entry.key: entry for entry, _mark in transfer.take_all(list(bucket.list()), 1)}
    transfer.store_details()
    details = details_from(store.objects[f"shop/contents/{RUN}/details.jsonl.gz"], "details")
    assert details.attributes == {f"{RUN}/a1": {"content_type": "text/plain"}}
    assert taken["a"].attributes == taken["b"].attributes == f"{RUN}/a1"
    assert taken["c"].attributes is None
    assert details.sha256[taken["c"].content] == hashlib.sha256(b"c").hexdigest()


def test_no_object_is_begun_after_the_time_is_over() -> None:
    clock, bucket, store = FakeClock(), MemoryBucket(a=b"a"), MemoryStore()
    fleet = Fleet([store], "all", Deadline(clock, 60.0), 1)
    clock.pass_by(61.0)
    with pytest.raises(DeadlineError, match="wait_timeout"):
        Transfer("shop", RUN, bucket, fleet, Known({}, dict), Digests(None), (), Commands()).take_all(list(bucket.list()), 1)
    assert (bucket.reads, store.objects) == ([], {})


def test_of_several_threads_that_want_a_new_content_one_makes_it() -> None:
    known, making, begun, made = Known({}, dict), threading.Event(), threading.Event(), []

    def make() -> Content:
        begun.set()
        assert making.wait(60)
        made.append(1)
        return Content("new/000001", 1, 1, "", "digest")

    results: list[Content] = []
    first = threading.Thread(target=lambda: results.append(known.get("digest", make)))
    first.start()
    assert begun.wait(60)
    second = threading.Thread(target=lambda: results.append(known.get("digest", make)))
    second.start()
    making.set()
    for thread in (first, second):
        thread.join(60)
    assert (len(made), [content.name for content in results]) == (1, ["new/000001"] * 2)


def test_a_content_that_could_not_be_made_is_made_by_the_next_who_wants_it() -> None:
    known = Known({}, dict)

    def fail() -> Content:
        raise StoreError("not now")

    with pytest.raises(StoreError, match="not now"):
        known.get("digest", fail)
    assert known.get("digest", lambda: Content("new/000002", 1, 1, "", "digest")).name == "new/000002"
    assert known.get("digest", fail).name == "new/000002"
