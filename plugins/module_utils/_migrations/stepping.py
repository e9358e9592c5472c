# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One file in several steps: commits between them, statements that run alone, and a journal of what is done."""

from __future__ import annotations

import contextlib
import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations import leftovers
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import DONE, FAILED, STARTED, Entry, Journal
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.locking import release_lock, take_all_locks, take_lock
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import (
    APPLY,
    Job,
    Report,
    StepError,
    Tools,
    execute,
    history_lock,
    insist,
    record,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Statement, Step
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import DatabaseError

# Let in, it refuses at once; the connection of Prisma's JavaScript engine lives ten seconds longer.
VENDOR_LEAVES_WITHIN = 15.0
Found = t.TypeVar("Found")


class StepwiseRun:
    """One file on its way. What becomes of it is added to `report`."""

    def __init__(self, tools: Tools, job: Job, report: Report) -> None:
        self._tools = tools
        self._session = tools.session
        self._job = job
        self._script = job.script
        self._journal = Journal(tools.session, tools.history.journal, direction=job.direction, version=job.file.version)
        self._report = report
        # Whether the author may have set a role by now, and whether he ever may.
        self._is_fresh = True
        self._may_set_role = job.script.may_set_role
        self._lock = history_lock(tools.history)

    def run(self) -> None:
        """Run what of the file has not run yet, and change the history with its last step."""
        self._session.reset()
        entries = {entry.step: entry for entry in self._journal.read()} if self._job.begun else {}
        done = self._finished_steps(entries)
        journalled = bool(entries) or not self._script.is_atomic
        if journalled and not entries:
            self._begin()
        self._repeat_settings(done)
        for number in range(done, len(self._script.steps)):
            self._step(number, entries.get(number), journalled)
        if done == len(self._script.steps) or not self._script.steps[-1].can_finish:
            insist(self._tools, self._report, lambda: self._transaction((), lambda: self._finish(journalled)))

    def _begin(self) -> None:
        """Note that the file takes more than one commit, in the journal and in the history, both or neither."""
        self._session.rows("BEGIN")
        self._journal.open()
        self._journal.write(Entry(0, self._script.steps[0].digest, STARTED))
        begin = self._tools.history.begin if self._job.direction == APPLY else self._tools.history.begin_rollback
        begin(self._session, self._job.file)
        self._session.rows("COMMIT")

    def _step(self, number: int, entry: Entry | None, journalled: bool) -> None:
        try:
            insist(self._tools, self._report, functools.partial(self._attempt, number, entry, journalled))
        except StepError as exc:
            # When not even this works, what failed first is what matters.
            if journalled and not exc.cause.lost:
                with contextlib.suppress(WebopsError):
                    self._note_failure(number, exc)
            raise
        self._is_fresh = False
        if self._script.may_unlock:
            take_all_locks(self._session, self._tools.history, lock_wait=self._tools.lock_wait, clock=self._tools.clock)

    def _note_failure(self, number: int, exc: StepError) -> None:
        step = self._script.steps[number]
        # A statement alone has noted more.
        if step.kind != "alone":
            self._note(Entry(number, step.digest, FAILED))
        if self._job.direction == APPLY:
            self._with_own_rights(lambda: self._tools.history.fail(self._session, self._job.file.version, exc.message))

    def _note(self, entry: Entry) -> None:
        """Write to the journal outside of the author's transactions."""
        self._with_own_rights(lambda: self._journal.write(entry))

    def _with_own_rights(self, work: t.Callable[[], None]) -> None:
        """Outside of a transaction, whatever role the author has set."""
        if not self._may_set_role:
            work()
            return
        self._session.rows("BEGIN")
        self._session.act_as_self()
        work()
        self._session.rows("COMMIT")

    def _finished_steps(self, entries: t.Mapping[int, Entry]) -> int:
        """How many steps an earlier run finished. A finished step that was edited since cannot be trusted."""
        steps = self._script.steps
        done = sorted(number for number, entry in entries.items() if entry.state == DONE)
        for number in done:
            if number >= len(steps) or entries[number].digest != steps[number].digest:
                raise ConflictError(
                    f"{self._script.path}: an earlier run finished its first {len(done)} of several steps, and these were edited since.",
                    hint=f"Restore that part of the file, or undo by hand what ran and {self._how_to_forget()} to start over.",
                )
        return len(done)

    def _how_to_forget(self) -> str:
        return self._journal.how_to_forget(repair_keeps=self._tools.history.records_failures)

    def _repeat_settings(self, done: int) -> None:
        """SET search_path and its like in finished steps also hold for the steps that follow."""
        for step in self._script.steps[:done]:
            for statement in step.statements:
                if statement.sets_session:
                    self._execute(statement)
                    self._is_fresh = False

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
                self._have_own_rights()
                self._journal.write(note)

        if step.kind == "block":
            self._block(step, remember)
        else:
            self._transaction(step.statements, remember)

    def _transaction(self, statements: t.Sequence[Statement], remember: t.Callable[[], None]) -> None:
        """Statements and what is remembered of them, all or nothing."""
        try:
            with self._tools.watch.during():
                self._ours(lambda: self._lock_history("BEGIN; "))
                for statement in statements:
                    self._execute(statement)
                self._ours(remember)
                self._ours(lambda: self._session.run("COMMIT"), f"{self._script.path} at its COMMIT")
        except WebopsError:
            self._session.roll_back()
            raise

    def _lock_history(self, begin: str = "") -> None:
        if self._is_fresh or not self._may_set_role:
            self._session.run(begin + self._lock)
            return
        if begin:
            self._session.run(begin)
        authors = self._session.role()
        self._session.act_as_self()
        self._session.run(self._lock)
        self._session.act_as(authors)

    def _block(self, step: Step, remember: t.Callable[[], None]) -> None:
        """The author's own transaction. What is remembered goes into it where it commits, else after it."""
        try:
            with self._tools.watch.during():
                self._execute(step.statements[0])
                if step.can_finish:
                    self._ours(self._lock_history)
                for statement in step.statements[1:-1]:
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
        at = self._script.place(statement.code)
        with self._tools.watch.during():
            is_over = self._ours(lambda: self._is_over(statement, digest, entry), at)
        if is_over:
            self._note(Entry(number, digest, DONE))
            return
        weak = leftovers.takes_weak_locks(statement.plain)
        if weak:
            self._session.wait_for_locks(self._tools.lock_wait)
            self._let_the_vendor_in()
        try:
            with self._tools.watch.during():
                self._ours(lambda: self._clean_up(statement.plain, None), at)
            before = tuple(index.oid for index in leftovers.indexes_near(self._session, statement.plain))
            self._note(Entry(number, digest, STARTED, statement.plain, before))
            self._run_alone(number, statement, digest, before)
        finally:
            if weak and not self._session.is_lost:
                self._session.wait_for_locks(None)
        if weak:
            self._keep_the_vendor_out()

    def _let_the_vendor_in(self) -> None:
        """Whoever waits inside pg_advisory_lock() holds a snapshot that CONCURRENTLY waits for: a deadlock.

        Let in, the vendor's tool finds the unfinished record of this file and refuses to go on.
        """
        key = self._tools.history.foreign_lock_key
        if key is not None:
            release_lock(self._session, key)

    def _keep_the_vendor_out(self) -> None:
        key = self._tools.history.foreign_lock_key
        if key is not None:
            take_lock(self._session, key, lock_wait=max(self._tools.lock_wait, VENDOR_LEAVES_WITHIN), clock=self._tools.clock)

    def _run_alone(self, number: int, statement: Statement, digest: str, before: tuple[int, ...]) -> None:
        try:
            with self._tools.watch.during():
                self._execute(statement)
        except StepError as exc:
            # What cannot be cleaned up now stays noted as started, and the next run does it.
            if not exc.cause.lost:
                with contextlib.suppress(WebopsError):
                    self._session.roll_back()
                    self._clean_up(statement.plain, before)
                    self._note(Entry(number, digest, FAILED, statement.plain, before))
            raise
        leftovers.refuse_invalid(self._session, statement.plain, before=before)
        self._note(Entry(number, digest, DONE))

    def _is_over(self, statement: Statement, digest: str, entry: Entry | None) -> bool:
        """Whether an interrupted statement needs no second run; removes what it left otherwise."""
        if leftovers.finish_detaching(self._session, statement.plain):
            return True
        if entry is None or entry.state != STARTED or entry.statement is None:
            return False
        effect = leftovers.took_effect(self._session, entry.statement, before=entry.indexes)
        if effect is None:
            raise ConflictError(
                f"{self._script.place(statement.code)}: this statement was running when an earlier run died, and the database cannot tell"
                " whether it took effect.",
                hint=f"Look for yourself; undo by hand what ran, then {self._how_to_forget()} to start the file over.",
            )
        if not effect:
            self._clean_up(entry.statement, entry.indexes)
        return effect and entry.digest == digest

    def _clean_up(self, plain: str, before: tuple[int, ...] | None) -> None:
        dropped = leftovers.drop_invalid(self._session, plain, before=before)
        self._report.warnings += [f"Dropped the INVALID index {name} that an interrupted run had left." for name in dropped]

    def _execute(self, statement: Statement) -> None:
        execute(self._session, self._script, statement)

    def _ours(self, work: t.Callable[[], Found], place: str | None = None) -> Found:
        """What we add to a step: when it fails the step fails, and may be tried again like any other."""
        try:
            return work()
        except DatabaseError as exc:
            raise StepError(exc, place or f"{self._script.path} in its bookkeeping", "") from None

    def _have_own_rights(self) -> None:
        """Until the open transaction ends, whatever role the author has set."""
        if self._may_set_role:
            self._session.act_as_self()

    def _finish(self, journalled: bool) -> None:
        """Change the history, in the transaction that is open."""
        self._have_own_rights()
        record(self._session, self._tools.history, self._job, journalled=journalled)
        if journalled:
            self._journal.close()
