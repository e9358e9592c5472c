"""What Supabase might keep of a project, for tests that decide on it."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._supabase.holdings import Holdings, parse
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.states import Project

REF = "abcdefghijklmnopqrst"
NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.timezone.utc)


def at(minute: float) -> datetime.datetime:
    return NOON + datetime.timedelta(minutes=minute)


def backup(number: int, minute: float, status: str = "COMPLETED", *, physical: bool = True) -> dict[str, t.Any]:
    """As the API has it."""
    return {"id": number, "is_physical_backup": physical, "status": status, "inserted_at": at(minute).isoformat()}


def daily(*backups: dict[str, t.Any]) -> Holdings:
    """A plan with daily backups only, seen at noon."""
    answer = {"region": "eu-central-1", "walg_enabled": True, "pitr_enabled": False, "backups": backups, "physical_backup_data": {}}
    return parse(answer, NOON)


def any_moment(*backups: dict[str, t.Any], since: float = -600, until: float = -2) -> Holdings:
    """A plan with point-in-time recovery, seen at noon."""
    span = {
        "earliest_physical_backup_date_unix": int(at(since).timestamp()),
        "latest_physical_backup_date_unix": int(at(until).timestamp()),
    }
    answer = {"region": "eu-central-1", "walg_enabled": True, "pitr_enabled": True, "backups": backups, "physical_backup_data": span}
    return parse(answer, NOON)


def project(status: str = "ACTIVE_HEALTHY") -> Project:
    return Project(REF, "VZ Portal", "eu-central-1", status)
