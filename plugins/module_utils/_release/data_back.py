# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which release and which backup belong together when the database goes back, alone or with the application. Pure.

A release fits data when they have the migrations that ran for it, and none that took away what it needs.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._release.roll_back import Record, contracts_since, target_of

DATABASE, FULL, PREVIOUS = "database", "full", "previous"
LEFT = ("failed", "rolled_back")


def plan_data_back(state: Record, kind: str, to: str, backup: str) -> dict[str, t.Any]:
    """`allowed`, `reason`, `target` (the release that users have afterwards, None when none is live), `backup` (its id, or `latest`).

    `goes_on` says that it was begun before, and was cut off.
    `database`: `to` is a backup, and `previous` the newest one there is. `full`: `to` is a release, and its data are those of the
    backup that was made before the next one changed them; `backup` names another one.
    """
    begun = _under_way(state, kind, to, backup)
    if begun:
        return begun
    left = state["live"]
    if kind == DATABASE:
        wanted = backup or ("latest" if to == PREVIOUS else to)
        named = "the newest backup" if wanted == "latest" else f"backup {wanted}"
        return _allowed(f"The database goes back to {named}; the release stays.", left, wanted)
    target = target_of(state, left, to) if left else None
    if not target or not target["completed_at"] or target["id"] == left["id"]:
        return _refused(f"There is no other release '{to}' that was found good.", target)
    found = backup or _backup_after(state, target)
    if not found:
        return _refused(f"The ledger knows no backup from between {target['id']} and the release after it; name one.", target)
    return _allowed(f"The database goes back to backup {found}, then the application to {target['id']}.", target, found)


def _under_way(state: Record, kind: str, to: str, backup: str) -> dict[str, t.Any] | None:
    """The same way back, when it was cut off: its own safety backup is the newest one now, and its release may be live.

    Who names another backup begins anew.
    """
    begun = state.get("recovery") or {}
    asked = begun.get("asked") or {}
    way = asked.get("way_back") or {}
    if (way.get("kind"), way.get("to")) != (kind, to) or backup not in ("", asked["backup"]):
        return None
    target = next((release for release in state["releases"] if release["id"] == way["release"]), None)
    return {**_allowed(f"Goes on with {begun['recovery_id']}.", target, asked["backup"]), "goes_on": True}


def _allowed(reason: str, target: Record | None, backup: str) -> dict[str, t.Any]:
    return {"allowed": True, "reason": reason, "target": target and dict(target), "backup": backup, "goes_on": False}


def _refused(reason: str, target: Record | None) -> dict[str, t.Any]:
    return {"allowed": False, "reason": reason, "target": target and dict(target), "backup": None, "goes_on": False}


def _backup_after(state: Record, target: Record) -> str | None:
    """Of the first release after it that has not been left since."""
    later = [one for one in state["releases"] if one["opened_number"] > target["opened_number"] and one["status"] not in LEFT]
    first = min(later, key=lambda one: t.cast("int", one["opened_number"]), default=None)
    return t.cast("t.Optional[str]", first["backup"]) if first else None


def backup_age(state: Record, most: int, now: datetime.datetime) -> int:
    """How many seconds old a backup may be that shall hold the present data: younger than the newest restore and migration."""
    restores = [state["last_restore"]["at"]] if state["last_restore"] else []
    migrations = [one["migrated_at"] for one in state["releases"] if one["migrated_at"]] + [one["at"] for one in state["contracts"]]
    ages = [int((now - parse_iso(moment)).total_seconds()) for moment in (*restores, *migrations)]
    return max(min([most, *ages]), 0)


def misfit(state: Record, release_id: str, moment: str) -> str:
    """Why the code of a release does not fit data of that moment; "" when nothing speaks against it."""
    release = next((one for one in state["releases"] if one["id"] == release_id), None)
    if release is None:
        return ""
    then = parse_iso(moment)
    if release["migrated_at"] and parse_iso(release["migrated_at"]) > then:
        return f"Migrations for {release_id} ran at {release['migrated_at']}; data of {moment} do not have them."
    after = [one for one in contracts_since(state, release) if parse_iso(one["at"]) <= then]
    if after:
        return (
            f"Contract migrations for {after[0]['release']} ran at {after[0]['at']}; {release_id} does not fit data of {moment} any more."
        )
    return ""
