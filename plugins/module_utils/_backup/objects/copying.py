# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contents of a snapshot into a bucket, several at once, and the comparison with what is there."""

from __future__ import annotations

import hashlib
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import WrongKeyError
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import Entry
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.restore_planning import has
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.session import RestoreSession
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.shelf import SMALL
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.together import side_by_side
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Bucket
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import ChangedError, StoredObject

LARGE_AT_ONCE = 2
T = t.TypeVar("T")
R = t.TypeVar("R")


class Copying:
    """One restore or comparison, and how far it is."""

    def __init__(self, session: RestoreSession, target: Bucket) -> None:
        self.objects = 0
        self.bytes = 0
        self._session = session
        self._target = target
        self._changing = threading.Lock()
        self._large = threading.Semaphore(LARGE_AT_ONCE)

    def put_all(self, entries: t.Sequence[Entry]) -> None:
        """Write them over what is there. The first error ends it."""
        self._each(self._put_in_turn, entries)

    def remove_all(self, keys: t.Sequence[str]) -> None:
        self._each(self._target.remove, keys)

    def equal(self, entries: t.Sequence[Entry], present: t.Mapping[str, StoredObject]) -> set[str]:
        """Keys whose content, and attributes where the target keeps them, are those of the snapshot. Objects of that size are read."""
        same_size = [entry for entry in entries if entry.key in present and present[entry.key].size == entry.size]
        found = self._each(lambda entry: self._is_equal(entry, present[entry.key]), same_size)
        return {entry.key for entry, equal in zip(same_size, found) if equal}

    def _each(self, act: t.Callable[[T], R], things: t.Sequence[T]) -> list[R]:
        def timely(thing: T) -> R:
            if self._session.deadline.expired:
                raise DeadlineError("It was not complete when its time was over (wait_timeout).", hint="Raise wait_timeout.")
            return act(thing)

        return side_by_side(timely, things, self._session.jobs)

    def _put_in_turn(self, entry: Entry) -> None:
        if entry.size > SMALL:
            with self._large:
                self._put(entry)
        else:
            self._put(entry)
        with self._changing:
            self.objects += 1

    def _put(self, entry: Entry) -> None:
        """From the first copy that is what was written; a damaged one is noticed before the object has its name."""
        shelf, problems = self._session.shelf, []
        attributes = shelf.attributes_of(entry)
        for source in shelf.sources(entry.content):
            reading = _Reading(source)
            try:
                self._target.put(entry.key, self._counted(iter(reading)), entry.size, attributes)
            except WebopsError:
                if reading.problem is None:
                    raise
                if isinstance(reading.problem, (WrongKeyError, DeadlineError)):
                    raise reading.problem from None
                problems.append(str(reading.problem))
                continue
            return
        raise WebopsError(f"'{entry.key}' could not be restored. {' '.join(problems)}")

    def _counted(self, pieces: t.Iterator[bytes]) -> t.Iterator[bytes]:
        for piece in pieces:
            with self._changing:
                self.bytes += len(piece)
            yield piece

    def _is_equal(self, entry: Entry, seen: StoredObject) -> bool:
        shelf, digest = self._session.shelf, hashlib.sha256()
        try:
            fetched = self._target.fetch(seen)
            if self._target.keeps_attributes and not has(fetched.attributes, shelf.attributes_of(entry)):
                return False
            for piece in self._counted(fetched.pieces):
                digest.update(piece)
        except (ChangedError, NotFoundError):
            return False
        with self._changing:
            self.objects += 1
        return digest.hexdigest() == shelf.sha256_of(entry)


class _Reading:
    """The pieces of one copy, and what was wrong with it: another copy helps then, and not where the target refuses."""

    def __init__(self, source: t.Callable[[], t.Iterator[bytes]]) -> None:
        self.problem: WebopsError | None = None
        self._source = source

    def __iter__(self) -> t.Iterator[bytes]:
        try:
            yield from self._source()
        except WebopsError as exc:
            self.problem = exc
            raise
