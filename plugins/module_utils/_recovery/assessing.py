# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a recovery would replace and lose, and whether that was approved: said before anything is touched. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.sentences import SKEW_S


def assess(seen: Record, confirmed: str, now: datetime.datetime) -> dict[str, t.Any]:
    """`replaced`, `confirm`, `missing`, `lost_s` and `lines`, from what the dry runs of the steps said.

    `seen`: `database`, null or `name` and what the contract's restore said in check mode as `restore`; `storage`, for each
    bucket `bucket`, `backup` and the `plan` of object_restore. `confirmed`: what a person approved, with commas in between.
    """
    database, buckets = seen["database"], seen["storage"]
    lost = None if database is None else _lost(database["restore"], now)
    replaced = [] if database is None else [f"database:{database['name']}"]
    replaced += [f"storage:{one['bucket']}" for one in buckets if _loses(one["plan"])]
    given = {item.strip() for item in confirmed.split(",")}
    lines = [] if database is None else [_about_database(database, lost, now)]
    return {
        "replaced": replaced,
        "confirm": ",".join(replaced),
        "missing": [item for item in replaced if item not in given],
        "lost_s": lost,
        "lines": [*lines, *map(_about_bucket, buckets)],
    }


def _lost(restore: Record, now: datetime.datetime) -> float | None:
    physical, backup = restore.get("physical"), restore.get("backup")
    if physical:
        return t.cast("t.Optional[float]", physical.get("lost_seconds"))
    age = -_ahead(backup, now) if backup else None
    return None if age is None or age < -SKEW_S else round(max(age, 0.0), 1)


def _ahead(backup: Record, now: datetime.datetime) -> float:
    """How many seconds a backup is younger than now, which no backup is whose host has the right time."""
    return (parse_iso(str(backup["at"])) - now).total_seconds()


def _about_database(database: Record, lost: float | None, now: datetime.datetime) -> str:
    restore = database["restore"]
    physical, backup = restore.get("physical"), restore.get("backup")
    loss = "what was written since then is lost" if lost is None else f"{as_duration(lost)} of changes are lost"
    if physical and physical.get("says"):
        return str(physical["says"])  # a hosted project keeps no old cluster
    if physical:
        return f"All databases of cluster {database['name']} go back to {physical['moment']}: {loss}. The old cluster is kept."
    said = f"Database {database['name']} goes back to backup {backup['id']} of {backup['at']}: {loss}. The old one is kept."
    ahead = _ahead(backup, now)
    return f"{said} Its time is {as_duration(ahead)} ahead of the controller: a clock is wrong." if ahead > SKEW_S else said


def _loses(plan: Record) -> bool:
    """Objects that are only missing can be written without losing anything."""
    return bool(plan["replace"] or plan["remove"])


def _about_bucket(one: Record) -> str:
    plan, kept = one["plan"], "A snapshot of what is there now is made first." if _loses(one["plan"]) else "Nothing is replaced."
    return (
        f"Bucket {one['bucket']} gets snapshot {one['backup']['id']} of {one['backup']['at']}: {plan['write']} objects are written that it"
        f" lacks, {plan['replace']} are replaced, {plan['unchanged']} are as they were. {kept}"
    )
