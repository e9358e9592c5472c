"""What check mode says a run will do."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._release.course import plan_course
from ansible_collections.holdfast.webops.plugins.module_utils._release.plan import Outlook, plan_lines, plan_steps

from .course_facts import A, B, C, Event, good, live, opened, platform, state_of, wanted

NOW = datetime.datetime(2026, 11, 21, 22, 30, tzinfo=datetime.timezone.utc)
MIGRATIONS = {"applied": ["1", "2"], "pending": ["1", "2", "3"]}
YOUNG = {"changed": False, "backup": {"id": "b1"}}
OUTLOOK = Outlook((10, 50, 100), {"window": 60}, YOUNG, MIGRATIONS)
ON_BLUE = platform(blue=A, blue_share=100)


def course(events: list[Event], want: str, facts: dict[str, t.Any]) -> dict[str, t.Any]:
    return plan_course(state_of(*events), wanted(want), facts, NOW, 3600).as_dict()


def planned(events: list[Event], want: str, facts: dict[str, t.Any], outlook: Outlook = OUTLOOK) -> list[tuple[str, t.Any]]:
    """Each step with its share of the traffic, its migrations, or nothing."""
    return [(step["step"], step.get("percent", step.get("migrations"))) for step in plan_steps(course(events, want, facts), outlook)]


def test_a_deploy_has_every_step() -> None:
    assert planned(good(A), B, ON_BLUE) == [
        ("backup", None),
        ("expand", ["1", "2"]),
        ("stage", None),
        ("verify", None),
        ("shift", 10),
        ("shift", 50),
        ("shift", 100),
        ("contract", ["3"]),
        ("retire", None),
    ]


def test_seed_data_is_told_with_the_migrations_that_come_before_it() -> None:
    way = course(good(A), B, ON_BLUE)
    steps = plan_steps(way, Outlook((100,), {"window": 0}, seeds="2 inserted, 0 updated, 7 unchanged"))
    assert (steps[1]["step"], steps[1]["seeds"]) == ("expand", "2 inserted, 0 updated, 7 unchanged")
    assert "2. expand: nothing to migrate; seed data: 2 inserted, 0 updated, 7 unchanged" in plan_lines(way, steps, [])


def test_nothing_to_do_has_none() -> None:
    assert planned(good(A), A, ON_BLUE) == []


def test_a_resumed_run_has_the_steps_that_are_left() -> None:
    events: list[Event] = [*good(A), opened(B), *[(f"{step}.completed", B, {}) for step in ("backup", "expand", "stage", "verify")]]
    shifted = [*events, ("shift.completed", B, {"percent": 10})]
    ten = platform(blue=A, green=B, blue_share=90, green_share=10)
    assert planned(shifted, B, ten)[0] == ("shift", 50)
    contracted: list[Event] = [*good(A), *live(B), ("backup.completed", B, {}), ("contract.completed", B, {"applied": ["3"]})]
    assert planned(contracted, B, platform(green=B, green_share=100)) == [("retire", None)]


def test_a_run_that_was_cut_off_in_its_contract_migrations_stops_the_old_slot() -> None:
    way = course([*good(A), *live(B), ("backup.completed", B, {}), ("contract.started", B, {})], B, platform(green=B, green_share=100))
    left = plan_steps(way, Outlook((100,), {"window": 0}, migrations={"applied": [], "pending": []}, contracted=True))
    assert [step["step"] for step in left] == ["contract", "retire"]
    assert left[-1]["becomes"] == "stopped"


def test_another_release_that_lies_there_is_undone_first() -> None:
    steps = plan_steps(course([*good(A), opened(C)], B, ON_BLUE), OUTLOOK)
    assert steps[0] == {"step": "undo", "release": C, "slot": "blue"}
    assert steps[1]["step"] == "backup"


@pytest.mark.parametrize(
    ("found", "makes_one", "backup", "says"),
    [
        (YOUNG, False, "b1", "backup: b1 is young enough"),
        ({"changed": True, "backup": None}, True, None, "backup: a new one is made"),
        (None, False, None, "backup: none is asked for"),
    ],
)
def test_the_backup_is_told(found: dict[str, t.Any] | None, makes_one: bool, backup: str | None, says: str) -> None:
    way = course(good(A), B, ON_BLUE)
    steps = plan_steps(way, Outlook((100,), {"window": 0}, found))
    assert steps[0] == {"step": "backup", "makes_one": makes_one, "backup": backup}
    assert f"1. {says}" in plan_lines(way, steps, [])


def test_the_old_slot_stays_warm_unless_the_schema_is_contracted() -> None:
    way = course(good(A), B, ON_BLUE)
    assert plan_steps(way, OUTLOOK)[-1] == {"step": "retire", "slot": "blue", "becomes": "stopped"}
    only_before = Outlook((100,), {"window": 0}, YOUNG, {"applied": ["1"], "pending": ["1"]})
    assert plan_steps(way, only_before)[-1] == {"step": "retire", "slot": "blue", "becomes": "warm"}


def test_a_person_reads_why_what_the_gates_say_and_the_steps() -> None:
    way = course(good(A), B, ON_BLUE)
    gates = [{"gate": "freeze", "passed": False, "says": "It is on."}, {"gate": "approvals", "passed": True, "says": "Enough."}]
    lines = plan_lines(way, plan_steps(way, OUTLOOK), gates)
    assert lines[:5] == [
        "1.0 is live, 1.1 is wanted.",
        "Gate freeze: REFUSED. It is on.",
        "Gate approvals: passed. Enough.",
        "1. backup: b1 is young enough",
        "2. expand: 2 migrations: 1, 2",
    ]
    assert lines[7] == "5. shift: 10 % of the traffic, watched for at least 60 s"
    assert lines[-2:] == ["8. contract: 1 migration: 3", "9. retire: blue is stopped from then on"]
