# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome and the failure of a run, as the user sees them."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import without_passwords
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.companions import Companion
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import (
    APPLY,
    BASELINE,
    FORGET,
    REPAIR,
    ROLL_BACK,
    Job,
    Report,
    StepError,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import PHASES, Script
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.seen import NOTHING_SEEN, Rehearsal, Seen

# A diff is for reading: of a statement longer than this, only the beginning is shown.
SHOWN_CHARACTERS = 1000
# After these the history holds the migration, after those it does not.
_RECORDED = (APPLY, BASELINE)
_REMOVED = (ROLL_BACK, REPAIR)


def outcome_of(
    applied: t.Mapping[str, Applied],
    jobs: t.Sequence[Job],
    reports: t.Mapping[str, Report],
    deferred: t.Sequence[str],
    warnings: t.Sequence[str],
    *,
    done: t.Mapping[str, Applied] | None,
    seen: Seen = NOTHING_SEEN,
    companions: t.Sequence[Companion] = (),
    in_full: bool = True,
    contracted_before: bool = False,
) -> Outcome:
    """`done` is the history found afterwards; None predicts it. `seen` is what was looked at before.

    `contracted_before`: whether the schema counts as contracted where this run applies nothing.
    `in_full`: the diff holds the statements. Of many files these are long, and in most runs nobody looks at them.
    """
    found = expected_history(applied, jobs) if done is None else set(done)
    missing = [job.file.label for job in jobs if job.direction in (_REMOVED if job.file.version in found else _RECORDED)]
    if missing:
        raise WebopsError(f"The migrations ran without an error, but the history does not show it: {', '.join(missing)}.")
    head = max(found, default=None)
    forward = _versions(jobs, APPLY)
    values = {
        "applied": forward,
        "pending": sorted([*forward, *deferred]),
        "deferred": list(deferred),
        "rolled_back": _versions(jobs, ROLL_BACK),
        "baselined": _versions(jobs, BASELINE),
        "repaired": _versions(jobs, REPAIR, FORGET),
        "migrations": [_described(job, reports.get(job.file.version), seen) for job in jobs],
        "lint": [finding._asdict() for finding in seen.findings],
        "rehearsal": _rehearsed(seen.rehearsal),
        "contracted": _is_contracted(jobs) if forward else contracted_before,
        "history_head": head,
    }
    before: dict[str, t.Any] = {"history_head": max(applied, default=None), "run": {}}
    run = {job.file.label: _shown(job, seen, order, in_full=in_full) for order, job in enumerate(jobs, start=1)}
    beside = {each.path: _shown_beside(each) if in_full else {"direction": each.kind} for each in companions}
    after = {"history_head": head, "run": {**run, **beside}}
    notices = _notices(warnings, reports, seen)
    return Outcome(before, after, {**values, "notices": list(notices)}, notices)


def _is_contracted(jobs: t.Iterable[Job]) -> bool:
    return any(job.direction == APPLY and job.script.phase == PHASES[1] for job in jobs)


def _notices(warnings: t.Sequence[str], reports: t.Mapping[str, Report], seen: Seen) -> tuple[str, ...]:
    """All warnings. A module may not return them under that name, and where there are none Ansible leaves the key out."""
    rehearsed = seen.rehearsal.warnings if seen.rehearsal else ()
    noted = [warning for report in reports.values() for warning in report.warnings]
    return (*warnings, *seen.warnings, *rehearsed, *noted)


def _versions(jobs: t.Iterable[Job], *directions: str) -> list[str]:
    return [job.file.version for job in jobs if job.direction in directions]


def expected_history(applied: t.Iterable[str], jobs: t.Iterable[Job]) -> set[str]:
    """The versions in the history once the jobs have run."""
    versions = set(applied)
    for job in jobs:
        if job.direction in _RECORDED:
            versions.add(job.file.version)
        elif job.direction in _REMOVED:
            versions.discard(job.file.version)
    return versions


def _described(job: Job, report: Report | None, seen: Seen) -> dict[str, t.Any]:
    return {
        "version": job.file.version,
        "name": job.file.name,
        "phase": _phase(job),
        "statements": len(job.script.statements),
        "segments": len(job.script.steps),
        "duration_ms": round(report.duration * 1000) if report else None,
        "lock_wait_ms": round(report.lock_wait * 1000) if report else None,
        "retries": report.retries if report else None,
        "locks": [lock._asdict() for lock in seen.of(job.file.version).locks],
    }


def _rehearsed(rehearsal: Rehearsal | None) -> dict[str, t.Any] | None:
    return rehearsal and {**rehearsal._asdict(), "left_out": [entry._asdict() for entry in rehearsal.left_out]}


def _phase(job: Job) -> str | None:
    """A script that goes back belongs to no phase."""
    return None if job.direction == ROLL_BACK else job.script.phase


def _shown(job: Job, seen: Seen, order: int, *, in_full: bool) -> dict[str, t.Any]:
    """A diff is printed in the order of the names, so what goes back says when it runs: the newest first."""
    brief: dict[str, t.Any] = {"direction": job.direction, **({"order": order} if job.direction == ROLL_BACK else {})}
    look = seen.of(job.file.version)
    full = {
        "phase": _phase(job),
        "statements": _shortened(job.script),
        "locks": [str(lock) for lock in look.locks],
        "lint": [str(finding) for finding in look.findings],
    }
    return {**brief, **full} if in_full else brief


def _shown_beside(companion: Companion) -> dict[str, t.Any]:
    return {"direction": companion.kind, "statements": _shortened(companion.script)}


def _shortened(script: Script) -> list[str]:
    return [f"{_safe(text)} ..." if len(text) > SHOWN_CHARACTERS else _safe(text) for text in script.statements]


def _safe(text: str) -> str:
    return without_passwords(text[:SHOWN_CHARACTERS])


def failure(exc: WebopsError, job: Job, finished: t.Sequence[str], *, blockers: t.Sequence[str], overtaken: bool) -> WebopsError:
    """The error of a file, with what is known around it. `finished`: versions that this run had done before."""
    details: dict[str, t.Any] = {
        "finished": list(finished),
        "failed_migration": {"version": job.file.version, "name": job.file.name, "direction": job.direction},
        "blockers": list(blockers),
    }
    if overtaken:
        kept = "nothing was kept" if job.script.is_atomic else "the finished steps were kept"
        return ConflictError(
            f"{job.file.label} was recorded by another tool while this run had it in hand; of this run's attempt {kept}.",
            hint="Run again when the other tool has ended.",
            **details,
        )
    if not isinstance(exc, StepError):
        named = exc.message if job.file.path in exc.message else f"{job.file.path}: {exc.message}"
        return WebopsError(named, hint=exc.hint, **{**details, **exc.details})
    details["failed_migration"].update(place=exc.place, sqlstate=exc.cause.sqlstate, statement=_safe(exc.statement) or None)
    waited_for = f" In the way: {'; '.join(blockers)}." if blockers and exc.cause.is_worth_a_retry else ""
    return WebopsError(f"{exc.message}{waited_for} {_what_is_kept(exc, job)}", hint=exc.hint or _way_on(exc), **details)


def _what_is_kept(exc: StepError, job: Job) -> str:
    if exc.cause.lost:
        return "The server undoes what was not committed."
    if job.script.is_atomic:
        return "Nothing of this file was kept."
    return "The steps before it are kept and recorded; the next run goes on where this one stopped."


def _way_on(exc: StepError) -> str:
    if exc.cause.is_worth_a_retry:
        return "Run again when they have ended, or end them with SELECT pg_terminate_backend(pid)."
    return "Mend the file and run again."
