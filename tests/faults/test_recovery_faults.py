"""A recovery, and a way back of everything, whose controller is killed at each step: the same command finishes, users stay out until then.

`make test` has two such kills in the portal's life; `make faults` runs all of these, which takes eight minutes.
"""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.integration.portal_story import (
    ORDERS,
    QUICK,
    kill_after,
    ledger_since,
    lose_the_orders,
    orders,
    portal_with_orders,
    status_served,
    version_served,
)

if t.TYPE_CHECKING:
    from tests.integration.portal import Portal

pytestmark = pytest.mark.nightly

# Each goes back to the same backup, which has to be meant.
MEANT: dict[str, t.Any] = {"portal_recover_confirm": "database:shop,database:shop:again"}
BACK: dict[str, t.Any] = {"portal_roll_back_kind": "full", "portal_roll_back_to": "1.0", "portal_roll_back_confirm": "database:shop"}
HELD = (
    "Show the maintenance page",
    "Hold | Keep it out",
    "End the sessions that it has",
    "keep the portal: assess",
    "Ask it the questions of the business",
    "keep the portal: database",
    "Hold | Let it in again",
    "keep the portal: application",
    "Look at all of it before users do",
    "keep the portal: system_test",
)
OPEN = ("Let users in again", "See from outside that they get it")
WAY_BACK = ("Back up to every destination", "keep the portal: safety_backup", "keep the portal: database", "Give a slot its share")


def entries(portal: Portal) -> list[dict[str, t.Any]]:
    return ledger_since(portal, 0)


@pytest.fixture(scope="module")
def portal() -> t.Iterator[Portal]:
    with portal_with_orders() as portal:
        yield portal


@pytest.mark.parametrize("task", [*HELD, *OPEN])
def test_a_recovery_that_is_killed_is_finished_by_the_same_command(portal: Portal, task: str) -> None:
    before = len(entries(portal))
    lose_the_orders(portal)
    kill_after(portal, task, play="recover", **MEANT)
    assert status_served(portal) == (503 if task in HELD else 200)
    run = portal.play("recover", **MEANT)
    assert run.returncode == 0, run.output
    assert (status_served(portal), orders(portal)) == (200, ORDERS)
    told = entries(portal)[before:]
    assert [entry["event"] for entry in told].count("recovery.started") == 1
    assert told[-1]["event"] == "recovery.completed"
    assert told[-1]["data"]["verdict"] == "recovered", json.dumps(told[-1]["data"]["evidence"]["findings"])


@pytest.mark.parametrize("task", WAY_BACK)
def test_a_way_back_of_everything_that_is_killed_is_finished_by_the_same_command(portal: Portal, task: str) -> None:
    deployed = portal.deploy("1.1", **QUICK)
    assert deployed.returncode == 0, deployed.output
    before = len(entries(portal))
    kill_after(portal, task, play="roll_back", **BACK)
    assert status_served(portal) == 503
    run = portal.play("roll_back", **BACK)
    assert run.returncode == 0, run.output
    assert (version_served(portal), orders(portal)) == ("1.0", ORDERS)
    told = [entry["event"] for entry in entries(portal)[before:]]
    assert told.count("recovery.started") == told.count("rollback.completed") == told.count("recovery.completed") == 1
