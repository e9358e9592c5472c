"""The task files that every database role has, in the order of a portal's life."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from tests.conformance.database.environment import Environment

Answer = dict[str, t.Any]
POINT = "before-the-loss"
FLAGS = [{"table": "flags", "key": ["name"], "rows": [{"name": "new-menu", "on": True}, {"name": "beta", "on": False}]}]
ROWS = "SELECT count(*) FROM flags"


@pytest.fixture(scope="module")
def life(database: Environment) -> dict[str, Answer]:
    """A database that is made, filled, backed up and asked: what each call said, by a name for it."""
    (provisioned,) = database.call({"file": "provision"})
    assert not provisioned["failed"], provisioned["msg"]
    database.adapter.ask('CREATE TABLE flags (name text PRIMARY KEY, "on" boolean NOT NULL)')
    calls: dict[str, Answer] = {
        "seeded": {"file": "seed", "tables": FLAGS},
        "seeded again": {"file": "seed", "tables": FLAGS},
        "snapshot": {"file": "snapshot", "restore_point": POINT},
        "young enough": {"file": "snapshot", "max_age": 3600, "restore_point": POINT},
        "points": {"file": "recovery_points"},
        "proven": {"file": "restore", "state": "proven"},
        "rehearsed": {
            "file": "restore",
            "state": "rehearsed",
            "validations": [{"name": "flags", "query": ROWS, "expect": 2}],
            "canary": "SELECT now() - interval '10 minutes'",
        },
        "unmeant": {"file": "restore", "confirm": "another"},
        "to come": {"file": "restore", "confirm": database.adapter.cluster, "target": tomorrow()},
        "held": {"file": "hold", "hold": True},
        "let in": {"file": "hold", "hold": False},
    }
    return dict(zip(calls, database.call(*calls.values()), strict=True))


def tomorrow() -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)).isoformat()


def test_seeds_come_in_once(life: dict[str, Answer]) -> None:
    assert [life["seeded"][name] for name in ("failed", "inserted", "changed")] == [False, 2, True]
    assert [life["seeded again"][name] for name in ("inserted", "unchanged", "changed")] == [0, 2, False]


def test_a_snapshot_is_a_backup_and_one_that_is_young_enough_is_not_made_again(life: dict[str, Answer], database: Environment) -> None:
    made, found = life["snapshot"], life["young enough"]
    assert (made["failed"], made["changed"], found["changed"]) == (False, True, False)
    assert made["backup"]["id"] == found["backup"]["id"]
    assert made["restore_point"] == (POINT if database.adapter.cluster else None)


def test_what_can_be_restored_is_listed_with_what_would_be_lost(life: dict[str, Answer], database: Environment) -> None:
    points = life["points"]
    assert (points["failed"], points["healthy"], points["problems"]) == (False, True, [])
    assert points["oldest"] <= points["newest"]
    assert 0 <= points["rpo_seconds"] < 3600
    assert [backup["id"] for backup in points["backups"]] == [life["snapshot"]["backup"]["id"]]
    assert (points["physical"] or {"cluster": ""})["cluster"] == database.adapter.cluster


def test_a_backup_is_proven_without_the_database_being_touched(life: dict[str, Answer]) -> None:
    proven = life["proven"]
    assert (proven["failed"], proven["changed"], proven["physical"]) == (False, True, None)
    assert proven["backup"]["id"] == life["snapshot"]["backup"]["id"]
    assert proven["proof"]["id"].startswith("proof-")


def test_a_recovery_is_rehearsed_and_the_restored_database_answers(life: dict[str, Answer]) -> None:
    rehearsal = life["rehearsed"]["rehearsal"]
    assert [(one["name"], one["passed"]) for one in rehearsal["validations"]] == [("flags", True), ("canary", True)]
    assert all(one["equal"] for one in rehearsal["comparisons"])


def test_what_is_not_meant_or_not_possible_is_refused_and_nothing_is_touched(life: dict[str, Answer], database: Environment) -> None:
    assert life["unmeant"]["failed"]
    assert "confirm is 'another'" in life["unmeant"]["msg"]
    assert life["to come"]["failed"]
    if database.adapter.cluster:
        assert "in the future" in life["to come"]["msg"]


def test_who_keeps_writers_out_says_so_and_who_cannot_says_that(life: dict[str, Answer]) -> None:
    held, let_in = life["held"], life["let in"]
    assert held["held"] == held["can"]
    assert (let_in["held"], bool(held["says"])) == (False, True)


@pytest.mark.usefixtures("life")
def test_a_loss_is_taken_back_and_check_mode_says_how_before(database: Environment) -> None:
    adapter = database.adapter
    way = {"confirm": adapter.cluster, "target": f"point {POINT}"} if adapter.cluster else {"confirm": adapter.name}
    adapter.ask("DELETE FROM flags")
    (said,) = database.call({"file": "restore", "check": True, **way})
    assert (said["failed"], said["changed"]) == (False, True), said
    assert adapter.ask(ROWS) == [(0,)]
    (done,) = database.call({"file": "restore", **way})
    assert not done["failed"], done["msg"]
    assert adapter.ask(ROWS) == [(2,)]
    if adapter.cluster:
        assert said["physical"]["moment"] == done["physical"]["moment"]
        told = " ".join(database.output.split())
        assert f"Everything that was committed after {said['physical']['moment']} is lost:" in told
    else:
        assert said["backup"]["id"] == done["backup"]["id"]


def test_no_secret_stands_in_what_a_person_sees(life: dict[str, Answer], database: Environment) -> None:
    assert life
    (again,) = database.call({"file": "provision"})
    assert not again["failed"], again["msg"]
    secrets = [
        database.adapter.url.split(":")[2].split("@")[0],
        *(str(value) for name, value in database.adapter.variables.items() if name.endswith(("_access_token", "_secret_access_key"))),
    ]
    assert [secret for secret in secrets if secret in database.output] == []
