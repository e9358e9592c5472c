"""One stream to several stores: who must hold it, who is dropped, and what is left when it fails."""

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut, needed
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoreError
from tests.unit.plugins.module_utils._backup.places import MemoryStore


@pytest.mark.parametrize(
    ("require", "total", "enough"), [("all", 3, 3), ("quorum", 3, 2), ("quorum", 4, 3), ("quorum", 1, 1), ("any", 3, 1), ("all", 1, 1)]
)
def test_how_many_are_needed(require: str, total: int, enough: int) -> None:
    assert needed(require, total) == enough


def send(fan: FanOut) -> None:
    fan.open("a/database.dump", 100)
    fan.write(b"first ")
    fan.write(b"second")
    fan.commit()
    fan.publish("a/manifest.json", b"{}")


def test_all_stores_get_the_same() -> None:
    stores = [MemoryStore("one"), MemoryStore("two")]
    fan = FanOut(stores, "all")
    send(fan)
    assert all(store.objects == {"a/database.dump": b"first second", "a/manifest.json": b"{}"} for store in stores)
    assert (fan.size, fan.sha256) == (12, hashlib.sha256(b"first second").hexdigest())


@pytest.mark.parametrize("moment", ["upload", "write", "commit", "create", "all bytes"])
def test_a_store_that_fails_is_dropped_while_enough_are_left(moment: str) -> None:
    good, bad = MemoryStore("good"), MemoryStore("bad", fails=[moment])
    fan = FanOut([bad, good], "any")
    send(fan)
    assert [destination.store.url for destination in fan.alive] == ["memory://good"]
    assert set(good.objects) == {"a/database.dump", "a/manifest.json"}
    fan.abort()
    assert set(good.objects) == {"a/database.dump", "a/manifest.json"}
    assert "a/manifest.json" not in bad.objects
    assert "a/database.dump" not in bad.objects or moment == "create"


@pytest.mark.parametrize("moment", ["upload", "write", "commit", "all bytes"])
def test_nothing_is_left_anywhere_when_too_few_are_left_before_a_manifest(moment: str) -> None:
    good, bad = MemoryStore("good"), MemoryStore("bad", fails=[moment])
    fan = FanOut([good, bad], "all")
    with pytest.raises(StoreError, match="1 of 2 destinations are left, 2 are required"):
        send(fan)
    fan.abort()
    assert (good.objects, bad.objects) == ({}, {})


def test_an_archive_whose_manifest_may_have_arrived_is_not_taken_away() -> None:
    good, bad = MemoryStore("good"), MemoryStore("bad", fails=["create"])
    fan = FanOut([good, bad], "all")
    with pytest.raises(StoreError, match="memory://bad refuses to create"):
        send(fan)
    fan.abort()
    assert set(good.objects) == {"a/database.dump", "a/manifest.json"}
    assert set(bad.objects) == {"a/database.dump"}


def test_an_error_names_every_store_that_failed() -> None:
    stores = [MemoryStore("one", fails=["write"]), MemoryStore("two"), MemoryStore("three", fails=["write"])]
    fan = FanOut(stores, "quorum")
    with pytest.raises(StoreError) as caught:
        send(fan)
    assert caught.value.details == {"failed_destinations": ["memory://one", "memory://three"]}
