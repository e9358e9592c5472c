# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case: discover, plan, apply, look again. Knows no history format."""

from __future__ import annotations

import base64
import dataclasses
import functools
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.arguments import refuse_contradictions
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import (
    SqlFile,
    read_folder,
    read_folder_if_there,
    sql_files,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied, History
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import unfinished
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.locking import take_lock
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.planning import (
    Policies,
    edited_files,
    pending_files,
    plan_apply,
    plan_rollback,
    rollback_scripts,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.reporting import failure, outcome_of
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import FileRun, Job, Report, Tools
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import read_script
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import Session
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.watching import LockWatch
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call


@dataclasses.dataclass(frozen=True)
class Request:
    """What the task asks for. Times in seconds; `to` is a version, only for `rolled_back`."""

    database_url: str
    files: t.Mapping[str, SqlFile]
    rollbacks: t.Mapping[str, SqlFile]
    migrations_dir: str
    rollback_dir: str
    state: str
    to: str | None
    phase: str
    lock_wait: float
    lock_timeout: float
    lock_retries: int
    statement_timeout: float
    policies: Policies


# Options that the request takes over as they are.
_AS_GIVEN = (
    *("database_url", "migrations_dir", "state", "to", "phase"),
    *("lock_wait", "lock_timeout", "lock_retries", "statement_timeout"),
)


@dataclasses.dataclass(frozen=True)
class Planned:
    """The work, and the history that it starts from."""

    applied: t.Mapping[str, Applied]
    jobs: tuple[Job, ...]
    deferred: tuple[str, ...]
    warnings: tuple[str, ...]


def read_request(params: t.Mapping[str, t.Any]) -> Request:
    """Read the options and the files that they name."""
    refuse_contradictions(params)
    folder = params["migrations_dir"]
    rollback_dir = params["rollback_dir"] or os.path.normpath(os.path.join(folder, os.pardir, "rollback"))
    rolling_back = params["state"] == "rolled_back"
    contents = params["contents"] or {}
    return Request(
        files=_files(folder, contents.get("migrations"), read_folder),
        # Without a folder the plan says for which migrations a script is missing.
        rollbacks=_files(rollback_dir, contents.get("rollback"), read_folder_if_there) if rolling_back else {},
        rollback_dir=rollback_dir,
        policies=Policies(params["on_edited"], params["on_missing_locally"], params["on_out_of_order"]),
        **{name: params[name] for name in _AS_GIVEN},
    )


def _files(folder: str, contents: t.Mapping[str, str] | None, read: t.Callable[[str], dict[str, bytes]]) -> dict[str, SqlFile]:
    """From the controller (base64 by name) where the action plugin has read them, else from this host."""
    if contents is None:
        return sql_files(folder, read(folder))
    return sql_files(folder, {name: base64.b64decode(content) for name, content in contents.items()})


def migrate(call: Call, history: History, *, application_name: str, clock: Clock | None = None) -> Outcome:
    """Bring the database to the wanted state, or in check mode say what that would take without writing anything."""
    request = read_request(call.params)
    observer = functools.partial(Observer, request.database_url, application_name=f"{application_name}, lock watch")
    with connect(request.database_url, application_name=application_name) as connection:
        session = Session(connection, lock_timeout=request.lock_timeout, statement_timeout=request.statement_timeout)
        if call.check_mode:
            session.refuse_writes()
        planned = plan(session, history, request)
        if call.check_mode or not planned.jobs:
            return outcome_of(planned.applied, planned.jobs, {}, planned.deferred, planned.warnings, done=None)
        clock = clock or SystemClock()
        take_lock(session, history.lock_key, lock_wait=request.lock_wait, clock=clock)
        planned = plan(session, history, request)
        with LockWatch(observer, session.pid, clock) as watch:
            tools = Tools(session, history, watch, clock, retries=request.lock_retries, lock_wait=request.lock_wait)
            reports = run_all(tools, planned)
        found = history.read(session)
        return outcome_of(planned.applied, planned.jobs, reports, planned.deferred, planned.warnings, done=found)


class Observer:
    """A second session for the lock watch."""

    def __init__(self, database_url: str, *, application_name: str) -> None:
        self._connection = connect(database_url, application_name=application_name)

    def __enter__(self) -> Session:
        return Session(self._connection, lock_timeout=0, statement_timeout=0)

    def __exit__(self, *exc: object) -> None:
        self._connection.close()


def plan(session: Session, history: History, request: Request) -> Planned:
    """Read the history and decide; every file that would run is read to its end before anything runs."""
    applied = history.read(session)
    begun = unfinished(session, history.journal)
    planned = _plan_rollback(request, applied) if request.state == "rolled_back" else _plan_apply(history, request, applied)
    running = {(job.direction, job.file.version) for job in planned.jobs} | {("apply", version) for version in planned.deferred}
    stale = tuple(
        f"An earlier run left {version} ({direction}) unfinished; see {history.journal}."
        for direction, version in begun
        if (direction, version) not in running
    )
    return dataclasses.replace(planned, warnings=planned.warnings + stale)


def _plan_apply(history: History, request: Request, applied: t.Mapping[str, Applied]) -> Planned:
    candidates = [(file, read_script(file.path, file.content)) for file in pending_files(request.files, applied)]
    found = plan_apply(
        candidates,
        applied=applied,
        edited=edited_files(request.files, applied, history.digest) if request.policies.on_edited != "ignore" else [],
        local=request.files,
        phase=request.phase,
        policies=request.policies,
    )
    warnings = found.warnings if request.files else (*found.warnings, f"No migration was found in {request.migrations_dir}.")
    jobs = tuple(Job(file, script) for file, script in found.run)
    return Planned(applied, jobs, tuple(file.version for file, _script in found.deferred), warnings)


def _plan_rollback(request: Request, applied: t.Mapping[str, Applied]) -> Planned:
    rows = plan_rollback(applied, to=t.cast(str, request.to))
    scripts = rollback_scripts(rows, request.rollbacks, folder=request.rollback_dir)
    jobs = tuple(
        Job(SqlFile(row.version, row.name, file.path, file.content), read_script(file.path, file.content), "roll_back")
        for row, file in zip(rows, scripts)
    )
    return Planned(applied, jobs, (), ())


def run_all(tools: Tools, planned: Planned) -> dict[str, Report]:
    """Run the jobs in order; an error says what was done until then."""
    reports: dict[str, Report] = {}
    if planned.jobs:
        tools.session.rows("BEGIN")
        tools.history.create(tools.session)
        tools.session.rows("COMMIT")
    for job in planned.jobs:
        try:
            reports[job.file.version] = FileRun(tools, job).run()
        except WebopsError as exc:
            raise failure(exc, job, list(reports), blockers=tools.watch.blockers, overtaken=_overtaken(tools, job)) from None
    return reports


def _overtaken(tools: Tools, job: Job) -> bool:
    """Whether somebody else (the vendor's tool takes no lock) recorded the same migration meanwhile."""
    if tools.session.is_lost or job.direction != "apply":
        return False
    tools.session.roll_back()
    return job.file.version in tools.history.read(tools.session)
