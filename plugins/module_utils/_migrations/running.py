# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs one file, forward or back, and tries again while others are in the way. Most files are one message; stepping.py has the others."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database, History
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script, Statement
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import DatabaseError, Session
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.watching import LockWatch

LONGEST_BACK_OFF = 30.0

# What is done with a file: run it, run the script that undoes it, record it without running it, make it pending again, or only
# forget that it has begun.
APPLY, ROLL_BACK, BASELINE, REPAIR, FORGET = "apply", "roll_back", "baseline", "repair", "forget"


class Job(t.NamedTuple):
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


def history_lock(history: History) -> str:
    """Another tool that has the same file in hand waits for this lock, and then fails on our row."""
    return f"LOCK TABLE {history.table} IN SHARE ROW EXCLUSIVE MODE"


def record(database: Database, history: History, job: Job, *, journalled: bool) -> None:
    """Change the history, in the transaction that is open."""
    if job.direction == APPLY:
        (history.finish if journalled else history.add)(database, job.file, job.script)
    else:
        history.remove(database, job.file.version)


def run_file(tools: Tools, job: Job) -> Report:
    """Run what of the file has not run yet, and change the history with its last step."""
    report = Report()
    began = tools.clock.monotonic()
    if job.script.fits_one_message and not job.begun:
        insist(tools, report, functools.partial(_at_once, tools, job))
    else:
        # Imported here, because most runs do without: Ansible compiles a module's sources anew in every run.
        from ansible_collections.holdfast.webops.plugins.module_utils._migrations.stepping import StepwiseRun

        StepwiseRun(tools, job, report).run()
    report.lock_wait += tools.watch.take_waited()
    report.duration = tools.clock.monotonic() - began
    return report


def _at_once(tools: Tools, job: Job) -> None:
    """Settings, transaction and history row in one message: most files are small, and a round trip costs more than they do."""
    # The comment is for whoever looks into pg_stat_activity, where a long message is cut off.
    first, *others = tools.session.settings
    before = (f"/* {job.file.label} */ {first}", *others, "BEGIN", history_lock(tools.history))
    statements = job.script.steps[0].statements
    row = tools.session.dictation()
    record(row, tools.history, job, journalled=False)
    try:
        with tools.watch.during():
            tools.session.run_together((*before, *(statement.text for statement in statements), *row.statements, "COMMIT"))
    except DatabaseError as exc:
        tools.session.roll_back()
        number = None if exc.number is None else exc.number - len(before)
        if number is not None and 0 <= number < len(statements):
            raise _step_error(exc, job.script, statements[number]) from None
        place = "somewhere" if number is None else "in its bookkeeping" if number <= len(statements) else "at its COMMIT"
        raise StepError(exc, f"{job.script.path} {place}", "") from None
