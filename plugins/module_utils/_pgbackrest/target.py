# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""To where a cluster goes back: the target as a person writes it, looked up in the archive, and the backup to begin with."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import Copy, PgBackRest
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.timelines import reach_at
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import Commit, Point, Record, number_of, shown_lsn
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.window import Reach, Window, backwards, folder_of
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Grammar, Target

GRAMMAR = Grammar(("transaction", "point"))
_SECOND = datetime.timedelta(seconds=1)


@dataclasses.dataclass(frozen=True)
class Choice:
    """Where to begin, what to tell pgBackRest, and which moment that gives."""

    copy: Copy
    words: tuple[str, ...]
    moment: datetime.datetime


class Finder:
    """Looks a target up in the repository that reaches furthest."""

    def __init__(self, commands: Commands, cluster: Cluster, backrest: PgBackRest, window: Window, deadline: Deadline) -> None:
        self._given = (commands, cluster, backrest)
        self._cluster = cluster
        self._window = window
        self._deadline = deadline

    def choose(self, target: Target) -> Choice:
        """InputError for a moment that is out of the window, NotFoundError for what the archive does not hold."""
        if self._window.oldest is None or self._window.newest is None:
            raise NotFoundError(
                "There is no physical backup from which the archived WAL leads to the present.", hint="Look at pg_recovery_points."
            )
        if target.at is not None:
            return self._at(target.at)
        reach = self._furthest()
        if target.kind == "latest":
            return Choice(reach.chain.copies[-1], ("--type=default",), self._window.newest)
        if reach.arrived:
            raise InputError(
                f"target is '{target}', which cannot be looked up without the old data directory.", hint="Give a time, or latest."
            )
        return look_up(target, reach, self._records(reach))

    def _furthest(self) -> Reach:
        return max((reach for reach in self._window.reaches if reach.chain.copies), key=lambda reach: reach.newest)

    def _at(self, at: datetime.datetime) -> Choice:
        oldest, newest = t.cast("tuple[datetime.datetime, datetime.datetime]", (self._window.oldest, self._window.newest))
        if at > self._window.now:
            raise InputError(
                f"target is {at.isoformat()}, which is in the future; it is {iso(self._window.now)}.", hint="Give a moment that was."
            )
        if at > newest:
            raise InputError(
                f"target is {at.isoformat()}, and the newest moment that can be restored is {newest.isoformat()}.", hint="Give latest."
            )
        reach, timeline = reach_at(*self._given, self._furthest(), at)
        # Seconds are all that pgBackRest tells of the end of a backup.
        fitting = [copy for copy in (self._window.copies if timeline is None else reach.chain.copies) if copy.at + _SECOND <= at]
        if not fitting and at > oldest + _SECOND:
            raise InputError(
                f"target is {at.isoformat()}, on timeline {timeline}, which an earlier restore has left, and no backup leads there.",
                hint="Look for the cluster that was kept then.",
            )
        if not fitting:
            raise InputError(
                f"target is {at.isoformat()}, before the first backup, which ended at {iso(oldest)}.", hint="Give a later moment."
            )
        copies = [copy for copy in reach.chain.copies if copy in fitting]
        copy = copies[-1] if copies else fitting[-1]
        chosen = reach if copies else next(one for one in self._window.reaches if one.repository.key == copy.repository)
        return Choice(copy, _words(at, chosen, copy, timeline), at)

    def _records(self, reach: Reach) -> t.Iterator[Record]:
        commands, cluster, backrest = self._given
        first = reach.chain.copies[0].first_segment
        count = sum(1 for name in reach.chain.segments if name[8:] >= first[8:])
        with folder_of(cluster) as folder:
            for record in backwards(commands, cluster, backrest, reach.repository.key, reach.chain, folder, count):
                if self._deadline.expired:
                    raise DeadlineError(
                        "The target was not found in the archive within wait_timeout.", hint="Give a time instead, or more of it."
                    )
                yield record


def look_up(target: Target, reach: Reach, records: t.Iterator[Record]) -> Choice:
    """The choice for a transaction or a name, by the `records` of its archive, the newest first. Pure."""
    chain = reach.chain
    found = next((record for record in records if _is(record, target)), None)
    if found is None:
        held = f"from {iso(chain.copies[0].at)} to {iso(reach.newest)}"
        raise NotFoundError(f"target is '{target}', which the archive does not hold {held}.", hint=GRAMMAR.hint)
    fitting = [copy for copy in chain.copies if copy.stop_lsn <= found.lsn]
    if not fitting:
        raise InputError(
            f"target is '{target}', before the first backup, which ended at {iso(chain.copies[0].at)}.", hint="Give a later one."
        )
    copy = fitting[-1]
    if isinstance(found, Commit):
        return Choice(copy, ("--type=xid", f"--target={target.number}"), found.at)
    begins = number_of(copy.first_segment, chain.size) * chain.size
    return Choice(
        copy, ("--type=name", f"--target={target.point}"), _named(target, copy, itertools.takewhile(lambda one: one.lsn >= begins, records))
    )


def _named(target: Target, copy: Copy, before: t.Iterable[Record]) -> datetime.datetime:
    """The moment of a restore point that was found, by the records `before` it, back to the beginning of the backup.

    PostgreSQL would stop at the first one of that name, which somebody may not have meant.
    """
    # A point has no time of its own, but that of the last commit; one that is older than the backup may be any.
    moments: list[datetime.datetime | None] = [None]
    for record in before:
        if isinstance(record, Commit):
            moments = [moment or max(record.at, copy.at) for moment in moments]
        elif _is(record, target):
            moments.append(None)
    dated = sorted({moment or copy.at for moment in moments})
    if len(dated) > 1:
        given = ", ".join(str(Target("time", at=moment)) for moment in dated)
        raise InputError(f"target is '{target}', a name that was given more than once: at {given}.", hint="Give the time that is meant.")
    return dated[0]


def _is(record: Record, target: Target) -> bool:
    if isinstance(record, Point):
        return target.kind == "point" and record.name == target.point
    return target.kind == "transaction" and record.transaction == target.number


def _words(at: datetime.datetime, reach: Reach, copy: Copy, timeline: int | None) -> tuple[str, ...]:
    last, along = reach.last_commit, () if timeline is None else (f"--target-timeline={timeline}",)
    if reach.arrived or (last and at < last.at):
        return ("--type=time", f"--target={at.astimezone(datetime.timezone.utc).strftime('%Y-%m-%d %H:%M:%S.%f+00')}", *along)
    # No commit comes after it, by which PostgreSQL would know that it has arrived; it can be told the last one instead.
    if last and last.lsn > copy.stop_lsn:
        return ("--type=lsn", f"--target={shown_lsn(last.lsn)}", *along)
    return ("--type=immediate",)
