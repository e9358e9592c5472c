# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which backups lead to the present, without a gap in the WAL between. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import Archived, Copy
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import SEGMENT_SIZE, Timeline, name_of, number_of


@dataclasses.dataclass(frozen=True)
class Chain:
    """The archived WAL of one repository that ends at its newest segment, its segments newest first, and the backups it begins at."""

    segments: tuple[str, ...]
    copies: tuple[Copy, ...]
    # Backups that are sound, but from which WAL is missing: what they hold can be had, the present cannot.
    cut_off: tuple[Copy, ...]
    size: int = SEGMENT_SIZE


def follow(copies: t.Sequence[Copy], archived: Archived, size: int = SEGMENT_SIZE) -> Chain:
    """Go from the newest segment back as far as every segment is there, along the timelines that lead to it."""
    sound = [copy for copy in copies if copy.sound]
    newest = archived.history[-1].number if archived.history else 0
    numbers = [number_of(name, size) for name in archived.segments if int(name[:8], 16) == newest]
    # A timeline that has just begun may have no segment in the archive yet: then its parent's end is the newest.
    names = list(_back(archived, max(numbers, default=_end_before(archived, size)), size))
    if not names:
        return Chain((), (), tuple(sound), size)
    first, last = number_of(names[-1], size), number_of(names[0], size)
    on_the_way = [copy for copy in sound if _is_on_the_way(copy, archived.history)]
    usable = tuple(copy for copy in on_the_way if first <= number_of(copy.first_segment, size) and (copy.stop_lsn - 1) // size <= last)
    return Chain(tuple(names), usable, tuple(copy for copy in sound if copy not in usable), size)


def _end_before(archived: Archived, size: int) -> int:
    parents = archived.history[:-1]
    return max((number_of(name, size) for name in archived.segments if parents and int(name[:8], 16) == parents[-1].number), default=-1)


def _back(archived: Archived, number: int, size: int) -> t.Iterator[str]:
    while number >= 0:
        name = _segment(archived, number, size)
        if name is None:
            return
        yield name
        number -= 1


def _segment(archived: Archived, number: int, size: int) -> str | None:
    """The archived segment of this number that PostgreSQL would read: of the newest timeline that had begun by then."""
    for timeline in reversed(archived.history):
        name = name_of(timeline.number, number, size)
        if timeline.begins // size <= number and name in archived.segments:
            return name
    return None


def _is_on_the_way(copy: Copy, history: t.Sequence[Timeline]) -> bool:
    """Whether its timeline was not left for another one before the backup ended."""
    for timeline, following in zip(history, [*history[1:], None]):
        if timeline.number == copy.timeline:
            return following is None or copy.stop_lsn <= following.begins
    return False
