# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Supabase keeps of a project's database: the window of point-in-time recovery, and daily backups."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.ways import age, iso_or_none
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.readiness import USABLE, read
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.states import Project

DONE = "COMPLETED"
# Supabase backs up once a day; the hours beyond are for the backup itself and for a time of day that was moved.
DAILY = datetime.timedelta(hours=30)


@dataclasses.dataclass(frozen=True)
class Kept:
    """One backup that Supabase made by itself. Only a physical one can be ordered back by the API."""

    number: int
    physical: bool
    status: str
    at: datetime.datetime

    @property
    def restorable(self) -> bool:
        return self.physical and self.status == DONE


@dataclasses.dataclass(frozen=True)
class Holdings:
    """`pitr`: whether any moment from `oldest` to `newest` can be had; else those of `backups` can, the newest first."""

    pitr: bool
    oldest: t.Optional[datetime.datetime]
    newest: t.Optional[datetime.datetime]
    backups: t.Tuple[Kept, ...]
    now: datetime.datetime


def read_project(api: Supabase) -> Project:
    """The project as it is now."""
    found = read(api)
    return Project(api.project_ref, str(found["name"]), str(found["region"]), str(found["status"]))


def read_holdings(api: Supabase) -> Holdings:
    """What can be restored now, by Supabase's clock."""
    answer = api.get("list the backups", "/database/backups")
    return parse(answer, datetime.datetime.fromtimestamp(api.server_time(), datetime.timezone.utc))


def parse(answer: t.Mapping[str, t.Any], now: datetime.datetime) -> Holdings:
    """The answer of /database/backups. Pure."""
    backups = sorted(map(_kept, answer["backups"]), key=lambda kept: kept.at, reverse=True)
    span = answer["physical_backup_data"]
    oldest = _moment(span.get("earliest_physical_backup_date_unix"))
    newest = _moment(span.get("latest_physical_backup_date_unix"))
    if answer["pitr_enabled"] and oldest and newest:
        return Holdings(True, oldest, min(newest, now), tuple(backups), now)
    moments = [kept.at for kept in backups if kept.restorable]
    return Holdings(False, min(moments, default=None), max(moments, default=None), tuple(backups), now)


def _kept(entry: t.Mapping[str, t.Any]) -> Kept:
    return Kept(int(entry["id"]), bool(entry["is_physical_backup"]), str(entry["status"]), parse_iso(str(entry["inserted_at"])))


def _moment(seconds: t.Optional[int]) -> t.Optional[datetime.datetime]:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc) if seconds else None


def problems(project: Project, holdings: Holdings) -> list[str]:
    """Sentences about what stands in the way of a restore. Pure."""
    found = []
    if project.status not in USABLE:
        found.append(f"The project is {project.status}.")
    if not holdings.pitr:
        found += _of_daily(holdings)
    return found


def _of_daily(holdings: Holdings) -> list[str]:
    newest = holdings.newest
    if newest is None:
        return ["Supabase keeps no backup of the project that could be ordered back: neither point-in-time recovery nor a physical one."]
    last = holdings.backups[0]
    if last.status not in {DONE, "PENDING"}:
        return [f"The newest backup of Supabase, of {iso(last.at)}, is {last.status}."]
    if holdings.now - newest > DAILY:
        return [f"The newest backup of Supabase is of {iso(newest)}; one a day is to be expected."]
    return []


def shown(project: Project, holdings: Holdings) -> dict[str, t.Any]:
    """The value `physical` of the contract `recovery_points`. Pure."""
    return {
        "cluster": project.ref,
        "provable": False,
        "status": project.status,
        "region": project.region,
        "pitr": holdings.pitr,
        "oldest": iso_or_none(holdings.oldest),
        "newest": iso_or_none(holdings.newest),
        "rpo_seconds": age(holdings.newest, holdings.now),
        "backups": [
            {"id": kept.number, "physical": kept.physical, "status": kept.status, "at": iso(kept.at), "restorable": kept.restorable}
            for kept in holdings.backups
        ],
        "problems": problems(project, holdings),
    }
