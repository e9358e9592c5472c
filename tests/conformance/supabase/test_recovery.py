"""Recovery goes back in a real PostgreSQL: to a moment, to a restore point, to a backup, and forward again."""

from __future__ import annotations

import time
import typing as t

import psycopg
import pytest

if t.TYPE_CHECKING:
    from tests.emulators.supabase.running import LocalSupabase

BACKUPS = "/database/backups"


def execute(supabase: LocalSupabase, statement: str) -> list[tuple[t.Any, ...]]:
    with psycopg.connect(supabase.database_url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def numbers(supabase: LocalSupabase) -> list[int]:
    return [number for (number,) in execute(supabase, "SELECT number FROM orders ORDER BY number")]


def next_second() -> int:
    """The first whole second from now on, once it is over: what was committed before is in it, what comes is not."""
    second = int(time.time()) + 1
    while time.time() < second + 1:
        time.sleep(0.01)
    return second


def refused(supabase: LocalSupabase, path: str, body: t.Any) -> tuple[int, str]:
    answer = supabase.call("POST", f"/v1/projects/{supabase.ref}{BACKUPS}{path}", json=body)
    return answer.status_code, str(answer.json()["message"])


@pytest.fixture
def orders(supabase: LocalSupabase) -> LocalSupabase:
    """A project with point-in-time recovery and a table with one order."""
    supabase.settle(transition_seconds=0, restore_point_seconds=0)
    supabase.api("PATCH", "/billing/addons", {"addon_type": "pitr", "addon_variant": "pitr_7"})
    execute(supabase, "DROP TABLE IF EXISTS orders")
    execute(supabase, "CREATE TABLE orders (number int)")
    execute(supabase, "INSERT INTO orders VALUES (1)")
    return supabase


def test_a_recovery_goes_back_to_a_point_to_a_moment_and_forward_again(orders: LocalSupabase) -> None:
    second = next_second()
    execute(orders, "INSERT INTO orders VALUES (2)")
    orders.api("POST", f"{BACKUPS}/restore-point", {"name": "before"})
    execute(orders, "INSERT INTO orders VALUES (3)")
    latest = next_second()
    orders.wait_until()
    assert orders.api("GET", f"{BACKUPS}/restore-point?name=before")["status"] == "AVAILABLE"
    orders.api("POST", f"{BACKUPS}/undo", {"name": "before"})
    orders.wait_until()
    assert numbers(orders) == [1, 2]
    orders.api("POST", f"{BACKUPS}/restore-pitr", {"recovery_time_target_unix": second})
    orders.wait_until()
    assert numbers(orders) == [1]
    orders.api("POST", f"{BACKUPS}/restore-pitr", {"recovery_time_target_unix": latest})
    orders.wait_until()
    assert numbers(orders) == [1, 2, 3]
    assert orders.control("GET", "ready")["projects"][orders.ref]["database_url"] == orders.database_url


def test_the_list_of_backups_is_what_there_is_and_a_physical_one_can_be_restored(orders: LocalSupabase) -> None:
    made = orders.control("POST", "backups", ref=orders.ref, kind="physical")
    dumped = orders.control("POST", "backups", ref=orders.ref, kind="logical")
    execute(orders, "INSERT INTO orders VALUES (2)")
    listed = orders.api("GET", BACKUPS)
    assert [(row["id"], row["is_physical_backup"]) for row in listed["backups"][:2]] == [(dumped["id"], False), (made["id"], True)]
    assert listed["pitr_enabled"]
    assert refused(orders, "/restore", {"id": dumped["id"]})[0] == 400
    assert refused(orders, "/restore", {"id": 4711}) == (400, "Backup with ID 4711 not found")
    orders.api("POST", f"{BACKUPS}/restore", {"id": made["id"]})
    orders.wait_until()
    assert numbers(orders) == [1]


def test_outside_of_the_window_nothing_begins(orders: LocalSupabase) -> None:
    window = orders.api("GET", BACKUPS)["physical_backup_data"]
    earliest = window["earliest_physical_backup_date_unix"]
    assert "outside of the recovery window" in refused(orders, "/restore-pitr", {"recovery_time_target_unix": earliest - 1})[1]
    assert refused(orders, "/restore-pitr", {"recovery_time_target_unix": int(time.time()) + 3600})[0] == 400
    orders.settle(archive_lag_seconds=3600)
    assert refused(orders, "/restore-pitr", {"recovery_time_target_unix": int(time.time())})[0] == 400
    assert orders.status() == "ACTIVE_HEALTHY"
    assert refused(orders, "/undo", {"name": "never made"})[0] == 404


def test_a_restore_that_failed_leaves_the_database_down_and_can_be_tried_again(orders: LocalSupabase) -> None:
    orders.api("POST", f"{BACKUPS}/restore-point", {"name": "again"})
    execute(orders, "INSERT INTO orders VALUES (2)")
    orders.fault("restore_failed")
    orders.api("POST", f"{BACKUPS}/undo", {"name": "again"})
    orders.wait_until("RESTORE_FAILED")
    with pytest.raises(psycopg.OperationalError):
        numbers(orders)
    orders.api("POST", f"{BACKUPS}/undo", {"name": "again"})
    orders.wait_until()
    assert numbers(orders) == [1]


def test_a_plan_without_backups_has_none_and_says_402(supabase: LocalSupabase) -> None:
    supabase.plan("free")
    assert supabase.api("GET", BACKUPS)["backups"] == []
    assert supabase.call("PATCH", f"/v1/projects/{supabase.ref}/billing/addons", json=_pitr()).status_code == 402
    assert supabase.call("GET", f"/v1/projects/{supabase.ref}{BACKUPS}/schedule").status_code == 402
    assert refused(supabase, "/restore-pitr", {"recovery_time_target_unix": 0})[0] == 402
    assert refused(supabase, "/restore-point", {"name": "before"})[0] == 402
    supabase.plan("pro")
    assert refused(supabase, "/restore-pitr", {"recovery_time_target_unix": 0}) == (
        400,
        "Point in time recovery is not enabled for this project.",
    )


def _pitr() -> dict[str, str]:
    return {"addon_type": "pitr", "addon_variant": "pitr_7"}
