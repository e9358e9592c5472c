# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs one file, forward or back: its steps, retries while others are in the way, and a journal where one commit is not enough."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations import leftovers
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database, History
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import DONE, FAILED, STARTED, Entry, Journal
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.locking import release_lock, take_all_locks, take_lock
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script, Statement, Step
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import DatabaseError, Session
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.watching import LockWatch

LONGEST_BACK_OFF = 30.0
# Let in, it refuses at once; the connection of Prisma's JavaScript engine lives ten seconds longer.
VENDOR_LEAVES_WITHIN = 15.0
Found = t.TypeVar("Found")

# What is done with a file: run it, run the script that undoes it, record it without running it, make it pending again, or only
# forget what the journal knows of it.
APPLY, ROLL_BACK, BASELINE, REPAIR, FORGET = "apply", "roll_back", "baseline", "repair", "forget"


@dataclasses.dataclass(frozen=True)
class Job:
    """One file. `direction`: one of those above; for ROLL_BACK the script is the one that undoes the file.

    `begun`: whether the journal knows it.
    """

    file: SqlFile
    script: Script
    direction: str = APPLY
    begun: bool = False


class Tools(t.NamedTuple):
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


def insist(tools: Tools, report: Report, attempt: t.Callable[[], None]) -> None:
    """Try a step again, later and later, while others hold the locks that it needs."""
    pause = 1.0
    for left in range(tools.retries, -1, -1):
        try:
            attempt()
            return
        except StepError as exc:
            report.lock_wait += tools.watch.take_waited()
            if not exc.cause.is_worth_a_retry or not left:
                raise
        report.retries += 1
        tools.clock.sleep(pause)
        pause = min(pause * 2, LONGEST_BACK_OFF)


def execute(session: Session, script: Script, statement: Statement) -> None:
    """Run a statement of a script. Raises StepError with its file and line."""
    try:
        session.run(statement.text)
    except DatabaseError as exc:
        raise _step_error(exc, script, statement) from None
    if statement.resets_role:
        session.stand_in()


def _step_error(exc: DatabaseError, script: Script, statement: Statement) -> StepError:
    offset = statement.start + exc.position - 1 if exc.position else statement.code
    return StepError(exc, script.place(offset), statement.text)


class FileRun:
    """One file on its way."""

    def __init__(self, tools: Tools, job: Job) -> None:
        self._tools = tools
        self._session = tools.session
        self._job = job
        self._script = job.script
        self._journal = Journal(tools.session, tools.history.journal, direction=job.direction, version=job.file.version)
        self._report = Report()
        # Whether the author may have set a role by now, and whether he ever may.
        self._is_fresh = True
        self._may_set_role = job.script.may_set_role
        # Another tool that has the same file in hand waits for this lock, and then fails on our row.
        self._lock = f"LOCK TABLE {tools.history.table} IN SHARE ROW EXCLUSIVE MODE"

    def run(self) -> Report:
        """Run what of the file has not run yet, and change the history with its last step."""
        began = self._tools.clock.monotonic()
        if self._script.fits_one_message and not self._job.begun:
            insist(self._tools, self._report, self._at_once)
        else:
            self._in_steps()
        self._report.lock_wait += self._tools.watch.take_waited()
        self._report.duration = self._tools.clock.monotonic() - began
        return self._report

    def _at_once(self) -> None:
        """Settings, transaction and history row in one message: most files are small, and a round trip costs more than they do."""
        # The comment is for whoever looks into pg_stat_activity, where a long message is cut off.
        first, *others = self._session.settings
        before = (f"/* {self._job.file.label} */ {first}", *others, "BEGIN", self._lock)
        statements = self._script.steps[0].statements
        row = self._session.dictation()
        self._record(row, journalled=False)
        try:
            with self._tools.watch.during():
                self._session.run_together((*before, *(statement.text for statement in statements), *row.statements, "COMMIT"))
        except DatabaseError as exc:
            self._session.roll_back()
            number = None if exc.number is None else exc.number - len(before)
            if number is not None and 0 <= number < len(statements):
                raise _step_error(exc, self._script, statements[number]) from None
            place = "somewhere" if number is None else "in its bookkeeping" if number <= len(statements) else "at its COMMIT"
            raise StepError(exc, f"{self._script.path} {place}", "") from None

    def _in_steps(self) -> None:
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
        """Note that the file takes more than one commit, in the journal and, forward, in the history, both or neither."""
        self._session.rows("BEGIN")
        self._journal.open()
        self._journal.write(Entry(0, self._script.steps[0].digest, STARTED))
        if self._job.direction == APPLY:
            self._tools.history.begin(self._session, self._job.file)
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
                    hint=f"Restore that part of the file, or undo by hand what ran and {self._journal.how_to_forget()} to start over.",
                )
        return len(done)

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

        Let in, the vendor's tool finds the unfinished record of this file and refuses to go on. A rollback has no such record.
        """
        key = self._tools.history.foreign_lock_key
        if key is not None and self._job.direction == APPLY:
            release_lock(self._session, key)

    def _keep_the_vendor_out(self) -> None:
        key = self._tools.history.foreign_lock_key
        if key is not None and self._job.direction == APPLY:
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
                hint=f"Look for yourself; undo by hand what ran, then {self._journal.how_to_forget()} to start the file over.",
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
        self._record(self._session, journalled=journalled)
        if journalled:
            self._journal.close()

    def _record(self, database: Database, *, journalled: bool) -> None:
        if self._job.direction == APPLY:
            record = self._tools.history.finish if journalled else self._tools.history.add
            record(database, self._job.file, self._script)
        else:
            self._tools.history.remove(database, self._job.file.version)
