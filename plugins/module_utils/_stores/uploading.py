# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A streaming put in bounded memory: the caller feeds a short queue, one thread takes from it and stores."""

from __future__ import annotations

import collections
import contextlib
import queue
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errands import Errand
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import AlreadyExistsError, StoredObject, StoreError

MIB = 1 << 20
# Pieces that wait for the uploading thread; their size is the caller's (of backups 256 KiB).
WAITING_PIECES = 2
_END = b""


class StreamingStore(t.Protocol):
    """What an upload needs of its store, besides what every store has."""

    @property
    def url(self) -> str:
        """Where it is, without secrets."""

    def head(self, key: str) -> StoredObject | None:
        """What a listing would show of one object, None where there is none."""

    def put_whole(self, key: str, data: bytes) -> None:
        """Create a finished object in one request. Raises AlreadyExistsError."""

    def put_stream(self, key: str, pieces: t.Iterator[bytes], part_size: int) -> None:
        """Store what an iterator yields, invisible before its end; an exception of the iterator undoes it and goes on."""


class _AbortedError(Exception):
    """Raised inside the iterator that the store reads: makes it undo the upload."""


class QueuedUpload:
    """One object on its way. What fits into one part is created in one request, everything else goes part by part.

    Not every service can be told "only where there is none" for an upload in parts, so the key is looked at right before the
    last request. Two uploads that end in the same moment under one key are told apart only where the service does; the keys
    of backups are never used twice.
    """

    def __init__(self, store: StreamingStore, key: str, part_size: int) -> None:
        self._store = store
        self._key = key
        self._part_size = part_size
        self._written = 0
        self._pieces: queue.Queue[bytes | None] = queue.Queue(WAITING_PIECES)
        self._errand = Errand(f"upload {key}", self._run)

    def write(self, data: bytes) -> None:
        if data:
            self._written += len(data)
            self._offer(data)
            if not self._errand.is_running:
                self._finish()

    def commit(self) -> StoredObject:
        if self._written >= self._part_size and self._store.head(self._key) is not None:
            self.abort()
            raise AlreadyExistsError(f"{self._store.url} already has an object '{self._key}'.")
        self._offer(_END)
        self._finish()
        stored = self._store.head(self._key)
        if stored is None:
            raise StoreError(f"{self._store.url} confirmed the upload of '{self._key}', but does not show the object.")
        return stored

    def abort(self) -> None:
        self._offer(None)
        self._errand.wait()

    def _offer(self, piece: bytes | None) -> None:
        """Put a piece where the thread takes it, and give up when the thread has ended."""
        while self._errand.is_running:
            with contextlib.suppress(queue.Full):
                self._pieces.put(piece, timeout=0.2)
                return

    def _finish(self) -> None:
        try:
            self._errand.finish()
        except _AbortedError as exc:
            raise StoreError(f"The upload of '{self._key}' to {self._store.url} was aborted before.") from exc

    def _run(self) -> None:
        start: collections.deque[bytes] = collections.deque()
        size = 0
        for piece in self._take():
            start.append(piece)
            size += len(piece)
            if size >= self._part_size:
                self._store.put_stream(self._key, self._from(start), self._part_size)
                return
        self._store.put_whole(self._key, b"".join(start))

    def _from(self, start: collections.deque[bytes]) -> t.Iterator[bytes]:
        """What was taken already and all that follows, nothing of it copied or kept. No call of the store in here: obstore reads it in a
        thread that must not wait."""
        while start:
            yield start.popleft()
        yield from self._take()

    def _take(self) -> t.Iterator[bytes]:
        while True:
            piece = self._pieces.get()
            if piece is None:
                raise _AbortedError
            if piece == _END:
                return
            yield piece
