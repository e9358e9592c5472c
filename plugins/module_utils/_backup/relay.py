# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One stream for several readers, each at its own pace.

The newest WINDOW bytes stay in memory, once for all. What a slower reader has not taken by then waits in the spool, a
ring in a file without a name. When that is full as well, the writer waits for the slowest reader; a reader for which it
waited too long is left behind.
"""

from __future__ import annotations

import collections
import os
import tempfile
import threading
import time

WINDOW = 2 << 20  # bytes
SPOOLED_PIECE = 256 << 10  # bytes that are read back at once: no more than what was put, because every reader holds some of them
POLL = 1.0  # seconds between two looks at who is late


class Spool:
    """The bytes from one offset of a stream to another in a ring of `capacity` bytes; OSError where the disk takes no more."""

    def __init__(self, folder: str | None, capacity: int) -> None:
        self.capacity = capacity
        self._file = tempfile.TemporaryFile(dir=folder, prefix="holdfast-spool-", buffering=0)  # noqa: SIM115  (closed by close)

    def write(self, offset: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            place = offset % self.capacity
            written = os.pwrite(self._file.fileno(), view[: self.capacity - place], place)
            view, offset = view[written:], offset + written

    def read(self, offset: int, size: int) -> bytes:
        """At most `size` bytes; fewer where the ring begins again."""
        place = offset % self.capacity
        return os.pread(self._file.fileno(), min(size, self.capacity - place), place)

    def close(self) -> None:
        self._file.close()


class Relay:
    """Written by one thread, read by `readers` threads under the numbers 0, 1, ..."""

    def __init__(self, readers: int, *, window: int = WINDOW, spool: Spool | None = None, patience: float = 300.0) -> None:
        self.problem: str | None = None  # what the spool's disk said when it took no more
        self._window = window
        self._spool = spool
        self._patience = patience
        self._positions = dict.fromkeys(range(readers), 0)
        self._taken_at = dict.fromkeys(range(readers), time.monotonic())
        self._pieces: collections.deque[bytes] = collections.deque()
        self._first = 0  # offset of the first byte in memory
        self._end = 0  # offset behind the last one
        self._closed = False
        lock = threading.Lock()
        # Two, so that a reader who took something wakes the writer and no other reader.
        self._arrived, self._left = threading.Condition(lock), threading.Condition(lock)

    def put(self, data: bytes) -> list[int]:
        """Take a piece as soon as there is room; returns the readers that were left behind for it."""
        late: list[int] = []
        with self._left:
            began = time.monotonic()
            while self._positions and not self._make_room(len(data)):
                if not self._left.wait(POLL):
                    late += self._leave_the_late(began)
            if self._positions:
                self._pieces.append(data)
                self._end += len(data)
                self._arrived.notify_all()
        return late

    def close(self) -> None:
        """The stream has ended well: `take` gives what is left, then b""."""
        with self._arrived:
            self._closed = True
            self._arrived.notify_all()

    def take(self, reader: int) -> bytes | None:
        """The next bytes for a reader; b"" at the end, None for one that was left behind."""
        with self._arrived:
            while reader in self._positions and self._positions[reader] == self._end and not self._closed:
                self._arrived.wait()
            if reader not in self._positions:
                return None
            piece = self._piece_at(self._positions[reader])
            self._positions[reader] += len(piece)
            self._taken_at[reader] = time.monotonic()
            self._forget()
            self._left.notify_all()
        return piece

    def position(self, reader: int) -> int:
        """How many bytes a reader has taken; 0 for one that is gone."""
        return self._positions.get(reader, 0)

    def leave(self, reader: int) -> None:
        """Nobody waits for this reader any more."""
        with self._left:
            self._leave(reader)

    def _leave(self, reader: int) -> None:
        """The reader itself may be waiting, and so may the writer for it."""
        self._positions.pop(reader, None)
        self._forget()
        self._arrived.notify_all()
        self._left.notify_all()

    def _make_room(self, size: int) -> bool:
        """Move what does not fit into memory to the spool; False while the slowest reader must go on first."""
        while self._pieces and self._end - self._first + size > self._window:
            if not self._spill(self._pieces[0]):
                return False
            self._first += len(self._pieces.popleft())
        return True

    def _spill(self, piece: bytes) -> bool:
        """Whether the oldest piece in memory is in the spool now."""
        slowest = min(self._positions.values())
        if self._spool is None or self._first + len(piece) - slowest > self._spool.capacity:
            return False
        try:
            self._spool.write(self._first, piece)
        except OSError as exc:  # what was spooled before can still be read; from here on the others wait
            self.problem = exc.strerror
            return False
        return True

    def _piece_at(self, position: int) -> bytes:
        if position < self._first and self._spool is not None:
            return self._spool.read(position, min(self._first - position, SPOOLED_PIECE))
        start = self._first
        for piece in self._pieces:
            if start + len(piece) > position:
                return piece[position - start :]
            start += len(piece)
        return b""

    def _forget(self) -> None:
        """Drop what every reader has taken."""
        slowest = min(self._positions.values(), default=self._end)
        while self._pieces and self._first + len(self._pieces[0]) <= slowest:
            self._first += len(self._pieces.popleft())

    def _leave_the_late(self, began: float) -> list[int]:
        """Those for which the writer has been waiting since `began`, and which took nothing for too long."""
        slowest, latest = min(self._positions.values()), time.monotonic() - self._patience
        late = [one for one, at in self._positions.items() if at == slowest and max(began, self._taken_at[one]) < latest]
        for reader in late:
            self._leave(reader)
        return late
