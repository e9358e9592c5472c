# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to run, decided from the files and the history. Pure: no I/O, no clock."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied, State
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import Unfinished
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import PHASES, Script

EVERYTHING = "0"
Candidate = t.Tuple[SqlFile, Script]


class Policies(t.NamedTuple):
    """For each finding: fail, warn or ignore."""

    on_edited: str = "warn"
    on_missing_locally: str = "fail"
    on_out_of_order: str = "fail"
    on_failed: str = "warn"


class Plan(t.NamedTuple):
    """`run`: in this order. `deferred`: pending, but of the other phase."""

    run: tuple[Candidate, ...]
    deferred: tuple[Candidate, ...]
    warnings: tuple[str, ...]


def pending_files(files: t.Mapping[str, SqlFile], applied: t.Mapping[str, Applied]) -> list[SqlFile]:
    """The files that the history does not know, in the order of their versions."""
    return [file for version, file in files.items() if version not in applied]


def edited_files(
    files: t.Mapping[str, SqlFile], applied: t.Mapping[str, Applied], matches: t.Callable[[str, bytes], bool]
) -> list[SqlFile]:
    """The files whose text is no longer what the history says ran."""
    return [
        files[version]
        for version, row in applied.items()
        if version in files and row.digest is not None and not matches(row.digest, files[version].content)
    ]


def has_contracted(files: t.Mapping[str, SqlFile], applied: t.Collection[str]) -> bool:
    """Whether a post_deployment migration of the checkout has run. Read with care: what has run may be unreadable by now."""
    for file in files.values():
        if file.version in applied and PHASES[1].encode() in file.content.lower():
            with contextlib.suppress(InputError):
                if file.script.phase == PHASES[1]:
                    return True
    return False


def failed_earlier(state: State, begun: t.Sequence[Unfinished], *, judge_ours: bool) -> dict[str, str]:
    """Versions whose last attempt ended in an error, with what is known of it. One that was merely interrupted is not among them.

    `judge_ours`: also what our journal knows. Of the vendor's failures nobody knows what they left; ours go on where they stopped.
    """
    ours = {entry.version: entry for entry in begun if entry.direction == "apply"}
    foreign = {version: note for version, note in state.failed.items() if version not in ours}
    if not judge_ours:
        return foreign
    return {**foreign, **{version: f"after {entry.done} finished steps" for version, entry in ours.items() if entry.failed}}


def plan_apply(
    candidates: t.Sequence[Candidate],
    *,
    applied: t.Mapping[str, Applied],
    edited: t.Sequence[SqlFile],
    failed: t.Mapping[str, str],
    foreign: t.Collection[str] = (),
    local: t.Collection[str],
    phase: str,
    policies: Policies,
) -> Plan:
    """Choose from the pending `candidates` what runs in `phase` (a phase, or all). Raises ConflictError where a policy says fail.

    `foreign`: which of the `failed` ones failed under the vendor's tool, which goes no further then.
    """
    warnings: list[str] = []
    strangers = [row for row in applied.values() if row.version not in local]
    _judge(warnings, policies.on_missing_locally, "on_missing_locally", _missing(strangers))
    _judge(warnings, policies.on_edited, "on_edited", _edited(edited))
    run = tuple(candidate for candidate in candidates if phase in ("all", candidate[1].phase))
    _judge(warnings, policies.on_failed, "on_failed", _failed([file for file, _script in run], failed, foreign))
    _judge(warnings, policies.on_out_of_order, "on_out_of_order", _late(run, applied))
    deferred = tuple(candidate for candidate in candidates if phase not in ("all", candidate[1].phase))
    _refuse_contract_before_expand(run, deferred)
    return Plan(run, deferred, tuple(warnings))


def _judge(warnings: list[str], policy: str, option: str, finding: tuple[str, str] | None) -> None:
    if finding is None or policy == "ignore":
        return
    sentence, hint = finding
    if policy == "fail":
        raise ConflictError(sentence, hint=f"{hint} Or set {option} to warn or ignore.")
    warnings.append(sentence)


def _missing(strangers: t.Sequence[Applied]) -> tuple[str, str] | None:
    if not strangers:
        return None
    names = ", ".join(row.label for row in strangers)
    return f"The database has run migrations that migrations_dir does not hold: {names}.", "Check out the branch that holds them."


def _edited(edited: t.Sequence[SqlFile]) -> tuple[str, str] | None:
    if not edited:
        return None
    names = ", ".join(file.label for file in edited)
    return f"Edited after they ran: {names}.", "Restore the files, and put the change into a new migration."


def _failed(run: t.Sequence[SqlFile], failed: t.Mapping[str, str], foreign: t.Collection[str]) -> tuple[str, str] | None:
    """What is about to run again counts, and of the vendor's failures each: what comes after it may build on it."""
    labels = {file.version: file.label for file in run}
    found = [f"{labels.get(version, version)} ({note})" for version, note in failed.items() if version in labels or version in foreign]
    if not found:
        return None
    return (
        f"Failed earlier and not finished since: {'; '.join(found)}.",
        "Look at what it left in the database, undo that by hand and use state=repaired, or state=baselined where all of it is there.",
    )


def _late(run: t.Sequence[Candidate], applied: t.Mapping[str, Applied]) -> tuple[str, str] | None:
    """A post_deployment migration runs late by its nature; for another one it means that two branches met."""
    newest = max(applied, default="")
    late = [file.label for file, script in run if file.version < newest and script.phase == PHASES[0]]
    if not late:
        return None
    return f"Older than {newest}, which the database has already run: {', '.join(late)}.", "Rename them to newer versions."


def _refuse_contract_before_expand(run: t.Sequence[Candidate], deferred: t.Sequence[Candidate]) -> None:
    """A post_deployment migration may build on the pre_deployment ones before it."""
    for file, script in run:
        before = [other.label for other, its in deferred if its.phase == PHASES[0] and other.version < file.version]
        if script.phase == PHASES[1] and before:
            raise ConflictError(
                f"{file.label} cannot run before {', '.join(before)}.", hint="Run with phase=pre_deployment first, or with phase=all."
            )


def plan_rollback(applied: t.Mapping[str, Applied], *, to: str) -> list[Applied]:
    """What is newer than `to`, newest first. `to` must be in the history, so that a slip cannot empty the database."""
    if to != EVERYTHING and to not in applied:
        known = ", ".join(list(applied)[-5:]) or "nothing"
        raise InputError(
            f"to={to} is not a version that the database has run (its newest: {known}).",
            hint=f"Name the version that shall be the newest one afterwards, or {EVERYTHING} to undo everything.",
        )
    return [row for version, row in sorted(applied.items(), reverse=True) if to == EVERYTHING or version > to]


def rollback_scripts(rows: t.Sequence[Applied], scripts: t.Mapping[str, SqlFile], *, folder: str) -> list[SqlFile]:
    """The rollback script of each migration; all must be there before the first one runs."""
    missing = [f"{row.label}.sql" for row in rows if row.version not in scripts]
    if missing:
        raise ConflictError(
            f"No rollback script in {folder} for: {', '.join(missing)}. Nothing was rolled back.",
            hint="Write the scripts, or roll forward with a new migration.",
        )
    return [scripts[row.version] for row in rows]


def plan_baseline(
    files: t.Mapping[str, SqlFile],
    applied: t.Collection[str],
    edited: t.Collection[str],
    *,
    to: str | None,
    versions: t.Collection[str],
    folder: str,
) -> list[SqlFile]:
    """The files to record without running them: pending ones up to `to`, and of `versions` also those edited since they ran."""
    _refuse_unknown(versions, "versions", files, folder)
    _refuse_unknown([to] if to is not None else [], "to", files, folder)
    return [
        file
        for version, file in files.items()
        if (version not in applied and (version in versions or (to is not None and version <= to)))
        or (version in edited and version in versions)
    ]


def _refuse_unknown(versions: t.Iterable[str], option: str, files: t.Mapping[str, SqlFile], folder: str) -> None:
    unknown = [version for version in versions if version not in files]
    if unknown:
        known = ", ".join(list(files)[-5:]) or "nothing"
        raise InputError(
            f"{option}: no migration in {folder} has the version {', '.join(unknown)} (its newest: {known}).",
            hint="Name versions of files in that folder, in quotes.",
        )


class Repair(t.NamedTuple):
    """`versions`: those that there is something to do about."""

    versions: tuple[str, ...]
    warnings: tuple[str, ...]


def plan_repair(versions: t.Iterable[str], *, repairable: t.Collection[str], local: t.Collection[str]) -> Repair:
    """A version that nobody knows is a warning and no error, because a second run must find nothing to do."""
    wanted = tuple(dict.fromkeys(versions))
    strangers = [version for version in wanted if version not in repairable and version not in local]
    warnings = (f"Neither the history nor migrations_dir knows: {', '.join(strangers)}.",) if strangers else ()
    return Repair(tuple(version for version in wanted if version in repairable), warnings)
