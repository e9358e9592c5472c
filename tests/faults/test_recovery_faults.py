"""A recovery, and a way back of everything, whose controller is killed at each step: the same command finishes, users stay out until then.

`make test` has two such kills in the portal's life; `make faults` runs all of these, which takes eight minutes.
"""

from __future__ import annotations

import http.client
import json
import typing as t

import psycopg
import pytest

from tests.integration.portal import Portal, embedded_portal
from tests.integration.portal_story import kill_after, ledger_since, version_served
from tools.embedded import credentials, postgres

pytestmark = pytest.mark.nightly

QUICK: dict[str, t.Any] = {"portal_deploy_analysis": {"window": 0, "max_window": 0, "min_samples": 0, "objectives": {}}}
MEANT: dict[str, t.Any] = {"portal_recover_confirm": "database:shop"}
BACK: dict[str, t.Any] = {"portal_roll_back_kind": "full", "portal_roll_back_to": "1.0", "portal_roll_back_confirm": "database:shop"}
ORDERS = 50
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


def database(portal: Portal) -> psycopg.Connection[t.Any]:
    password = credentials.read(portal.home.secrets, "postgres_admin_password")
    return psycopg.connect(postgres.url(portal.ports.postgres, password).rpartition("/")[0] + "/shop", autocommit=True)


def orders(portal: Portal) -> int:
    with database(portal) as connection:
        row = connection.execute("SELECT count(*) FROM orders").fetchone()
    assert row
    return int(row[0])


def lose_the_orders(portal: Portal) -> None:
    with database(portal) as connection:
        connection.execute("DROP TABLE orders CASCADE")


def status_served(portal: Portal) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", portal.ports.router, timeout=60)
    connection.request("GET", "/")
    answer = connection.getresponse()
    connection.close()
    return answer.status


def entries(portal: Portal) -> list[dict[str, t.Any]]:
    return ledger_since(portal, 0)


@pytest.fixture(scope="module")
def portal() -> t.Iterator[Portal]:
    """1.0 is live, with orders and a backup of them."""
    with embedded_portal() as portal:
        assert portal.play("provision").returncode == 0
        deployed = portal.deploy("1.0", **QUICK)
        assert deployed.returncode == 0, deployed.output
        with database(portal) as connection:
            made = "INSERT INTO orders (reference, customer, item, quantity) SELECT 'r' || i, 'c', 'i', 1 FROM generate_series(1, %s) i"
            connection.execute(made, (ORDERS,))
        backed_up = portal.play("back_up")
        assert backed_up.returncode == 0, backed_up.output
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
