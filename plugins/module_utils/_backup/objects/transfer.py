# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the objects of a bucket to stored contents: read, told apart, encrypted, sent to all destinations."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import encrypt, encrypt_bytes
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.fleet import Fleet
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import (
    Content,
    Details,
    Digests,
    Entry,
    entry_of,
    packed_details,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.known import Known
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.planning import details_name
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.together import side_by_side
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import Feeder
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Attributes, Bucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import ChangedError, StoredObject

SMALL = 4 << 20  # bytes of an object that is held in memory as a whole
LARGE_AT_ONCE = 2
ATTEMPTS = 3  # to read an object that is being changed


class Counter:
    """How far it is; told while it goes on, and in the result."""

    def __init__(self) -> None:
        self.objects = 0
        self.bytes = 0
        self.contents = 0
        self.stored = 0
        self._changing = threading.Lock()

    def read(self, size: int) -> None:
        with self._changing:
            self.bytes += size

    def finished(self) -> None:
        with self._changing:
            self.objects += 1

    def kept(self, stored: int) -> None:
        with self._changing:
            self.contents += 1
            self.stored += stored


class Transfer:
    """One run. `run` is the id of the snapshot that is to be; all that it stores lies in a folder of that name."""

    def __init__(
        self,
        portal: str,
        run: str,
        source: Bucket,
        fleet: Fleet,
        known: Known,
        digests: Digests,
        recipients: tuple[str, ...],
        commands: Commands,
    ) -> None:
        self.counter = Counter()
        self.vanished: list[str] = []
        self._folder = naming.contents_folder(portal)
        self._run = run
        self._source = source
        self._fleet = fleet
        self._known = known
        self._digests = digests
        self._recipients = recipients
        self._commands = commands
        self._details = Details()
        self._numbers = 0
        self._attributes: dict[str, str] = {}
        self._changing = threading.Lock()
        self._large = threading.Semaphore(LARGE_AT_ONCE)

    def take_all(self, objects: t.Sequence[StoredObject], jobs: int) -> list[tuple[Entry, str]]:
        """Entries with their marks. The first error ends it; objects that are gone by now are in `vanished`."""

        def take(seen: StoredObject) -> tuple[Entry, str] | None:
            self._fleet.require_time()
            return self._take(seen)

        return [taken for taken in side_by_side(take, objects, jobs) if taken is not None]

    def store_details(self) -> None:
        """What belongs to the contents of this run, for who restores them."""
        if not self._details.sha256 and not self._details.attributes:
            return
        name, data = details_name(self._run, encrypted=bool(self._recipients)), packed_details(self._details)
        self._known.add(self._put(name, data, ""))

    def _take(self, seen: StoredObject) -> tuple[Entry, str] | None:
        """Read one object; again, when it is changed meanwhile."""
        now: StoredObject | None = seen
        for _attempt in range(ATTEMPTS):
            try:
                if now is not None:
                    entry = self._entry(now)
                    self.counter.finished()
                    return entry, self._digests.mark(now)
            except ChangedError:
                now = self._source.look(seen.key)
                continue
            except NotFoundError:
                now = self._source.look(seen.key)
                if now is not None:
                    raise
            self.vanished.append(seen.key)
            return None
        raise WebopsError(
            f"{self._source.url}/{seen.key} was changed {ATTEMPTS} times while it was read.", hint="Try again when it is at rest."
        )

    def _entry(self, seen: StoredObject) -> Entry:
        if seen.size > SMALL:
            with self._large:
                content, attributes = self._large_content(seen)
        else:
            content, attributes = self._small_content(seen)
        return entry_of(seen, content.name, self._reference(attributes))

    def _small_content(self, seen: StoredObject) -> tuple[Content, Attributes]:
        fetched = self._source.fetch(seen)
        data = b"".join(fetched.pieces)
        self._check_size(seen, len(data))
        self.counter.read(len(data))
        sha256 = hashlib.sha256(data).hexdigest()
        digest = self._digests.digest(sha256)
        return self._known.get(digest, lambda: self._noted(self._put(self._new_name(), data, digest), sha256)), fetched.attributes

    def _large_content(self, seen: StoredObject) -> tuple[Content, Attributes]:
        """Where a content of that size is known, it is read for its digest first, and then perhaps not sent."""
        if self._known.has_size(seen.size):
            fetched = self._source.fetch(seen)
            hashed = _Hashed(fetched.pieces, self.counter)
            for _piece in hashed:
                continue
            self._check_size(seen, hashed.size)
            found = self._known.find(self._digests.digest(hashed.sha256))
            if found is not None:
                return found, fetched.attributes
        return self._streamed(seen)

    def _streamed(self, seen: StoredObject) -> tuple[Content, Attributes]:
        """In bounded memory, however large; what turns out to be known already is not kept."""
        fetched, name, fan = self._source.fetch(seen), self._new_name(), self._fleet.fan()
        hashed = _Hashed(fetched.pieces, self.counter)
        try:
            with contextlib.ExitStack() as undo:
                undo.callback(fan.abort)
                fan.open(self._folder + name, seen.size)
                self._send(hashed, fan)
                self._check_size(seen, hashed.size)
                digest = self._digests.digest(hashed.sha256)
                found = self._known.find(digest)
                if found is not None:
                    return found, fetched.attributes
                fan.commit()
                undo.pop_all()
        finally:
            self._fleet.learn(fan)
        self._fleet.require_enough()
        content = self._noted(Content(name, seen.size, fan.size, fan.sha256, digest, self._recipients), hashed.sha256)
        self.counter.kept(fan.size)
        self._known.add(content)
        return content, fetched.attributes

    def _send(self, pieces: t.Iterator[bytes], fan: FanOut) -> None:
        if not self._recipients:
            for piece in pieces:
                fan.write(piece)
            return
        feeder = Feeder(pieces)
        with contextlib.ExitStack() as undo:
            undo.callback(feeder.give_up)
            encrypt(self._commands, feeder.source, fan.write, self._recipients)
            undo.pop_all()
        feeder.finish()

    def _put(self, name: str, data: bytes, digest: str) -> Content:
        stored = encrypt_bytes(self._commands, data, self._recipients) if self._recipients else data
        self._fleet.put(self._folder + name, stored)
        self.counter.kept(len(stored))
        return Content(name, len(data), len(stored), hashlib.sha256(stored).hexdigest(), digest, self._recipients)

    def _noted(self, content: Content, sha256: str) -> Content:
        with self._changing:
            self._details.sha256[content.name] = sha256
        return content

    def _new_name(self) -> str:
        with self._changing:
            self._numbers += 1
            return f"{self._run}/{self._numbers:06}" + (".age" if self._recipients else "")

    def _reference(self, attributes: Attributes) -> str | None:
        """The name of a line of details; objects with equal attributes share one."""
        if not attributes:
            return None
        text = repr(sorted(attributes.items()))
        with self._changing:
            name = self._attributes.setdefault(text, f"{self._run}/a{len(self._attributes) + 1}")
            self._details.attributes[name] = attributes
        return name

    def _check_size(self, seen: StoredObject, size: int) -> None:
        if size != seen.size:
            raise ChangedError(f"{self._source.url}/{seen.key} has {size} bytes now, its listing said {seen.size}.")


class _Hashed:
    """Pieces on their way, with their SHA-256 and their number of bytes."""

    def __init__(self, pieces: t.Iterator[bytes], counter: Counter) -> None:
        self.size = 0
        self._pieces = pieces
        self._counter = counter
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def __iter__(self) -> _Hashed:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._hash.update(piece)
        self.size += len(piece)
        self._counter.read(len(piece))
        return piece
