# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup of a bucket has to do. Pure: a function of what is there now, and what earlier snapshots hold."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.format import Content, Digests, Entry, Index, entry_of
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoredObject

REUSES = ("unchanged", "content", "nothing")


@dataclasses.dataclass(frozen=True)
class Changes:
    """Numbers of objects against the snapshot before. One that was changed is new and gone: names of that snapshot cannot be read here."""

    new: int
    gone: int
    unchanged: int

    @property
    def any(self) -> bool:
        return bool(self.new or self.gone)


@dataclasses.dataclass(frozen=True)
class Plan:
    """`kept` are entries whose content is there already, `reading` the objects that must be read."""

    kept: tuple[Entry, ...]
    reading: tuple[StoredObject, ...]

    @property
    def bytes(self) -> int:
        return sum(seen.size for seen in self.reading)


def usable_contents(indexes: t.Iterable[Index], stored: t.Sequence[t.Mapping[str, int]], recipients: t.Sequence[str]) -> dict[str, Content]:
    """Contents that every destination holds in their full size, encrypted to the very same recipients. `stored`: name -> bytes of each."""
    wanted = tuple(recipients)
    return {
        content.name: content
        for index in indexes
        for content in index.contents.values()
        if content.recipients == wanted and all(sizes.get(content.name) == content.stored for sizes in stored)
    }


def plan(present: t.Sequence[StoredObject], base: Index, usable: t.Mapping[str, Content], digests: Digests, reuse: str) -> Plan:
    """Objects that the base has in the very same state are kept, where everything that belongs to them is usable."""
    kept: list[Entry] = []
    reading: list[StoredObject] = []
    for seen in present:
        known = base.marks.get(digests.mark(seen)) if reuse == "unchanged" else None
        if known is not None and _whole(known, usable):
            kept.append(entry_of(seen, *known))
        else:
            reading.append(seen)
    return Plan(tuple(kept), tuple(reading))


def details_name(run: str, *, encrypted: bool) -> str:
    """Of the details of a run; they lie beside the contents that it stored."""
    return f"{run}/details.jsonl.gz" + (".age" if encrypted else "")


def details_of(reference: str, usable: t.Mapping[str, Content]) -> str:
    """The details that tell more of a content or of attributes."""
    run = reference.partition("/")[0]
    plain = details_name(run, encrypted=False)
    return plain if plain in usable else details_name(run, encrypted=True)


def _whole(known: tuple[str, str | None], usable: t.Mapping[str, Content]) -> bool:
    content, attributes = known
    references = [content] if attributes is None else [content, attributes]
    return content in usable and all(details_of(one, usable) in usable for one in references)


def index_of(entries: t.Iterable[tuple[Entry, str]], contents: t.Mapping[str, Content]) -> Index:
    """The index of a snapshot from its entries with their marks: what they need, and no more."""
    index = Index()
    for entry, mark in entries:
        index.marks[mark] = (entry.content, entry.attributes)
        for name in _needs(entry, contents):
            index.contents[name] = contents[name]
    return index


def _needs(entry: Entry, contents: t.Mapping[str, Content]) -> t.Iterator[str]:
    yield entry.content
    yield details_of(entry.content, contents)
    if entry.attributes is not None:
        yield details_of(entry.attributes, contents)


def changes(present: t.Sequence[StoredObject], base: Index, digests: Digests) -> Changes:
    """What is new and what is gone, by the marks of the snapshot before."""
    marks = {digests.mark(seen) for seen in present}
    same = len(marks & set(base.marks))
    return Changes(len(marks) - same, len(base.marks) - same, same)
