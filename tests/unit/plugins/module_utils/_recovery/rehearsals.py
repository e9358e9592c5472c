"""Rehearsals that went well and ill, as the playbook records them."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Plan, read_plan
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.record import Seen, Targets, record

ACTIONS = ("assess", "database")
NOON = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.timezone.utc)
TARGETS = Targets(rto=240.0, rpo=60.0, allowed_failures=2)


def raw(step_id: str, *needs: str, **more: t.Any) -> dict[str, t.Any]:
    """A step of the inventory; without an action given it is left out."""
    own = {"id": step_id, "description": f"Do {step_id}", "depends_on": list(needs), "estimate": 30}
    return {**own, **({} if "action" in more else {"left_out": "nobody does it"}), **more}


STEPS = [
    raw("assess", action="assess", critical=True),
    raw("database", "assess", action="database", critical=True, estimate=60),
    raw("application", "database"),
]


def plan(steps: t.Sequence[t.Any] = (), rto: float = 240) -> Plan:
    """A plan that is all right."""
    read, problems = read_plan(list(steps or STEPS), rto, ACTIONS)
    assert read, problems
    return read


def tried(step_id: str, seconds: float, status: str = "completed", says: str = "", after: float = 0.0) -> dict[str, t.Any]:
    """A step that was tried, `after` the beginning."""
    began = NOON + datetime.timedelta(seconds=after)
    return {"id": step_id, "status": status, "says": says, "began": iso(began), "ended": iso(began + datetime.timedelta(seconds=seconds))}


def backup(**more: t.Any) -> dict[str, t.Any]:
    """As pg_backup_info lists it: in two stores, half an hour old."""
    return {
        "id": "20261122T113000Z-1a2b3c",
        "at": "2026-11-22T11:30:00Z",
        "database": "orders",
        "server_version": "17.10",
        "size": 302_600_000,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "encrypted": True,
        "fingerprint": "full",
        "tables": 1,
        "rows": 5000,
        "copies": [{"store": "file:///srv/backups", "damage": None}, {"store": "s3://backups/production", "damage": None}],
        "missing": [],
        "proof": {"id": "proof-1"},
        **more,
    }


def restored(says: str = "5000 as expected (5000).", *, passed: bool = True, **more: t.Any) -> dict[str, t.Any]:
    """As the database's role says it."""
    rehearsal = {
        "began": "2026-11-22T12:00:05Z",
        "ended": "2026-11-22T12:01:05Z",
        "restore_s": 40.0,
        "compare_s": 15.0,
        "validate_s": 0.5,
        "validations": [{"name": "orders", "passed": passed, "expected": "5000", "found": "5000", "says": says, "seconds": 0.01}],
        "youngest_change": "2026-11-22T11:15:00Z",
        "passed_over": [],
        "server": {"major": 17, "own": True},
        "client": {"version": "17.10"},
        "schema_compared": True,
        "comparisons": [{"what": "table", "name": "public.orders", "source": {"rows": 5000}, "restored": {"rows": 5000}, "equal": True}],
        **more,
    }
    proof = {"id": "proof-2", "at": "2026-11-22T12:01:00Z", "equal": True, "bytes": 1_500_000_000, "duration_s": 55.0}
    return {"backup": backup(), "proof": proof, "rehearsal": rehearsal}


def bucket(**more: t.Any) -> dict[str, t.Any]:
    """A bucket that was restored."""
    samples = [{"sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9", "size": 7}]
    found = {"name": "storage/papers", "backup": "s1", "at": "2026-11-22T11:00:00Z", "objects": 3, "bytes": 2048, "seconds": 4.0}
    return {**found, "samples": samples, "passed_over": [], "problem": None, **more}


def beside(says: str = "Answered 200 in 12 ms.") -> dict[str, t.Any]:
    """What was seen besides the database."""
    whole = {"moment": "2026-11-22T11:10:00Z", "backup": "20261122-010002F", "size": 22_956_398, "duration_s": 7.7}
    check = {"step": "system_test", "name": says, "passed": True, "status": "pass", "says": says}
    papers = bucket(problem=says if says != "Answered 200 in 12 ms." else None)
    return {"buckets": [papers], "physical": whole, "application": {"version": "1.4.0", "artifact": "given"}, "health": [check]}


def good(
    restore: dict[str, t.Any] | None = None,
    began: datetime.datetime = NOON,
    done: t.Sequence[t.Any] = (),
    targets: Targets = TARGETS,
    **more: t.Any,
) -> dict[str, t.Any]:
    """The data of a rehearsal that went well."""
    ended = began + datetime.timedelta(seconds=70)
    seen = {"began": began, "ended": ended, "backups": [backup()], "restore": restore or restored(), "versions": {"ansible-core": "2.19.3"}}
    done = done or [tried("assess", 5), tried("database", 60, after=5)]
    return record(plan(), done, targets, Seen(**{**seen, **more}))


def bad(says: str = "No copy of the backup can be used.", began: datetime.datetime = NOON) -> dict[str, t.Any]:
    """One in which the database could not be restored."""
    damaged = [{"store": "file:///srv/backups", "damage": "database.dump.age is missing."}]
    backups = [backup(copies=damaged, missing=["s3://backups/production"])]
    other = {} if says == "No copy of the backup can be used." else beside(says)
    seen = Seen(began, began + datetime.timedelta(seconds=20), backups, {}, {"ansible-core": "2.19.3"}, other=other)
    return record(plan(), [tried("assess", 5), tried("database", 15, "failed", says, after=5)], TARGETS, seen)
