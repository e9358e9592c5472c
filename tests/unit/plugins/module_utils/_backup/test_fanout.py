"""One stream to several stores: who must hold it, who is dropped, and what is left when it fails."""

from __future__ import annotations

import hashlib
import threading
import time

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut, Pace, needed
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.errands import Errand
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoreError
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._backup.places import MemoryStore


@pytest.mark.parametrize(
    ("require", "total", "enough"), [("all", 3, 3), ("quorum", 3, 2), ("quorum", 4, 3), ("quorum", 1, 1), ("any", 3, 1), ("all", 1, 1)]
)
def test_how_many_are_needed(require: str, total: int, enough: int) -> None:
    assert needed(require, total) == enough


def fan_out(stores: list[MemoryStore], require: str, **pace: float) -> FanOut:
    return FanOut(stores, require, Deadline(SystemClock(), 60), Pace(**pace))  # type: ignore[arg-type]


class OverAfter(FakeClock):
    """Its time is over as soon as an errand has ended."""

    errand: Errand | None = None

    def monotonic(self) -> float:
        return 0.0 if self.errand is None or self.errand.is_running else 61.0


class SlowStore(MemoryStore):
    """Needs a moment to finish what it took."""

    def check(self, what: str) -> None:
        if what == "commit":
            time.sleep(0.2)


class BrokenStore(MemoryStore):
    """Fails in a way that nobody thought of."""

    def check(self, what: str) -> None:
        if what in self.fails:
            raise ZeroDivisionError(what)


def send(fan: FanOut) -> None:
    fan.open("a/database.dump", 100)
    fan.write(b"first ")
    fan.write(b"second")
    fan.commit()
    fan.publish("a/manifest.json", b"{}")


def test_all_stores_get_the_same() -> None:
    stores = [MemoryStore("one"), MemoryStore("two")]
    fan = fan_out(stores, "all")
    send(fan)
    assert all(store.objects == {"a/database.dump": b"first second", "a/manifest.json": b"{}"} for store in stores)
    assert (fan.size, fan.sha256) == (12, hashlib.sha256(b"first second").hexdigest())


@pytest.mark.parametrize("moment", ["upload", "write", "commit", "create", "all bytes"])
def test_a_store_that_fails_is_dropped_while_enough_are_left(moment: str) -> None:
    good, bad = MemoryStore("good"), MemoryStore("bad", fails=[moment])
    fan = fan_out([bad, good], "any")
    send(fan)
    assert [destination.store.url for destination in fan.alive] == ["memory://good"]
    assert set(good.objects) == {"a/database.dump", "a/manifest.json"}
    fan.abort()
    assert set(good.objects) == {"a/database.dump", "a/manifest.json"}
    assert "a/manifest.json" not in bad.objects
    assert "a/database.dump" not in bad.objects or moment == "create"


def test_what_a_store_had_taken_before_it_failed_is_forgotten_and_nobody_waits_for_it() -> None:
    good, bad = MemoryStore("good"), MemoryStore("bad", fails=["write"])
    fan = fan_out([bad, good], "any")
    fan.open("a/database.dump", 100)
    for _number in range(5):  # more than may wait in memory
        fan.write(bytes(1 << 20))
    fan.commit()
    wait_until(lambda: not bad.under_way, clock=SystemClock(), timeout=60, interval=0.01, what="the bad store")
    assert len(good.objects["a/database.dump"]) == 5 << 20


@pytest.mark.parametrize("moment", ["upload", "write", "commit", "all bytes"])
def test_nothing_is_left_anywhere_when_too_few_are_left_before_a_manifest(moment: str) -> None:
    good, bad = MemoryStore("good"), MemoryStore("bad", fails=[moment])
    fan = fan_out([good, bad], "all")
    with pytest.raises(StoreError, match="1 of 2 destinations are left, 2 are required"):
        send(fan)
    fan.abort()
    assert (good.objects, bad.objects) == ({}, {})
    assert (good.under_way, bad.under_way) == ([], [])


@pytest.mark.parametrize("moment", ["upload", "write", "commit"])
def test_a_fault_of_ours_is_no_failure_of_a_store(moment: str) -> None:
    good, broken = MemoryStore("good"), BrokenStore("broken", fails=[moment])
    fan = fan_out([good, broken], "any")
    with pytest.raises(ZeroDivisionError, match=moment):
        send(fan)
    fan.abort()
    assert (good.objects, broken.objects) == ({}, {})


def test_an_archive_whose_manifest_may_have_arrived_is_not_taken_away() -> None:
    good, bad = MemoryStore("good"), MemoryStore("bad", fails=["create"])
    fan = fan_out([good, bad], "all")
    with pytest.raises(StoreError, match="memory://bad refuses to create"):
        send(fan)
    fan.abort()
    assert set(good.objects) == {"a/database.dump", "a/manifest.json"}
    assert set(bad.objects) == {"a/database.dump"}


def test_an_error_names_every_store_that_failed() -> None:
    stores = [MemoryStore("one", fails=["write"]), MemoryStore("two"), MemoryStore("three", fails=["write"])]
    fan = fan_out(stores, "quorum")
    with pytest.raises(StoreError) as caught:
        send(fan)
    assert caught.value.details == {"failed_destinations": ["memory://one", "memory://three"]}


def test_a_store_that_hangs_is_dropped_and_the_others_go_on() -> None:
    good, stuck = MemoryStore("good"), MemoryStore("stuck", stalls=threading.Event())
    fan = fan_out([good, stuck], "any", stall_timeout=0.1)
    fan.open("a/database.dump", 100)
    piece = bytes(1 << 20)
    for _number in range(2):
        fan.write(piece)
    # So that this one is not among those for which the writer waits.
    wait_until(lambda: fan.taken()[good.url] == 2 * len(piece), clock=SystemClock(), timeout=60, interval=0.01, what="the good store")
    for _number in range(8):  # more than may wait in memory
        fan.write(piece)
    fan.commit()
    fan.publish("a/manifest.json", b"{}")
    assert set(good.objects) == {"a/database.dump", "a/manifest.json"}
    assert "memory://stuck took nothing for 0.1 s while the others waited for it" in str(fan.destinations[1].error)
    stuck.stalls.set()
    fan.abort()
    assert stuck.objects == {}


def test_a_store_that_is_not_done_in_time_is_dropped() -> None:
    good, stuck = SlowStore("good"), MemoryStore("stuck", stalls=threading.Event())
    clock = OverAfter()
    fan = FanOut([good, stuck], "any", Deadline(clock, 60))
    fan.open("a/database.dump", 100)
    fan.write(b"all")
    clock.errand = fan._lanes[0]
    fan.commit()
    fan.publish("a/manifest.json", b"{}")
    assert clock.monotonic() > 60
    assert [destination.store.url for destination in fan.alive] == ["memory://good"]
    assert set(good.objects) == {"a/database.dump", "a/manifest.json"}
    assert "had not taken everything when the time was over" in str(fan.destinations[1].error)
    stuck.stalls.set()
    fan.abort()


def test_a_manifest_whose_answer_was_lost_is_ours_when_it_is_equal() -> None:
    store = MemoryStore("one")
    fan = fan_out([store], "all")
    store.objects["a/manifest.json"] = b"{}"  # arrived, and then the connection broke: the store says that it exists
    fan.publish("a/manifest.json", b"{}")
    assert fan.alive


def test_what_was_added_goes_away_with_an_archive_that_gets_no_manifest() -> None:
    store = MemoryStore("one")
    fan = fan_out([store], "all")
    fan.open("a/database.dump", 100)
    fan.write(b"all")
    fan.commit()
    fan.add("a/globals.sql", b"roles")
    assert set(store.objects) == {"a/database.dump", "a/globals.sql"}
    fan.abort()
    assert store.objects == {}
