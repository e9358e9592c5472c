"""One stream for readers of different pace: nobody misses a byte, nobody is waited for without end, memory stays bounded."""

from __future__ import annotations

import errno
import threading
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup import relay as relay_module
from ansible_collections.holdfast.webops.plugins.module_utils._backup.relay import Relay, Spool

if t.TYPE_CHECKING:
    from pathlib import Path

TOO_LONG = 60.0


def in_thread(act: t.Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def drain(relay: Relay, reader: int) -> bytes:
    taken = b""
    piece = relay.take(reader)
    while piece:
        taken += piece
        piece = relay.take(reader)
    return taken


def pieces(count: int) -> list[bytes]:
    return [bytes([number % 251]) * 10 for number in range(count)]


def test_every_reader_gets_every_byte_in_order() -> None:
    relay, found = Relay(2), dict[int, bytes]()
    readers = [in_thread(lambda number=number: found.__setitem__(number, drain(relay, number))) for number in range(2)]  # type: ignore[misc]
    for piece in pieces(100):
        assert relay.put(piece) == []
    relay.close()
    for reader in readers:
        reader.join(TOO_LONG)
    assert found == {0: b"".join(pieces(100)), 1: b"".join(pieces(100))}


def test_a_fast_reader_is_far_ahead_of_a_slow_one_because_of_the_spool(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path), 1000)
    relay = Relay(2, window=50, spool=spool)
    for piece in pieces(100):  # 1,000 bytes; nobody reads yet
        relay.put(piece)
    assert list(tmp_path.iterdir()) == [], "the spool has no name"
    relay.close()
    assert drain(relay, 0) == drain(relay, 1) == b"".join(pieces(100))


def test_the_ring_of_the_spool_is_used_again_and_again(tmp_path: Path) -> None:
    relay = Relay(1, window=20, spool=Spool(str(tmp_path), 70))
    taken = b""
    for number, piece in enumerate(pieces(500)):
        relay.put(piece)
        if number >= 6:
            taken += relay.take(0) or b""
    relay.close()
    assert taken + drain(relay, 0) == b"".join(pieces(500))


def test_the_writer_waits_for_the_slowest_when_window_and_spool_are_full(tmp_path: Path) -> None:
    relay, put = Relay(1, window=20, spool=Spool(str(tmp_path), 30)), list[int]()

    def write() -> None:
        for number, piece in enumerate(pieces(20)):
            relay.put(piece)
            put.append(number)
        relay.close()

    writer = in_thread(write)
    writer.join(0.2)
    assert len(put) == 5, "20 bytes in memory and 30 in the spool"
    assert drain(relay, 0) == b"".join(pieces(20))
    writer.join(TOO_LONG)
    assert len(put) == 20


def test_a_reader_that_takes_nothing_is_left_behind_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "POLL", 0.01)
    relay, taken = Relay(2, window=20, patience=0.05), list[bytes]()
    reader = in_thread(lambda: taken.append(drain(relay, 0)))
    late = [number for piece in pieces(10) for number in relay.put(piece)]
    relay.close()
    reader.join(TOO_LONG)
    assert (late, taken) == ([1], [b"".join(pieces(10))])
    assert relay.take(1) is None


def test_nobody_is_late_who_had_nothing_to_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "POLL", 0.01)
    relay = Relay(1, window=20, patience=TOO_LONG)
    relay._taken_at[0] -= 10 * TOO_LONG  # the dump was silent for that long
    writer = in_thread(lambda: [relay.put(piece) for piece in pieces(3)])
    writer.join(0.1)
    assert relay.take(0) == pieces(1)[0]


def test_a_spool_whose_disk_is_full_only_makes_the_writer_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(str(tmp_path), 1000)

    def full(offset: int, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool, "write", full)
    relay = Relay(1, window=20, spool=spool)
    writer = in_thread(lambda: [relay.put(piece) for piece in pieces(50)])
    taken = b""
    while len(taken) < 500:
        taken += relay.take(0) or b""
    writer.join(TOO_LONG)
    assert taken == b"".join(pieces(50))
    assert relay.problem == "No space left on device"


def test_the_writer_goes_on_when_the_last_reader_has_left() -> None:
    relay = Relay(1, window=20)
    writer = in_thread(lambda: [relay.put(piece) for piece in pieces(50)])
    relay.leave(0)
    writer.join(TOO_LONG)
    assert not writer.is_alive()
