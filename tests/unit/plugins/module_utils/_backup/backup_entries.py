"""What a ledger remembers of backups, and how it looks as a page."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.judging import history_of, judge
from ansible_collections.holdfast.webops.plugins.module_utils._backup.limits import Limits, Watched
from ansible_collections.holdfast.webops.plugins.module_utils._backup.page import render
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Entry

NOW = datetime.datetime(2026, 11, 22, 8, 0, tzinfo=datetime.timezone.utc)
MB = 1_000_000
DATABASE = Watched("database", "database", Limits(late_hours=26, proof_hours=192))
STORAGE = Watched("storage", "objects", Limits(late_hours=26, proof_hours=None))


def entry(event: str, hours: float, **data: t.Any) -> Entry:
    return Entry(1, iso(NOW - datetime.timedelta(hours=hours)), event, None, data, None, "anna", None)


def made(hours: float, size: int | None = 100 * MB, **data: t.Any) -> Entry:
    moment = iso(NOW - datetime.timedelta(hours=hours))
    return entry(
        "backup.recorded", hours - 0.1, **{"policy": "database", "backup_id": f"b{hours}", "taken_at": moment, "bytes": size, **data}
    )


def proof(hours: float, **data: t.Any) -> Entry:
    return entry("proof.recorded", hours, **{"policy": "database", "backup_id": "b", "bytes": 12_000 * MB, "duration_s": 240.0, **data})


def days(*sizes: int) -> list[Entry]:
    """A backup a day, the last an hour ago, of these sizes in MB."""
    return [made(1 + 24 * age, size * MB) for age, size in reversed(list(enumerate(reversed(sizes))))]


def grown(reason: str) -> list[Entry]:
    """A database that grew and is proven, and a bucket whose only run failed."""
    return [*days(90, 95, 100, 400), proof(3), entry("backup.failed", 2, policy="storage", reason=reason)]


def page_of(found: t.Sequence[Entry], *policies: Watched) -> str:
    wanted = policies or (DATABASE, STORAGE)
    return render("shop", judge(wanted, found, NOW), {policy.name: history_of(policy, found).made for policy in wanted}, NOW)
