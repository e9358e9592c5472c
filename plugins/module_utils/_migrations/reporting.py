# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outcome and the failure of a run, as the user sees them."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import Job, Report, StepError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import PHASES

# A diff is for reading: of a statement longer than this, only the beginning is shown.
SHOWN_CHARACTERS = 1000


def outcome_of(
    applied: t.Mapping[str, Applied],
    jobs: t.Sequence[Job],
    reports: t.Mapping[str, Report],
    deferred: t.Sequence[str],
    warnings: t.Sequence[str],
    *,
    done: t.Mapping[str, Applied] | None,
) -> Outcome:
    """`done` is the history found afterwards; None predicts it."""
    found = expected_history(applied, jobs) if done is None else set(done)
    missing = [job.file.label for job in jobs if (job.file.version in found) != (job.direction == "apply")]
    if missing:
        raise WebopsError(f"The migrations ran without an error, but the history does not show it: {', '.join(missing)}.")
    forward = [job.file.version for job in jobs if job.direction == "apply"]
    head = max(found, default=None)
    values = {
        "applied": forward,
        "pending": sorted([*forward, *deferred]),
        "deferred": list(deferred),
        "rolled_back": [job.file.version for job in jobs if job.direction == "roll_back"],
        "migrations": [_described(job, reports.get(job.file.version)) for job in jobs],
        "contracted": any(job.direction == "apply" and job.script.phase == PHASES[1] for job in jobs),
        "history_head": head,
    }
    noted = [warning for report in reports.values() for warning in report.warnings]
    before: dict[str, t.Any] = {"history_head": max(applied, default=None), "run": {}}
    return Outcome(before, {"history_head": head, "run": {job.file.label: _shown(job) for job in jobs}}, values, (*warnings, *noted))


def expected_history(applied: t.Iterable[str], jobs: t.Iterable[Job]) -> set[str]:
    """The versions in the history once the jobs have run."""
    versions = set(applied)
    for job in jobs:
        if job.direction == "apply":
            versions.add(job.file.version)
        else:
            versions.discard(job.file.version)
    return versions


def _described(job: Job, report: Report | None) -> dict[str, t.Any]:
    return {
        "version": job.file.version,
        "name": job.file.name,
        "phase": job.script.phase,
        "statements": len(job.script.statements),
        "segments": len(job.script.steps),
        "duration_ms": round(report.duration * 1000) if report else None,
        "lock_wait_ms": round(report.lock_wait * 1000) if report else None,
        "retries": report.retries if report else None,
    }


def _shown(job: Job) -> dict[str, t.Any]:
    return {
        "direction": job.direction,
        "phase": job.script.phase,
        "statements": [text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} ..." for text in job.script.statements],
    }


def failure(exc: WebopsError, job: Job, finished: t.Sequence[str], *, blockers: t.Sequence[str], overtaken: bool) -> WebopsError:
    """The error of a file, with what is known around it. `finished`: versions that this run had done before."""
    details: dict[str, t.Any] = {
        "finished": list(finished),
        "failed_migration": {"version": job.file.version, "name": job.file.name, "direction": job.direction},
        "blockers": list(blockers),
    }
    if overtaken:
        return ConflictError(
            f"{job.file.label} was recorded by another tool while this run had it in hand; of this run's attempt nothing was kept.",
            hint="Run again when the other tool has ended.",
            **details,
        )
    if not isinstance(exc, StepError):
        return WebopsError(exc.message, hint=exc.hint, **details, **exc.details)
    details["failed_migration"].update(place=exc.place, sqlstate=exc.cause.sqlstate, statement=exc.statement[:SHOWN_CHARACTERS] or None)
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
