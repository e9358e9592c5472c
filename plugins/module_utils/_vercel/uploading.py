# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sending what Vercel lacks, several files at a time and each content once."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import os
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import Progress
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.archive import Part
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.tree import LINK, Entry, Tree, changed, open_file, stamp_of

# Up to here a file is sent from memory and hashed once more; larger ones stream from the disk.
SMALL = 256 * 1024


@dataclasses.dataclass(frozen=True)
class Source:
    """One content to send. `body` gives it from its beginning, as often as it is asked."""

    path: str
    size: int
    sha1: str
    body: t.Callable[[], t.Any]


@dataclasses.dataclass
class Sent:
    """What went over the line."""

    files: int = 0
    size: int = 0


def sources_of(tree: Tree) -> dict[str, Source]:
    """Each content of a tree by its digest."""
    return {entry.sha1: Source(entry.path, entry.size, entry.sha1, _body(tree, entry)) for entry in tree.entries}


def sources_of_archive(file: t.BinaryIO, parts: t.Iterable[Part]) -> dict[str, Source]:
    """The same for the parts of an archive."""
    return {part.sha1: Source(part.path, part.size, part.sha1, _slice(file, part)) for part in parts}


class Uploader:
    """Sends contents by their digests and counts what it sent."""

    def __init__(self, api: Api, sources: t.Mapping[str, Source], parallel: int, progress: Progress) -> None:
        self.sent = Sent()
        self._api = api
        self._sources = sources
        self._parallel = parallel
        self._progress = progress
        self._lock = threading.Lock()
        self._stopped = False

    def send(self, missing: t.Iterable[str]) -> None:
        """Send these; the first failure stops the others, and is raised."""
        waiting = iter([self._source(sha1) for sha1 in missing])
        with concurrent.futures.ThreadPoolExecutor(self._parallel) as pool:
            workers = [pool.submit(self._work, waiting) for number in range(self._parallel)]
        for worker in workers:
            worker.result()

    def _source(self, sha1: str) -> Source:
        try:
            return self._sources[sha1]
        except KeyError:
            raise WebopsError(f"Vercel asks for a file of the digest {sha1}, which was not offered.", hint="Run the task again.") from None

    def _work(self, waiting: t.Iterator[Source]) -> None:
        while True:
            with self._lock:
                source = None if self._stopped else next(waiting, None)
            if source is None:
                return
            done = False
            try:
                self._upload(source)
                done = True
            finally:
                self._stopped = self._stopped or not done

    def _upload(self, source: Source) -> None:
        headers = {"Content-Type": "application/octet-stream", "x-vercel-digest": source.sha1, "Content-Length": str(source.size)}
        self._api.upload(f"take the file {source.path}", "/v2/files", headers, source.body)
        with self._lock:
            self.sent.files += 1
            self.sent.size += source.size
        if self._progress.due:
            self._progress.show(f"{self.sent.files} files uploaded, {self.sent.size / 1e6:.1f} MB")


def _body(tree: Tree, entry: Entry) -> t.Callable[[], t.Any]:
    if entry.path in tree.laid:
        return lambda: tree.laid[entry.path]
    full = os.path.join(tree.root, entry.path)
    if entry.mode == LINK:
        return lambda: _checked(entry, os.fsencode(os.readlink(full)))
    if entry.size > SMALL:
        return lambda: _opened(full, entry)
    return lambda: _checked(entry, _content(full))


def _content(full: str) -> bytes:
    with open_file(full) as file:
        return file.read(SMALL + 1)


def _checked(entry: Entry, content: bytes) -> bytes:
    if hashlib.sha1(content, usedforsecurity=False).hexdigest() != entry.sha1:
        raise changed(entry.path)
    return content


def _opened(full: str, entry: Entry) -> t.BinaryIO:
    file = open_file(full)
    if stamp_of(file.fileno()) != entry.stamp:
        file.close()
        raise changed(entry.path)
    return file


def _slice(file: t.BinaryIO, part: Part) -> t.Callable[[], t.Any]:
    return lambda: _Slice(file.fileno(), part.offset, part.size)


class _Slice:
    """A part of a file, read without moving the position that other threads share. requests asks for `len`."""

    def __init__(self, handle: int, offset: int, size: int) -> None:
        self.len = size
        self._handle = handle
        self._at = offset
        self._end = offset + size

    def __iter__(self) -> t.Iterator[bytes]:
        return iter(lambda: self.read(SMALL), b"")

    def read(self, most: int = -1) -> bytes:
        left = self._end - self._at
        piece = os.pread(self._handle, left if most < 0 else min(most, left), self._at)
        self._at += len(piece)
        return piece
