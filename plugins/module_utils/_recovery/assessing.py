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
    """`replaced`, `confirm`, `missing`, `lost_s`, `rolled_away` and `lines`, from what the dry runs of the steps said.

    `seen`: `database`, null or `name` and what the contract's restore said in check mode as `restore`; `storage`, for each
    bucket `bucket`, `backup` and the `plan` of object_restore; `backups`, all that there are; `ledger`, its state. `confirmed`: what a
    person approved, with commas in between. `rolled_away` is "" or why the chosen backup holds what an earlier way back replaced.
    """
    database, buckets = seen["database"], seen["storage"]
    lost = None if database is None else _lost(database["restore"], now)
    again = "" if database is None else _again(database["restore"], seen)
    replaced = [] if database is None else [f"database:{database['name']}{':again' if again else ''}"]
    replaced += [f"storage:{one['bucket']}" for one in buckets if _loses(one["plan"])]
    given = {item.strip() for item in confirmed.split(",")}
    rolled_away = "" if database is None else _rolled_away(database["restore"].get("backup"), seen)
    lines = [] if database is None else [one for one in (_about_database(database, lost, now), again, rolled_away) if one]
    return {
        "replaced": replaced,
        "confirm": ",".join(replaced),
        "missing": [item for item in replaced if item not in given],
        "lost_s": lost,
        "rolled_away": rolled_away,
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


def _again(restore: Record, seen: Record) -> str:
    """Whoever is not sure whether the first run was the one that did it runs it again, with the same approval: it must not do it twice."""
    last, backup, physical = (seen.get("ledger") or {}).get("last_restore") or {}, restore.get("backup"), restore.get("physical")
    there = last.get("moment") == physical["moment"] if physical else backup is not None and last.get("backup_id") == backup["id"]
    if not last.get("recovery_id") or not there:
        return ""
    return f"{last['recovery_id']} brought it back to that at {last['at']} already: what was written since is lost."


def _rolled_away(backup: Record | None, seen: Record) -> str:
    """The newest backup may be of the data that a person has just got rid of: the safety backup of a roll back is."""
    ledger = seen.get("ledger") or {}
    last = ledger.get("last_restore")
    if not backup or not last or backup["id"] == last.get("backup_id"):
        return ""
    moments = {str(one["id"]): str(one["at"]) for one in seen.get("backups") or ()}
    went_to, made = last.get("moment") or moments.get(str(last.get("backup_id"))), parse_iso(str(backup["at"]))
    if made >= parse_iso(last["at"]) or (went_to and made <= parse_iso(str(went_to))):
        return ""
    newest = ledger.get("last_backup") or {}
    is_safety = newest.get("backup_id") == backup["id"] and newest.get("recovery_id")
    where = last.get("moment") or f"backup {last.get('backup_id')}"
    return (
        f"Backup {backup['id']} is {'the safety backup ' if is_safety else ''}from before the data went back to {where} at {last['at']}:"
        " what was replaced then comes back with it."
    )


def _loses(plan: Record) -> bool:
    """Objects that are only missing can be written without losing anything."""
    return bool(plan["replace"] or plan["remove"])


def _about_bucket(one: Record) -> str:
    plan, kept = one["plan"], "A snapshot of what is there now is made first." if _loses(one["plan"]) else "Nothing is replaced."
    return (
        f"Bucket {one['bucket']} gets snapshot {one['backup']['id']} of {one['backup']['at']}: {plan['write']} objects are written that it"
        f" lacks, {plan['replace']} are replaced, {plan['unchanged']} are as they were. {kept}"
    )
