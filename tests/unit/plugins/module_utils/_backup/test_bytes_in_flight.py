"""How many bytes of an archive are in memory at once: as many for a large database as for a small one."""

from __future__ import annotations

import datetime
import threading
import tracemalloc
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import PIECE
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut, Pace
from ansible_collections.holdfast.webops.plugins.module_utils._backup.relay import Relay, Spool
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject
from ansible_collections.holdfast.webops.plugins.module_utils._stores.uploading import MIB, QueuedUpload
from tests.unit.plugins.module_utils._backup.places import MemoryStore

if t.TYPE_CHECKING:
    from pathlib import Path

TOO_LONG = 60.0
PART = MIB
LANES = 3
# The window for all; per lane two waiting pieces, the one it offers, the one its store looks at, and before that its first part.
MOST = 9 * MIB


class StuckStore(MemoryStore):
    """Takes nothing until it may, and then keeps nothing but the number of bytes."""

    def __init__(self, name: str, may_go_on: threading.Event) -> None:
        super().__init__(name)
        self._may_go_on = may_go_on
        self.taken = 0

    def upload(self, key: str, *, expected_size: int = 0) -> QueuedUpload:  # type: ignore[override]
        return QueuedUpload(self, key, PART)

    def head(self, key: str) -> StoredObject | None:
        return StoredObject(key, self.taken, datetime.datetime.now(datetime.timezone.utc), "") if self.taken else None

    def put_whole(self, key: str, data: bytes) -> None:
        raise AssertionError(f"{len(data)} bytes of {key} are more than a part.")

    def put_stream(self, key: str, pieces: t.Iterator[bytes], part_size: int) -> None:
        assert self._may_go_on.wait(TOO_LONG)
        size = sum(len(piece) for piece in pieces)
        self.taken = size


@pytest.mark.parametrize("pieces", [64, 256])
def test_slow_destinations_hold_no_more_of_a_larger_archive(pieces: int, tmp_path: Path) -> None:
    may_go_on = threading.Event()
    stores = [StuckStore(str(number), may_go_on) for number in range(LANES)]
    tracemalloc.start()
    try:
        fan = FanOut(stores, "all", Deadline(SystemClock(), TOO_LONG), Pace(spool_size=pieces * PIECE, spool_dir=str(tmp_path)))
        fan.open("a/database.dump", pieces * PIECE)
        for number in range(pieces):
            fan.write(bytes([number % 251]) * PIECE)
        may_go_on.set()
        fan.commit()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        fan.abort()
    assert [store.taken for store in stores] == [pieces * PIECE] * LANES
    assert peak <= MOST, f"{peak / MIB:.1f} MiB, {MOST / MIB:.1f} are allowed"


def test_what_waited_in_the_spool_comes_back_in_pieces_as_small_as_it_went_in(tmp_path: Path) -> None:
    relay = Relay(1, window=PIECE, spool=Spool(str(tmp_path), 8 * PIECE))
    for _number in range(8):
        relay.put(bytes(PIECE))
    relay.close()
    assert [len(relay.take(0) or b"") for _number in range(9)] == [PIECE] * 8 + [0]
