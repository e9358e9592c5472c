"""supabase_backup against a project with a real PostgreSQL whose point-in-time recovery is real."""

from __future__ import annotations

import typing as t

import psycopg
import pytest

from tests.integration.module_child import result_of, start_module
from tests.integration.supabase.lab import LONG
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.supabase.lab import Lab

PITR = {"addon_type": "pitr", "addon_variant": "pitr_7"}
BACKUPS = "/database/backups"
WRONG_TOKEN = "sbp_" + "0" * 40


class Past:
    """A project, and how the module is asked about its past."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.supabase = lab.supabase
        self.since = lab.mark()

    @property
    def orders(self) -> list[str]:
        """What was asked for that changes something, since the last time."""
        since, self.since = self.since, self.lab.mark()
        return [order.removeprefix(f"POST {BACKUPS}/") for order in self.lab.changes_after(since)]

    @property
    def looked_since_the_order(self) -> bool:
        """Whether somebody asked how the project is after a restore was ordered."""
        rows = [(row["method"], str(row["path"]).partition(self.supabase.ref)[2]) for row in self.supabase.asked(self.since)]
        order = ("POST", f"{BACKUPS}/restore-pitr")
        return order in rows and ("GET", "") in rows[rows.index(order) :]

    def way(self, target: str, **more: t.Any) -> dict[str, t.Any]:
        return {"state": "restored", "target": target, "confirm": self.supabase.ref, **more}

    @property
    def options(self) -> dict[str, t.Any]:
        """For a run in a process of its own."""
        return {**self.supabase.options, **self.way("latest", wait_timeout=LONG)}

    def go_back(self, target: str, *, check: bool = False, **more: t.Any) -> dict[str, t.Any]:
        return self.lab.run("supabase_backup", check=check, **self.way(target, **more))

    def refused(self, target: str, **more: t.Any) -> str:
        return self.lab.refused("supabase_backup", **self.way(target, **more))

    def name(self, point: str, *, check: bool = False) -> dict[str, t.Any]:
        return self.lab.run("supabase_backup", check=check, state="point", restore_point=point)

    def points(self) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", self.lab.run("supabase_backup")["recovery_points"])

    def execute(self, statement: str) -> list[tuple[t.Any, ...]]:
        with psycopg.connect(self.supabase.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def past(lab: Lab) -> Iterator[Past]:
    """With point-in-time recovery, and a table of one row."""
    lab.supabase.api("PATCH", "/billing/addons", PITR)
    lab.supabase.wait_until()
    # A restore takes minutes: whoever waits for it sees it, also on a busy machine.
    lab.supabase.settle(transition_looks=1)
    found = Past(lab)
    found.execute("CREATE TABLE IF NOT EXISTS notes (n int)")
    found.execute("TRUNCATE notes; INSERT INTO notes VALUES (1)")
    yield found
    lab.supabase.put_into("ACTIVE_HEALTHY")


def test_a_restore_point_is_made_once_and_what_was_lost_since_comes_back(past: Past) -> None:
    said = past.name("before", check=True)
    assert (said["changed"], said["restore_point"]) == (True, {"name": "before", "status": None, "at": None})
    assert past.orders == []
    made, again = past.name("before"), past.name("before")
    assert (made["changed"], made["restore_point"]["status"], again["changed"]) == (True, "AVAILABLE", False)
    assert past.orders == ["restore-point"]
    past.execute("DELETE FROM notes")
    done = past.go_back("point before")["physical"]
    assert (done["way"], done["moment"], done["resumed"], done["status"]) == ("point", made["restore_point"]["at"], False, "ACTIVE_HEALTHY")
    assert past.execute("SELECT n FROM notes") == [(1,)]


def test_a_moment_of_the_window_comes_back_and_check_mode_says_what_that_costs(past: Past) -> None:
    window = past.points()
    assert (window["method"], window["physical"]["pitr"], window["problems"]) == ("physical", True, [])
    said = past.go_back(window["newest"], check=True)["physical"]
    assert (said["moment"], said["duration_s"]) == (window["newest"], None)
    assert f"Everything that was committed after {window['newest']} is lost" in said["says"]
    assert past.orders == []
    done = past.go_back(window["newest"])
    assert (done["changed"], done["physical"]["way"], done["physical"]["moment"]) == (True, "pitr", window["newest"])
    assert past.orders == ["restore-pitr"]


def test_a_run_that_was_killed_is_repeated_and_waits_for_the_restore_that_it_ordered(past: Past) -> None:
    past.supabase.fault("stuck")
    killed = start_module("supabase_backup", **past.options)
    wait_for(lambda: past.supabase.status() == "RESTORING", "the restore to begin")
    killed.kill()
    killed.communicate()
    assert past.orders == ["restore-pitr"]
    predicted = past.go_back("latest", check=True)
    assert (predicted["physical"]["resumed"], predicted["recovery_points"]) == (True, None)
    mark = past.lab.mark()
    repeated = start_module("supabase_backup", **past.options)
    wait_for(lambda: past.lab.mark() > mark + 1, "the repeated run to look twice")
    past.supabase.put_into("ACTIVE_HEALTHY")
    result = result_of(repeated)
    assert (result["changed"], result["physical"]["resumed"], result["physical"]["status"]) == (True, True, "ACTIVE_HEALTHY")
    assert "A restore of the project was under way and was waited for" in result["raw"]
    assert past.supabase.token not in result["raw"]
    assert past.orders == []


def test_an_order_whose_answer_is_lost_is_not_sent_again(past: Past) -> None:
    past.supabase.fault("stuck")
    past.supabase.fault("cut_after", method="POST", path="*/restore-pitr")
    run = start_module("supabase_backup", **past.options)
    wait_for(lambda: past.looked_since_the_order, "the run to look for its order")
    past.supabase.put_into("ACTIVE_HEALTHY")
    assert result_of(run)["physical"]["status"] == "ACTIVE_HEALTHY"
    assert past.orders == ["restore-pitr"]


def test_a_restore_that_fails_is_told_and_another_one_has_to_be_meant(past: Past) -> None:
    past.supabase.fault("restore_failed")
    assert "the restore failed (RESTORE_FAILED)" in past.refused("latest")
    assert "The last restore of project" in past.refused("latest")
    assert past.orders == ["restore-pitr"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"target": "2100-01-01T00:00:00Z"}, "in the future"),
        ({"target": "2020-01-01T00:00:00Z"}, "before the first moment that can be restored"),
        ({"target": "backup 4711"}, "which Supabase does not keep"),
        ({"target": "point nobody-made-it"}, "has no such restore point"),
        ({"confirm": "portal"}, "confirm is 'portal'"),
        ({"access_token": WRONG_TOKEN}, "(401)"),
        ({"state": "point", "restore_point": "a b", "target": None, "confirm": None}, "restore_point is 'a b'"),
        ({"state": "listed"}, "target is given with state: listed"),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_touched(past: Past, given: dict[str, t.Any], said: str) -> None:
    message = past.lab.refused("supabase_backup", **{**past.way("latest"), **given})
    assert said in message
    assert WRONG_TOKEN not in message
    assert past.orders == []


@pytest.mark.parametrize(("status", "said"), [("INACTIVE", "is paused (INACTIVE)"), ("UPGRADING", "something else goes on there")])
def test_a_project_that_is_not_ready_is_left_alone(past: Past, status: str, said: str) -> None:
    past.supabase.put_into(status)
    assert said in past.refused("latest")
    assert past.orders == []


def test_a_plan_without_it_is_explained(lab: Lab) -> None:
    past = Past(lab)
    past.supabase.plan("free")
    assert "has no point-in-time recovery. Point-in-time recovery is an add-on of the plan Pro" in past.refused("2026-01-01T00:00:00Z")
    assert "(402). Point-in-time recovery is an add-on" in lab.refused("supabase_backup", state="point", restore_point="unpaid")
    points = past.points()
    assert (points["healthy"], points["newest"]) == (False, None)
    assert "Supabase keeps no backup of the project" in points["problems"][0]


def test_a_restore_point_that_fails_is_told(past: Past) -> None:
    past.supabase.fault("restore_point_failed")
    message = past.lab.refused("supabase_backup", state="point", restore_point="unlucky")
    assert "The restore point 'unlucky' is FAILED" in message
