# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WAL: names of segments, timelines, and what pg_waldump says of the records in them.

A segment is named by its timeline and its number; a restore to a moment needs every segment from its backup on.
https://www.postgresql.org/docs/current/continuous-archiving.html
"""

from __future__ import annotations

import dataclasses
import datetime
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster

SEGMENT_SIZE = 16 * 1024 * 1024
_READ = 120.0  # seconds for one segment
_COMMIT = re.compile(
    r"tx:\s*(\d+), lsn: ([0-9A-F]+/[0-9A-F]+), .*desc: COMMIT(?:_PREPARED)? (?:(\d+): )?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) UTC"
)
_POINT = re.compile(r"lsn: ([0-9A-F]+/[0-9A-F]+), .*desc: RESTORE_POINT (.+)$")


@dataclasses.dataclass(frozen=True)
class Timeline:
    """A timeline on the way to the newest one, and the position where it was left for the next; None for the newest."""

    number: int
    begins: int


@dataclasses.dataclass(frozen=True)
class Commit:
    """The record that made a transaction last."""

    transaction: int
    lsn: int
    at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Point:
    """A named restore point. It has no time of its own."""

    name: str
    lsn: int


Record = t.Union[Commit, Point]


def lsn(text: str) -> int:
    """The position in the WAL that PostgreSQL writes as 0/16B3748."""
    high, _sep, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def shown_lsn(position: int) -> str:
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def number_of(segment: str, size: int = SEGMENT_SIZE) -> int:
    """The number of a segment by its name; its timeline stands before it."""
    return int(segment[8:16], 16) * (0x100000000 // size) + int(segment[16:], 16)


def name_of(timeline: int, number: int, size: int = SEGMENT_SIZE) -> str:
    per_file = 0x100000000 // size
    return f"{timeline:08X}{number // per_file:08X}{number % per_file:08X}"


def read_history(text: str, newest: int) -> tuple[Timeline, ...]:
    """The timelines on the way to `newest` and where each begins, the oldest first, from the history file of `newest`."""
    rows = [line.split("\t") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    begins = [0, *(lsn(row[1]) for row in rows)]
    return tuple(Timeline(number, start) for number, start in zip([*(int(row[0]) for row in rows), newest], begins))


def read_records(text: str) -> t.Iterator[Record]:
    """Commits and restore points in the output of pg_waldump, in their order."""
    for line in text.splitlines():
        commit, point = _COMMIT.search(line), _POINT.search(line)
        if commit:
            # What was prepared is committed by another session, and keeps its own number.
            yield Commit(int(commit.group(3) or commit.group(1)), lsn(commit.group(2)), _moment(commit.group(4)))
        elif point:
            yield Point(point.group(2), lsn(point.group(1)))


def _moment(text: str) -> datetime.datetime:
    form = "%Y-%m-%d %H:%M:%S.%f" if "." in text else "%Y-%m-%d %H:%M:%S"
    return datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc)


def dump(commands: Commands, cluster: Cluster, path: str, *words: str) -> t.Iterator[Record]:
    """The records of one segment, those up to its end when it is still being written."""
    argv = cluster.as_owner(cluster.program("pg_waldump"), "--rmgr=Transaction", "--rmgr=XLOG", *words)
    folder, name = os.path.split(path)
    done = commands.run([*argv, f"--path={folder}", name], env={"TZ": "UTC"}, timeout=_READ, cwd="/")
    if done.returncode != 0 and not done.stdout and "could not find a valid record" not in done.errors and "invalid" not in done.errors:
        raise CommandError(f"pg_waldump could not read {name}: {done.errors.strip()[-300:]}")
    return read_records(done.text)
