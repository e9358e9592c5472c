# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs everything that can run in a transaction, in one that is rolled back: what the data says about the migrations.

What a rollback does not undo stays: sequences have moved on, and a function may have acted outside of the database. All locks are
held until the end, longer than in the real run, which commits between the files.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import unfinished
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import (
    APPLY,
    ROLL_BACK,
    Job,
    Report,
    StepError,
    Tools,
    execute,
    insist,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Statement, Step
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.seen import HEAD_CHARACTERS, LeftOut, Rehearsal
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import DatabaseError

# Where a statement needs that what ran before it is committed: no isolation level after a query, no new enum value, no COMMIT in a CALL.
_NEEDS_A_COMMIT = ("25001", "55P04", "2D000")
_SHOWN_CHARACTERS = 1000


def rehearse(tools: Tools, jobs: t.Sequence[Job]) -> Rehearsal:
    """Like the real run it tries again while others hold the locks. Raises WebopsError, with file and line, for a statement that fails."""
    running = [job for job in jobs if job.direction in (APPLY, ROLL_BACK)]
    if not running:
        return Rehearsal()
    begun = unfinished(tools.session, tools.history.journal) if any(job.begun for job in running) else []
    done = {(entry.direction, entry.version): entry.done for entry in begun}
    attempts: list[_Attempt] = []

    def attempt() -> None:
        attempts.append(_Attempt(tools, done, running))
        attempts[-1].run()

    try:
        insist(tools, Report(), attempt)
    except StepError as exc:
        raise _failure(exc, attempts[-1].job, tools.watch.blockers) from None
    return Rehearsal(tuple(attempts[-1].rehearsed), tuple(attempts[-1].left_out))


class _StopError(Exception):
    """The rest cannot be rehearsed."""


class _Attempt:
    """One transaction from its BEGIN to its ROLLBACK."""

    def __init__(self, tools: Tools, done: t.Mapping[tuple[str, str], int], jobs: t.Sequence[Job]) -> None:
        self._waiting = list(jobs)
        self._tools = tools
        self._session = tools.session
        self._done = done
        self.job = jobs[0]
        self.rehearsed: list[str] = []
        self.left_out: list[LeftOut] = []

    def run(self) -> None:
        self._session.reset()
        try:
            with self._tools.watch.during():
                self._session.rows("BEGIN READ WRITE")
                while self._waiting:
                    self.job = self._waiting.pop(0)
                    self._file(self.job)
        except _StopError:
            for job in self._waiting:
                self._leave_out(job, job.script.steps, "What comes before it could not be rehearsed.")
        finally:
            self._session.roll_back()

    def _file(self, job: Job) -> None:
        self._session.reset()
        done = self._done.get((job.direction, job.file.version), 0)
        left_out_before = len(self.left_out)
        for setting in (statement for step in job.script.steps[:done] for statement in step.statements if statement.sets_session):
            execute(self._session, job.script, setting)
        for number, step in enumerate(job.script.steps[done:], start=done):
            if step.kind == "alone":
                self._leave_out(job, [step], "It does not run in a transaction.")
            else:
                self._step(job, number)
        if len(self.left_out) == left_out_before:
            self.rehearsed.append(job.file.version)

    def _step(self, job: Job, number: int) -> None:
        step = job.script.steps[number]
        undone = step.kind == "block" and step.statements[-1].words.startswith(("ROLLBACK", "ABORT"))
        if undone:
            self._session.run("SAVEPOINT holdfast_rehearsal")
        for statement in _inner(step):
            try:
                execute(self._session, job.script, statement)
            except StepError as exc:
                self._judge(job, number, statement, exc)
        if undone:
            self._session.run("ROLLBACK TO SAVEPOINT holdfast_rehearsal")
        self._check_constraints(job)

    def _check_constraints(self, job: Job) -> None:
        """What a COMMIT would check."""
        try:
            self._session.run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        except DatabaseError as exc:
            raise StepError(exc, f"{job.script.path} at its COMMIT", "") from None

    def _judge(self, job: Job, number: int, statement: Statement, exc: StepError) -> None:
        """An error means something only where everything before it has run; raises it then."""
        cause = exc.cause
        if cause.sqlstate not in _NEEDS_A_COMMIT and (not self.left_out or cause.is_worth_a_retry or cause.lost):
            raise exc
        rest = [Step("transaction", _from(statement, job.script.steps[number])), *job.script.steps[number + 1 :]]
        self._leave_out(job, rest, f"After what was left out before it, or without a COMMIT: {cause.message}")
        raise _StopError

    def _leave_out(self, job: Job, steps: t.Iterable[Step], reason: str) -> None:
        for step in steps:
            for statement in _inner(step):
                line = job.script.text.count("\n", 0, statement.code) + 1
                self.left_out.append(LeftOut(job.script.path, line, statement.plain[:HEAD_CHARACTERS], reason))


def _inner(step: Step) -> tuple[Statement, ...]:
    """The statements between the author's BEGIN and the end of the transaction."""
    if step.kind != "block":
        return step.statements
    ends = step.statements[-1].words.startswith(("COMMIT", "END", "ABORT", "ROLLBACK", "PREPARE TRANSACTION"))
    return step.statements[1:-1] if ends else step.statements[1:]


def _from(statement: Statement, step: Step) -> tuple[Statement, ...]:
    return tuple(other for other in _inner(step) if other.start >= statement.start)


def _failure(exc: StepError, job: Job, blockers: t.Sequence[str]) -> WebopsError:
    waited_for = f" In the way: {'; '.join(blockers)}." if blockers and exc.cause.is_worth_a_retry else ""
    return WebopsError(
        f"The rehearsal failed: {exc.message}{waited_for} Nothing was kept.",
        hint=exc.hint or ("Run again when they have ended." if exc.cause.is_worth_a_retry else "Mend the file and run again."),
        finished=[],
        failed_migration={
            "version": job.file.version,
            "name": job.file.name,
            "direction": job.direction,
            "place": exc.place,
            "sqlstate": exc.cause.sqlstate,
            "statement": exc.statement[:_SHOWN_CHARACTERS] or None,
        },
        blockers=list(blockers),
    )
