# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen of a run before it: locks and findings by file, and its rehearsal. Data only."""

from __future__ import annotations

import typing as t

# A statement is shown by its beginning.
HEAD_CHARACTERS = 100


class Linting(t.NamedTuple):
    """What the task wants of the lint: `policy` is fail, warn or off."""

    policy: str = "fail"
    min_rows: int = 100_000
    squawk: bool = False


class Finding(t.NamedTuple):
    """One statement that one rule calls dangerous. `ignored`: the reason that its file gives, None where it gives none."""

    rule: str
    file: str
    line: int
    statement: str
    why: str
    instead: str
    source: str = "holdfast"
    ignored: str | None = None

    def __str__(self) -> str:
        safe = f" Instead: {self.instead}" if self.instead else ""
        accepted = f" Ignored: {self.ignored}" if self.ignored else ""
        return f"line {self.line}: {self.rule}: {self.why}{safe}{accepted}"


class LockTaken(t.NamedTuple):
    """By the statement in this line. `rows` and `bytes` are None where the relation is new in this run, or unknown."""

    line: int
    lock: str
    relation: str
    rows: int | None
    bytes: int | None
    new: bool

    def __str__(self) -> str:
        return f"line {self.line}: {self.lock} on {self.relation} ({self._size()})"

    def _size(self) -> str:
        if self.new:
            return "new in this run"
        if self.rows is None or self.bytes is None:
            return "size unknown"
        return f"about {self.rows} rows, {self.bytes / 2**20:.1f} MiB"


class Look(t.NamedTuple):
    """At one file. `hidden`: the lines of statements that run what cannot be read."""

    locks: tuple[LockTaken, ...] = ()
    findings: tuple[Finding, ...] = ()
    hidden: tuple[int, ...] = ()


class LeftOut(t.NamedTuple):
    """A statement that was not rehearsed."""

    file: str
    line: int
    statement: str
    reason: str


class Rehearsal(t.NamedTuple):
    """`rehearsed`: versions of which every statement ran."""

    rehearsed: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        count = len(self.left_out)
        return (f"{count} statement(s) could not be rehearsed; see rehearsal.",) if count else ()


class Seen(t.NamedTuple):
    """`looks` by version; `warnings` are what the lint tells a run that goes on."""

    looks: t.Mapping[str, Look] = {}
    warnings: tuple[str, ...] = ()
    rehearsal: Rehearsal | None = None

    @property
    def findings(self) -> list[Finding]:
        return [finding for look in self.looks.values() for finding in look.findings]

    def of(self, version: str) -> Look:
        return self.looks.get(version, Look())


NOTHING_SEEN = Seen()
