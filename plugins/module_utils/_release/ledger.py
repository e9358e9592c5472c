# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger in a store: one object per entry, written by put-if-absent.

The number in an object's name is the compare-and-swap: two writers cannot both write entry 42. The one that came second
reads what the first wrote and continues after it.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Chain, DamagedError, Entry, follow, link
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import AlreadyExistsError, Store

# Reading a bucket is waiting for answers; the threads wait together.
READERS = 16
_NAME = re.compile(r"(\d{12})\.json")


@dataclasses.dataclass(frozen=True)
class Draft:
    """An entry that is to be written. `once`: not again when the ledger has this event of this release, backup or moment."""

    event: str
    release: str | None
    data: dict[str, t.Any]
    once: bool = False


def missing(drafts: t.Iterable[Draft], entries: t.Iterable[Entry]) -> tuple[Draft, ...]:
    """The drafts that are not in the ledger yet, in their order. Pure."""
    known = {_subject(entry) for entry in entries}
    kept: list[Draft] = []
    for draft in drafts:
        if not (draft.once and _subject(draft) in known):
            kept.append(draft)
            known.add(_subject(draft))
    return tuple(kept)


def _subject(record: Entry | Draft) -> tuple[str, str | None, str | None]:
    """What happened to whom. A backup is one thing, whichever release it was made for, and so is a moment that was gone back to; but it
    can be proven more than once."""
    about = record.data.get("backup_id") or record.data.get("moment") or record.release
    return record.event, about, record.data.get("proven_at")


class Ledger:
    """The ledger of one portal in one store. `by` is written into entries, `fencing` too when they are written under a lease."""

    def __init__(self, store: Store, portal: str, clock: Clock, *, by: str = "", fencing: int | None = None) -> None:
        self._store = store
        self._portal = portal
        self._clock = clock
        self._by = by
        self._fencing = fencing
        self._prefix = f"{portal}/ledger/"

    def read(self) -> Chain:
        """All entries, checked."""
        numbers = sorted(self._numbers())
        return link(zip(numbers, self._contents(numbers)))

    def intact(self) -> Chain:
        """All entries; ConflictError when the chain is broken, because nothing may be decided on it then."""
        chain = self.read()
        if chain.problem:
            raise ConflictError(
                f"The ledger of {self._portal} in {self._store.url} is damaged. {chain.problem}",
                hint="Restore the object from an older version in the store; the folder ledger/ holds one object per entry.",
                problem=chain.problem,
            )
        return chain

    def draw(self, draft: Draft, before: Entry | None) -> Entry:
        """The entry as it would follow `before`, written now."""
        return Entry(
            number=before.number + 1 if before else 1,
            at=iso(self._clock.now()),
            event=draft.event,
            release=draft.release,
            data=draft.data,
            fencing=self._fencing,
            by=self._by,
            previous=before.hash if before else None,
        ).sealed()

    def draw_all(self, drafts: t.Iterable[Draft], chain: Chain) -> Chain:
        """The chain as it would be with these drafts, nothing written."""
        entries = list(chain.entries)
        for draft in missing(drafts, entries):
            entries.append(self.draw(draft, entries[-1] if entries else None))
        return Chain(tuple(entries))

    def append(self, drafts: t.Iterable[Draft], chain: Chain, still_allowed: t.Callable[[], t.Any]) -> Chain:
        """Write the drafts in order and read back what is there then.

        When somebody else wrote in between, `still_allowed` is asked (it raises) before going on after their entries.
        """
        entries = list(chain.entries)
        for draft in drafts:
            while missing([draft], entries):
                entry = self.draw(draft, entries[-1] if entries else None)
                if self._put(entry):
                    entries.append(entry)
                    break
                still_allowed()
                entries.extend(self.since(entries[-1] if entries else None))
        return Chain((*chain.entries, *self.since(chain.entries[-1] if chain.entries else None)))

    def _put(self, entry: Entry) -> bool:
        """Whether the entry is there. Our own write whose answer was lost counts: its hash is the same."""
        key = self._key(entry.number)
        try:
            self._store.create(key, entry.as_bytes())
        except AlreadyExistsError:
            return self._store.read(key)[0] == entry.as_bytes()
        return True

    def since(self, last: Entry | None) -> t.Iterator[Entry]:
        """The entries that follow `last` in the store, checked."""
        while True:
            number = last.number + 1 if last else 1
            try:
                last = follow(last, number, self._store.read(self._key(number))[0])
            except NotFoundError:
                return
            except DamagedError as exc:
                raise ConflictError(f"The ledger of {self._portal} in {self._store.url} is damaged. {exc}") from exc
            yield last

    def _numbers(self) -> t.Iterator[int]:
        for found in self._store.list(self._prefix):
            name = _NAME.fullmatch(found.key[len(self._prefix) :])
            if name:
                yield int(name.group(1))

    def _contents(self, numbers: t.Sequence[int]) -> t.Iterator[bytes]:
        keys = [self._key(number) for number in numbers]
        if self._store.url.startswith("file:"):
            for key in keys:
                yield self._store.read(key)[0]
            return
        with concurrent.futures.ThreadPoolExecutor(READERS) as readers:
            for content, _version in readers.map(self._store.read, keys):
                yield content

    def _key(self, number: int) -> str:
        return f"{self._prefix}{number:012d}.json"
