# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of a rehearsal, or of a recovery: what its ledger entry says, and what its report is made of. Pure.

Times of steps are those of one clock, the controller's. What nobody did has no time: its estimate is added, and named.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, iso_exact, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._recovery import sources
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Plan, Record, Step
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.points import points
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.sentences import (
    LOST,
    QUESTIONS,
    REHEARSAL,
    SKEW_S,
    VERDICTS,
    rpo_sentence,
    rto_sentence,
)
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.verdict import COMPLETED, LEFT_OUT, SKIPPED, fates, verdict
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import canonical
from ansible_collections.holdfast.webops.plugins.module_utils._release.masking import mask_data

FORMAT = 1
PROJECTED_GB = (10, 100, 1000)


@dataclasses.dataclass(frozen=True)
class Targets:
    """What was promised. RTO and RPO in minutes."""

    rto: float
    rpo: float
    allowed_failures: int


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the steps saw. `backups` as pg_backup_info lists them; `restore` is the result of the database's step, {} without one;
    `other` is what `sources` reads."""

    began: datetime.datetime
    ended: datetime.datetime
    backups: t.Sequence[Record]
    restore: Record
    versions: Record
    kind: str = REHEARSAL
    other: Record = dataclasses.field(default_factory=dict)


def record_id(kind: str, began: datetime.datetime) -> str:
    """Its name, which sorts by time: rehearsal-20261122T030000Z."""
    return f"{kind}-{began.astimezone(datetime.timezone.utc):%Y%m%dT%H%M%SZ}"


def record(plan: Plan, done: t.Sequence[Record], targets: Targets, seen: Seen) -> dict[str, t.Any]:
    """The `data` of the ledger's entry. `evidence_sha256` is that of the canonical JSON of `evidence`."""
    steps = _steps(plan, done)
    rto, rpo = _rto(plan, steps, targets, seen), _rpo(targets, seen)
    word = verdict(plan, done, targets.allowed_failures, as_promised=rto["met"] and rpo["met"])
    loaded = _loaded(seen)
    evidence = mask_data(
        {
            "kind": seen.kind,
            "summary": [VERDICTS[seen.kind][word], rto_sentence(rto), rpo_sentence(rpo, seen.kind)],
            "began": iso(seen.began),
            "ended": iso(seen.ended),
            "targets": {"rto_minutes": targets.rto, "rpo_minutes": targets.rpo, "allowed_failures": targets.allowed_failures},
            "steps": steps,
            "rto": rto,
            "rpo": rpo,
            "points": points(seen.backups, seen.began),
            "findings": _findings(steps, rto, rpo, seen),
            "backup": _backup(seen.restore),
            "proof": seen.restore.get("proof"),
            "rehearsal": seen.restore.get("rehearsal"),
            "loaded": loaded,
            "projection": _projection(loaded, rto, targets),
            "versions": _versions(seen),
            **sources.evidence(seen.other),
        },
        "evidence",
        [],
    )
    return {
        "format": FORMAT,
        "rehearsal_id": record_id(seen.kind, seen.began),
        "verdict": word,
        "evidence": evidence,
        "evidence_sha256": digest(evidence),
    }


def digest(evidence: t.Any) -> str:
    """The hash that the record carries of its evidence."""
    return hashlib.sha256(canonical(evidence)).hexdigest()


def _versions(seen: Seen) -> dict[str, t.Any]:
    """What took part, by name."""
    rehearsal, backup = seen.restore.get("rehearsal") or {}, seen.restore.get("backup") or {}
    server = rehearsal.get("server") or {}
    found = {
        "PostgreSQL of the source": backup.get("server_version"),
        "PostgreSQL of the rehearsal": server and f"{server['major']}, {'a server of its own' if server['own'] else 'a scratch server'}",
        "pg_restore": (rehearsal.get("client") or {}).get("version"),
    }
    return {**seen.versions, **{name: version for name, version in found.items() if version}}


def _steps(plan: Plan, done: t.Sequence[Record]) -> list[dict[str, t.Any]]:
    settled, tried = fates(plan, done), {one["id"]: one for one in done}
    return [_described(step, settled.get(step.id, (SKIPPED, "It was never tried.")), tried.get(step.id, {})) for step in plan.steps]


def _described(step: Step, fate: tuple[str, str], tried: Record) -> dict[str, t.Any]:
    began, ended = _interval(tried) if fate[0] != LEFT_OUT else (None, None)
    seconds = (parse_iso(str(ended)) - parse_iso(str(began))).total_seconds() if began and ended else None
    return {
        "id": step.id,
        "description": step.description,
        "depends_on": list(step.depends_on),
        "critical": step.critical,
        "estimate_s": round(step.estimate * 60, 1),
        "status": fate[0],
        "says": fate[1],
        "began": began,
        "ended": ended,
        "seconds": None if seconds is None else round(max(seconds, 0.0), 2),
    }


def _interval(tried: Record) -> tuple[str | None, str | None]:
    """When it was done. What was done while others were says itself when it ended, but the host's clock never beats the controller's."""
    began, ended, itself = tried.get("began"), tried.get("ended"), tried.get("ended_itself")
    if began and ended and itself:
        ended = iso_exact(max(min(parse_iso(str(itself)), parse_iso(str(ended))), parse_iso(str(began))))
    return began, ended


def _rto(plan: Plan, steps: t.Sequence[Record], targets: Targets, seen: Seen) -> dict[str, t.Any]:
    """Measured from the beginning to the end, and what was left out by its estimates; met when nothing is missing in it."""
    measured = max((seen.ended - seen.began).total_seconds(), 0.0)
    # What a person does beside a real recovery is not waited for.
    estimated = [step for step in steps if step["status"] == LEFT_OUT and seen.kind == REHEARSAL]
    total = measured + sum(step["estimate_s"] for step in estimated)
    missing = [step["id"] for step in steps if step["status"] not in (COMPLETED, LEFT_OUT)]
    return {
        "target_s": targets.rto * 60,
        "measured_s": round(measured, 2),
        "estimated_s": round(total - measured, 1),
        "estimated_steps": [step["id"] for step in estimated],
        "total_s": round(total, 2),
        "planned_s": round(plan.estimate * 60, 1),
        "missing": missing,
        "met": not missing and total <= targets.rto * 60,
    }


def _rpo(targets: Targets, seen: Seen) -> dict[str, t.Any]:
    """From the youngest change in what was restored, else from the moment of its snapshot, to the beginning, or to the chosen moment."""
    (logical, restored_by), (whole, archived_by) = _restored_to(seen), sources.newest_physical(seen.other)
    at, chosen = sources.younger(logical, whole), seen.other.get("chosen")
    # A cluster goes back to what was archived meanwhile, and a recovery may have to begin twice; a backup is from before.
    latest = seen.began if at == logical and seen.kind == REHEARSAL else seen.ended
    accident = parse_iso(chosen["moment"]) if chosen else seen.began
    ahead = (parse_iso(str(at)) - latest).total_seconds() if at else 0.0
    lost = max((accident - parse_iso(str(at))).total_seconds(), 0.0) if at else None
    return {
        "target_s": targets.rpo * 60,
        "basis": None if at is None else restored_by if at == logical else archived_by,
        "at": at,
        "before": iso(accident) if chosen else None,
        "lost_s": None if lost is None else round(lost, 1),
        "ahead_s": round(max(ahead, 0.0), 1),
        "met": lost is not None and lost <= targets.rpo * 60 and ahead <= SKEW_S,
    }


def _restored_to(seen: Seen) -> tuple[str | None, str]:
    """The youngest change that came back, else the point of the restore; and which of them it is.

    A real recovery loses nothing from before that point, however quiet the portal was: there it is the later one of both.
    """
    backup, moment, rehearsal = seen.restore.get("backup") or {}, seen.restore.get("moment"), seen.restore.get("rehearsal")
    point = moment or backup.get("at") if rehearsal else None
    youngest = (rehearsal or {}).get("youngest_change")
    if youngest and (seen.kind == REHEARSAL or sources.younger(point, youngest) == youngest):
        return str(youngest), sources.YOUNGEST
    return point, sources.ARCHIVE if moment else sources.SNAPSHOT


def _findings(steps: t.Sequence[Record], rto: Record, rpo: Record, seen: Seen) -> list[str]:
    """Sentences about what somebody should look at."""
    found = [f"{step['id']} {step['status']}: {step['says']}" for step in steps if step["status"] != COMPLETED]
    found += [
        f"{step['id']} took {as_duration(step['seconds'])}, and was estimated at {as_duration(step['estimate_s'])}."
        for step in steps
        if step["seconds"] is not None and step["seconds"] > step["estimate_s"]
    ]
    if rto["total_s"] > rto["target_s"]:
        found.append(f"The recovery takes {as_duration(rto['total_s'])}, and {as_duration(rto['target_s'])} was promised (RTO).")
    found += _about_data(rpo, seen)
    rehearsal = seen.restore.get("rehearsal") or {}
    found += [f"Backup {one['backup']} could not be restored: {one['reason']}" for one in rehearsal.get("passed_over") or ()]
    found += sources.findings(seen.other)
    if (rehearsal or seen.other.get("physical")) and not _asked(seen):
        found.append(f"No question of the business was asked: {QUESTIONS[seen.kind]} is empty.")
    return found


def _asked(seen: Seen) -> bool:
    restored = (seen.restore.get("rehearsal"), seen.other.get("physical"))
    return any(one and one.get("validations") for one in restored)


def _about_data(rpo: Record, seen: Seen) -> t.Iterator[str]:
    if rpo["lost_s"] is None:
        yield "What would be lost was not seen, because nothing was restored."
    elif rpo["lost_s"] > rpo["target_s"]:
        lost, promised = as_duration(rpo["lost_s"]), as_duration(rpo["target_s"])
        yield f"{lost} of changes {LOST[seen.kind]}, and at most {promised} was promised (RPO)."
    if rpo["ahead_s"] > SKEW_S:
        yield f"The {rpo['basis']} is {as_duration(rpo['ahead_s'])} ahead of the controller: a clock is wrong, and the RPO with it."
    for point in points(seen.backups, seen.began):
        if point["backup"] is None:
            yield f"{point['store']} has no backup that can be restored."
        elif point["newer_damaged"]:
            yield f"{point['store']} has {point['newer_damaged']} damaged backups that are newer than its newest good one."


def _backup(restore: Record) -> t.Optional[dict[str, t.Any]]:
    backup = restore.get("backup")
    names = ("id", "at", "database", "server_version", "size", "sha256", "encrypted", "fingerprint", "tables", "rows")
    return {name: backup.get(name) for name in names} if backup else None


def _loaded(seen: Seen) -> t.Optional[dict[str, float]]:
    """How many bytes were restored and compared in which time: of the backup, else of the whole cluster, which nothing is compared with."""
    rehearsal, size = seen.restore.get("rehearsal"), (seen.restore.get("proof") or {}).get("bytes")
    if rehearsal and size:
        return {"bytes": size, "seconds": round(rehearsal["restore_s"] + rehearsal["compare_s"], 3)}
    physical = seen.other.get("physical") or {}
    size, seconds = physical.get("size"), physical.get("duration_s")
    return {"bytes": float(size), "seconds": float(seconds)} if size and seconds and seen.kind == REHEARSAL else None


def _projection(loaded: t.Optional[Record], rto: Record, targets: Targets) -> list[dict[str, t.Any]]:
    """How long it would take with larger databases, at the rate that was measured; the rest of the time stays what it was."""
    if not loaded:
        return []
    rest = max(rto["total_s"] - loaded["seconds"], 0.0)
    seconds = {size_gb: rest + loaded["seconds"] * size_gb * 1e9 / loaded["bytes"] for size_gb in PROJECTED_GB}
    return [{"gigabytes": gb, "seconds": round(value), "met": value <= targets.rto * 60} for gb, value in seconds.items()]
