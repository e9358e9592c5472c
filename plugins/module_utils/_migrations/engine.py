# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case: discover, plan, apply, look again. Knows no history format."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.companions import (
    NO_COMPANIONS,
    Companions,
    CompanionSource,
    NoCompanions,
    run_companions,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.emptiness import nothing_to_harm
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied, History, State
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import Unfinished, unfinished
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.locking import refuse_shared_session, take_all_locks
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.planning import (
    edited_files,
    failed_earlier,
    has_contracted,
    pending_files,
    plan_apply,
    plan_baseline,
    plan_repair,
    plan_rollback,
    rollback_scripts,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.reporting import failure, outcome_of
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.request import Request, read_request
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import (
    APPLY,
    BASELINE,
    FORGET,
    REPAIR,
    ROLL_BACK,
    Job,
    Report,
    Tools,
    run_file,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import NOTHING, PHASES
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.seen import NOTHING_SEEN, Rehearsal, Seen
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import DatabaseError, Session
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.watching import LockWatch
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect

if t.TYPE_CHECKING:
    from psycopg import Connection

    from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call


class Planned(t.NamedTuple):
    """The work, and the history that it starts from. `deferred`: pending, but of the other phase.

    `later`: what of that will run once this run's release has traffic, too late then to find out that it must not.
    """

    state: State
    jobs: tuple[Job, ...]
    deferred: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    companions: Companions = NO_COMPANIONS
    later: tuple[Job, ...] = ()

    @property
    def is_idle(self) -> bool:
        return not self.jobs and not self.companions


def migrate(
    call: Call,
    history: History,
    *,
    application_name: str,
    beside: t.Callable[[t.Mapping[str, t.Any]], CompanionSource] = NoCompanions,
    clock: Clock | None = None,
) -> Outcome:
    """Bring the database to the wanted state, or in check mode say what that would take without writing anything.

    `beside`: from the options to the files that run beside the migrations.
    """
    request = read_request(call.params, history.layout)
    source = beside(call.params)
    in_full = call.check_mode or call.diff_mode
    outcome = functools.partial(_outcome, source, request.files, in_full=in_full)
    observer = functools.partial(Observer, request.database_url, application_name=f"{application_name}, lock watch")
    with connect(request.database_url, application_name=application_name) as connection:
        session = _session_on(connection, history, request)
        if call.check_mode:
            session.refuse_writes()
        planned = _first_plan(call, session, history, request, source)
        if planned is None or not planned.is_idle:
            session.look_at_server()
            if session.is_pooled:
                refuse_shared_session(session, observer)
        if planned is not None and (planned.is_idle or (call.check_mode and not request.rehearse)):
            return outcome(planned, {}, done=None, seen=_look(session, history, planned, request, in_full=in_full))
        clock = clock or SystemClock()
        take_all_locks(session, history, lock_wait=request.lock_wait, clock=clock)
        planned = plan(session, history, request, source)
        seen = _look(session, history, planned, request, in_full=in_full)
        with LockWatch(observer, session.pid, clock) as watch:
            tools = Tools(session, history, watch, clock, retries=request.lock_retries, lock_wait=request.lock_wait)
            if request.rehearse:
                seen = seen._replace(rehearsal=_rehearse(tools, planned))
            reports = {} if call.check_mode else run_all(tools, planned)
        found = None if call.check_mode else history.read(session).applied
        return outcome(planned, reports, done=found, seen=seen)


def _session_on(connection: Connection[t.Any], history: History, request: Request) -> Session:
    return Session(
        connection,
        lock_timeout=request.lock_timeout,
        statement_timeout=request.statement_timeout,
        search_path=history.search_path,
        stand_in=history.stand_in,
    )


def _first_plan(call: Call, session: Session, history: History, request: Request, source: CompanionSource) -> Planned | None:
    """None where a policy is in the way: what it met may be another run at work, and is judged again once that has ended."""
    try:
        return plan(session, history, request, source)
    except ConflictError:
        if call.check_mode:
            raise
        return None


def _outcome(
    source: CompanionSource,
    files: t.Mapping[str, SqlFile],
    planned: Planned,
    reports: t.Mapping[str, Report],
    *,
    done: t.Mapping[str, Applied] | None,
    seen: Seen,
    in_full: bool,
) -> Outcome:
    found = outcome_of(
        planned.state.applied,
        planned.jobs,
        reports,
        planned.deferred,
        (*planned.warnings, *planned.companions.warnings),
        done=done,
        seen=seen,
        companions=tuple(planned.companions),
        in_full=in_full,
        contracted_before=not planned.deferred and has_contracted(files, planned.state.applied),
    )
    return dataclasses.replace(found, values={**found.values, **source.values(planned.companions)})


# What only a run with work needs is imported there: Ansible compiles a module's sources anew in every run.
def _look(session: Session, history: History, planned: Planned, request: Request, *, in_full: bool) -> Seen:
    jobs = (*planned.jobs, *planned.later)
    if not jobs or (not in_full and not request.linting.squawk and nothing_to_harm(session, jobs)):
        return NOTHING_SEEN
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.surveying import survey

    return survey(session, history, jobs, request.linting, in_full=in_full)


def _rehearse(tools: Tools, planned: Planned) -> Rehearsal:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.rehearsing import rehearse

    return rehearse(tools, planned.jobs)


class Observer:
    """A second session for the lock watch."""

    def __init__(self, database_url: str, *, application_name: str) -> None:
        self._connection = connect(database_url, application_name=application_name)

    def __enter__(self) -> Session:
        return Session(self._connection, lock_timeout=0, statement_timeout=0)

    def __exit__(self, *exc: object) -> None:
        self._connection.close()


def plan(session: Session, history: History, request: Request, source: CompanionSource) -> Planned:
    """Read the history and decide; every file that would run is read to its end before anything runs."""
    state = _read(session, history)
    begun = unfinished(session, history.journal)
    if request.state == "applied":
        planned = _plan_apply(history, request, state, begun)._replace(companions=source.plan(session))
    elif request.state == "rolled_back":
        planned = _plan_rollback(history, request, state, begun)
    elif request.state == "baselined":
        planned = _plan_baseline(history, request, state)
    else:
        planned = _plan_repair(history, request, state, begun)
    return _marked(planned, begun)


def _read(session: Session, history: History) -> State:
    try:
        return history.read(session)
    except DatabaseError as exc:
        raise WebopsError(f"The history {history.table} cannot be read: {exc.message}", hint=exc.hint) from None


def _marked(planned: Planned, begun: t.Sequence[Unfinished]) -> Planned:
    """With a mark on the jobs that the journal knows."""
    known = {(entry.direction, entry.version) for entry in begun}
    jobs = tuple(job._replace(begun=(job.direction, job.file.version) in known) for job in planned.jobs)
    return planned._replace(jobs=jobs) if known else planned


def _plan_apply(history: History, request: Request, state: State, begun: t.Sequence[Unfinished]) -> Planned:
    candidates = [(file, file.script) for file in pending_files(request.files, state.applied)]
    found = plan_apply(
        candidates,
        applied=state.applied,
        edited=_edited(history, request, state) if request.policies.on_edited != "ignore" else [],
        failed=failed_earlier(state, begun, judge_ours=not history.records_failures),
        foreign=state.failed,
        local=request.files,
        phase=request.phase,
        policies=request.policies,
    )
    warnings = found.warnings if request.files else (*found.warnings, f"No migration was found in {request.migrations_dir}.")
    jobs = tuple(Job(file, script) for file, script in found.run)
    if jobs and state.obstacle:
        raise ConflictError(state.obstacle, hint="Record what the database already has with state=baselined, then run again.")
    deferred = tuple(file.version for file, _script in found.deferred)
    known = {job.file.version for job in jobs} | set(deferred)
    later = tuple(Job(file, script) for file, script in found.deferred) if request.phase == PHASES[0] else ()
    return Planned(state, jobs, deferred, warnings + _stale(history, begun, APPLY, known), later=later)


def _edited(history: History, request: Request, state: State) -> list[SqlFile]:
    return edited_files(request.files, state.applied, history.matches)


def _plan_rollback(history: History, request: Request, state: State, begun: t.Sequence[Unfinished]) -> Planned:
    rows = plan_rollback(state.applied, to=t.cast(str, request.to))
    scripts = rollback_scripts(rows, request.rollbacks, folder=request.rollback_dir)
    jobs = tuple(
        Job(dataclasses.replace(file, version=row.version, name=row.name), file.script, ROLL_BACK) for row, file in zip(rows, scripts)
    )
    return Planned(state, jobs, warnings=_stale(history, begun, ROLL_BACK, {row.version for row in rows}))


def _stale(history: History, begun: t.Sequence[Unfinished], direction: str, known: t.Collection[str]) -> tuple[str, ...]:
    """Unfinished files that this run does not go on with."""
    return tuple(
        f"An earlier run left {entry.version} ({entry.direction}) unfinished; see {history.journal}. state=repaired forgets it."
        for entry in begun
        if entry.direction != direction or entry.version not in known
    )


def _plan_baseline(history: History, request: Request, state: State) -> Planned:
    edited = {file.version for file in _edited(history, request, state)}
    files = plan_baseline(request.files, state.applied, edited, to=request.to, versions=request.versions, folder=request.migrations_dir)
    return Planned(state, tuple(Job(file, file.script, BASELINE) for file in files))


def _plan_repair(history: History, request: Request, state: State, begun: t.Sequence[Unfinished]) -> Planned:
    begun_versions = [entry.version for entry in begun]
    repairable = history.repairable(state)
    found = plan_repair(request.versions, repairable=[*repairable, *begun_versions], local=request.files)
    # What has run stays in the history where only its rollback is forgotten.
    kept_rows = state.failed.keys() & state.applied.keys()
    jobs = tuple(
        Job(_file_of(version, request, state), NOTHING, REPAIR if version in repairable and version not in kept_rows else FORGET)
        for version in found.versions
    )
    kept = tuple(
        f"{entry.version}: {entry.done} steps of its {entry.direction} had run, and what they did stays in the database."
        for entry in begun
        if entry.version in found.versions and entry.done
    )
    return Planned(state, jobs, warnings=found.warnings + kept)


def _file_of(version: str, request: Request, state: State) -> SqlFile:
    """The file of a version, which this checkout need not hold."""
    row = state.applied.get(version)
    return request.files.get(version) or SqlFile(version, row.name if row else "", "", b"", row.title if row else version)


def run_all(tools: Tools, planned: Planned) -> dict[str, Report]:
    """Run the jobs in order; an error says what was done until then."""
    if planned.jobs and planned.jobs[0].direction in (BASELINE, REPAIR, FORGET):
        from ansible_collections.holdfast.webops.plugins.module_utils._migrations.rewriting import rewrite_history

        rewrite_history(tools, planned.jobs)
        return {}
    run_companions(tools, planned.companions.before)
    reports = _run_jobs(tools, planned.jobs)
    try:
        run_companions(tools, planned.companions.after)
    except WebopsError as exc:
        raise WebopsError(exc.message, hint=exc.hint, **{**exc.details, "finished": list(reports)}) from None
    return reports


def _run_jobs(tools: Tools, jobs: t.Sequence[Job]) -> dict[str, Report]:
    reports: dict[str, Report] = {}
    if jobs:
        _make_history(tools)
    for job in jobs:
        try:
            reports[job.file.version] = run_file(tools, job)
        except WebopsError as exc:
            raise failure(exc, job, list(reports), blockers=tools.watch.blockers, overtaken=_overtaken(tools, job)) from None
    return reports


def _make_history(tools: Tools) -> None:
    tools.session.reset()
    try:
        tools.session.rows("BEGIN")
        tools.history.create(tools.session)
        tools.session.rows("COMMIT")
    except DatabaseError as exc:
        raise WebopsError(f"The history {tools.history.table} cannot be made, so nothing ran: {exc.message}", hint=exc.hint) from None


def _overtaken(tools: Tools, job: Job) -> bool:
    """Whether somebody else (the vendor's tool takes no lock) recorded the same migration meanwhile."""
    if tools.session.is_lost or job.direction != APPLY:
        return False
    # When not even this can be asked, what failed first is what matters.
    with contextlib.suppress(WebopsError):
        tools.session.roll_back()
        tools.session.reset()
        return job.file.version in tools.history.read(tools.session).applied
    return False
