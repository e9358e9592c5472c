# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""To where a cluster goes back: the target as a person writes it, looked up in the archive, and the backup to begin with."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import Copy, PgBackRest
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import Commit, Point, Record, shown_lsn
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.window import Reach, Window, backwards, folder_of
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Grammar, Target

GRAMMAR = Grammar(("transaction", "point"))


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
        return self._found(target, reach)

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
        # Seconds are all that pgBackRest tells of the end of a backup.
        fitting = [copy for copy in self._window.copies if copy.at + datetime.timedelta(seconds=1) <= at]
        if not fitting:
            raise InputError(
                f"target is {at.isoformat()}, before the first backup, which ended at {iso(oldest)}.", hint="Give a later moment."
            )
        reach = self._furthest()
        copies = [copy for copy in reach.chain.copies if copy in fitting]
        copy = copies[-1] if copies else fitting[-1]
        chosen = next(one for one in self._window.reaches if one.repository.key == copy.repository)
        last = chosen.last_commit
        if not chosen.arrived and (last is None or at >= last.at):
            # No commit comes after it, by which PostgreSQL would know that it has arrived; it can be told the last one instead.
            return Choice(copy, _until(last) if last and last.lsn > copy.stop_lsn else ("--type=immediate",), at)
        return Choice(copy, ("--type=time", f"--target={at.astimezone(datetime.timezone.utc).strftime('%Y-%m-%d %H:%M:%S.%f+00')}"), at)

    def _found(self, target: Target, reach: Reach) -> Choice:
        """Look back through the archive, from its end."""
        found: Record | None = None
        for record in self._records(reach):
            if found is None and _is(record, target):
                found = record
            if found is not None and isinstance(record, Commit):
                return _choice(target, reach, found, record.at)
        if isinstance(found, Point):
            return _choice(target, reach, found, None)
        raise NotFoundError(
            f"target is '{target}', which the archive does not hold since {iso(reach.chain.copies[0].at)}.", hint=GRAMMAR.hint
        )

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


def _is(record: Record, target: Target) -> bool:
    if isinstance(record, Point):
        return target.kind == "point" and record.name == target.point
    return target.kind == "transaction" and record.transaction == target.number


def _choice(target: Target, reach: Reach, found: Record, moment: datetime.datetime | None) -> Choice:
    # The commit by which a point is dated may be older than a backup that was begun after it.
    fitting = [copy for copy in reach.chain.copies if copy.stop_lsn <= found.lsn]
    if not fitting:
        raise InputError(
            f"target is '{target}', before the first backup, which ended at {iso(reach.chain.copies[0].at)}.", hint="Give a later one."
        )
    words = ("--type=name", f"--target={target.point}") if target.kind == "point" else ("--type=xid", f"--target={target.number}")
    return Choice(fitting[-1], words, max(moment, fitting[-1].at) if moment and target.kind == "point" else moment or fitting[-1].at)


def _until(commit: Commit) -> tuple[str, ...]:
    return ("--type=lsn", f"--target={shown_lsn(commit.lsn)}")
