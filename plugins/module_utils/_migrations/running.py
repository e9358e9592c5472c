# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs one file, forward or back: its steps, retries while others are in the way, and a journal where one commit is not enough."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations import leftovers
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import History
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import DONE, FAILED, STARTED, Entry, Journal
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script, Statement, Step
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import DatabaseError, Session
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.watching import LockWatch

LONGEST_BACK_OFF = 30.0


@dataclasses.dataclass(frozen=True)
class Job:
    """One file to run. `direction`: apply or roll_back (the script is then the one that undoes the file)."""

    file: SqlFile
    script: Script
    direction: str = "apply"


@dataclasses.dataclass(frozen=True)
class Tools:
    """What a run works with. `retries`: how often a step is tried again; `lock_wait`: seconds that weak locks are waited for."""

    session: Session
    history: History
    watch: LockWatch
    clock: Clock
    retries: int
    lock_wait: float


@dataclasses.dataclass
class Report:
    """What running one file took."""

    duration: float = 0.0
    lock_wait: float = 0.0
    retries: int = 0
    warnings: list[str] = dataclasses.field(default_factory=list)


class StepError(WebopsError):
    """A statement failed; `place` is file and line."""

    def __init__(self, cause: DatabaseError, place: str, statement: str) -> None:
        super().__init__(f"{place}: {cause.message}", hint=cause.hint)
        self.cause = cause
        self.place = place
        self.statement = statement


class FileRun:
    """One file on its way."""

    def __init__(self, tools: Tools, job: Job) -> None:
        self._tools = tools
        self._session = tools.session
        self._job = job
        self._script = job.script
        self._journal = Journal(tools.session, tools.history.journal, direction=job.direction, version=job.file.version)
        self._report = Report()

    def run(self) -> Report:
        """Run what of the file has not run yet, and change the history with its last step."""
        began = self._tools.clock.monotonic()
        self._session.reset()
        entries = {entry.step: entry for entry in self._journal.read()}
        done = self._finished_steps(entries)
        journalled = bool(entries) or not self._script.is_atomic
        if journalled and not entries:
            self._session.rows("BEGIN")
            self._journal.open()
            self._session.rows("COMMIT")
        self._repeat_settings(done)
        for number in range(done, len(self._script.steps)):
            self._insist(functools.partial(self._attempt, number, entries.get(number), journalled))
        if done == len(self._script.steps) or not self._script.steps[-1].can_finish:
            self._insist(lambda: self._transaction((), lambda: self._finish(journalled)))
        self._report.lock_wait += self._tools.watch.take_waited()
        self._report.duration = self._tools.clock.monotonic() - began
        return self._report

    def _finished_steps(self, entries: t.Mapping[int, Entry]) -> int:
        """How many steps an earlier run finished. A finished step that was edited since cannot be trusted."""
        steps = self._script.steps
        done = sorted(number for number, entry in entries.items() if entry.state == DONE)
        for number in done:
            if number >= len(steps) or entries[number].digest != steps[number].digest:
                raise ConflictError(
                    f"{self._script.path}: an earlier run finished its first {len(done)} of several steps, and these were edited since.",
                    hint=f"Restore that part of the file, or undo by hand what ran and start over after {self._journal.how_to_forget()}.",
                )
        return len(done)

    def _repeat_settings(self, done: int) -> None:
        """SET search_path and its like in finished steps also hold for the steps that follow."""
        for step in self._script.steps[:done]:
            for statement in step.statements:
                if statement.sets_session:
                    self._execute(statement)

    def _insist(self, attempt: t.Callable[[], None]) -> None:
        """Try a step again, later and later, while others hold the locks that it needs."""
        pause = 1.0
        for left in range(self._tools.retries, -1, -1):
            try:
                attempt()
                return
            except StepError as exc:
                self._report.lock_wait += self._tools.watch.take_waited()
                if not exc.cause.is_worth_a_retry or not left:
                    raise
            self._report.retries += 1
            self._tools.clock.sleep(pause)
            pause = min(pause * 2, LONGEST_BACK_OFF)

    def _attempt(self, number: int, entry: Entry | None, journalled: bool) -> None:
        step = self._script.steps[number]
        if step.kind == "alone":
            self._alone(number, step.statements[0], step.digest, entry)
            return
        last = number == len(self._script.steps) - 1 and step.can_finish
        note = Entry(number, step.digest, DONE)

        def remember() -> None:
            if last:
                self._finish(journalled)
            elif journalled:
                self._journal.write(note)

        if step.kind == "block":
            self._block(step, remember)
        else:
            self._transaction(step.statements, remember)

    def _transaction(self, statements: t.Sequence[Statement], remember: t.Callable[[], None]) -> None:
        """Statements and what is remembered of them, all or nothing."""
        try:
            with self._tools.watch.during():
                # Another tool that has the same file in hand waits here, and then fails on our row.
                self._ours(lambda: self._session.run(f"BEGIN; LOCK TABLE {self._tools.history.table} IN SHARE ROW EXCLUSIVE MODE"))
                for statement in statements:
                    self._execute(statement)
                self._ours(remember)
                self._ours(lambda: self._session.run("COMMIT"), "at its COMMIT")
        except WebopsError:
            self._session.roll_back()
            raise

    def _block(self, step: Step, remember: t.Callable[[], None]) -> None:
        """The author's own transaction. What is remembered goes into it where it commits, else after it."""
        try:
            with self._tools.watch.during():
                for statement in step.statements[:-1]:
                    self._execute(statement)
                if step.can_finish:
                    self._ours(remember)
                self._execute(step.statements[-1])
        except WebopsError:
            self._session.roll_back()
            raise
        if not step.can_finish:
            self._session.roll_back()
            self._transaction((), remember)

    def _alone(self, number: int, statement: Statement, digest: str, entry: Entry | None) -> None:
        """A statement outside of a transaction: ask what an interrupted run left, note, run, look, note."""
        if self._is_over(statement, digest, entry):
            self._journal.write(Entry(number, digest, DONE))
            return
        weak = leftovers.takes_weak_locks(statement.plain)
        if weak:
            self._session.wait_for_locks(self._tools.lock_wait)
        try:
            self._clean_up(statement.plain, None)
            before = tuple(index.oid for index in leftovers.indexes_near(self._session, statement.plain))
            self._journal.write(Entry(number, digest, STARTED, statement.plain, before))
            self._run_alone(number, statement, digest, before)
        finally:
            if weak and not self._session.is_lost:
                self._session.wait_for_locks(None)

    def _run_alone(self, number: int, statement: Statement, digest: str, before: tuple[int, ...]) -> None:
        try:
            with self._tools.watch.during():
                self._execute(statement)
        except StepError as exc:
            if not exc.cause.lost:
                self._session.roll_back()
                self._clean_up(statement.plain, before)
                self._journal.write(Entry(number, digest, FAILED, statement.plain, before))
            raise
        leftovers.refuse_invalid(self._session, statement.plain, before=before)
        self._journal.write(Entry(number, digest, DONE))

    def _is_over(self, statement: Statement, digest: str, entry: Entry | None) -> bool:
        """Whether an interrupted statement needs no second run; removes what it left otherwise."""
        if entry is None or entry.state != STARTED or entry.statement is None:
            return False
        effect = leftovers.took_effect(self._session, entry.statement, before=entry.indexes)
        if effect is None:
            raise ConflictError(
                f"{self._script.place(statement.code)}: this statement was running when an earlier run died, and the database cannot tell"
                " whether it took effect.",
                hint=f"Look for yourself; undo by hand what ran, then start the file over after {self._journal.how_to_forget()}.",
            )
        if not effect:
            self._clean_up(entry.statement, entry.indexes)
        return effect and entry.digest == digest

    def _clean_up(self, plain: str, before: tuple[int, ...] | None) -> None:
        dropped = leftovers.drop_invalid(self._session, plain, before=before)
        self._report.warnings += [f"Dropped the INVALID index {name} that an interrupted run had left." for name in dropped]

    def _execute(self, statement: Statement) -> None:
        try:
            self._session.run(statement.text)
        except DatabaseError as exc:
            offset = statement.start + exc.position - 1 if exc.position else statement.code
            raise StepError(exc, self._script.place(offset), statement.text) from None

    def _ours(self, work: t.Callable[[], None], where: str = "in its bookkeeping") -> None:
        """What we add to a step: when it fails the step fails, and may be tried again like any other."""
        try:
            work()
        except DatabaseError as exc:
            raise StepError(exc, f"{self._script.path} {where}", "") from None

    def _finish(self, journalled: bool) -> None:
        """Change the history, in the transaction that is open."""
        if self._job.direction == "apply":
            self._tools.history.add(self._session, self._job.file, self._script)
        else:
            self._tools.history.remove(self._session, self._job.file.version)
        if journalled:
            self._journal.close()
