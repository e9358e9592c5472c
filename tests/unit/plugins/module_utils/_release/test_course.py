"""What a run has to do, for every way in which the one before may have ended."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._release.course import Course, plan_course

from .course_facts import A, B, Event, good, live, opened, platform, state_of, wanted

NOW = datetime.datetime(2026, 11, 21, 22, 30, tzinfo=datetime.timezone.utc)
FRESH_B = "1.1-20261121T223000Z"
ON_BLUE = platform(blue=A, blue_share=100)
BOTH = platform(blue=A, green=B, blue_share=100)
TEN = platform(blue=A, green=B, blue_share=90, green_share=10)
FIFTY = platform(blue=A, green=B, blue_share=50, green_share=50)
ALL = platform(blue=A, green=B, green_share=100)
OPEN_B = [*good(A), opened(B)]
STAGED: list[Event] = [("backup.completed", B, {}), ("expand.completed", B, {}), ("stage.completed", B, {}), ("verify.completed", B, {})]
SHIFTED: Event = ("shift.completed", B, {"percent": 10})


def course(events: list[Event], want: str, facts: dict[str, t.Any], resume_within: float = 3600) -> Course:
    return plan_course(state_of(*events), wanted(want), facts, NOW, resume_within)


def test_the_first_release_goes_to_blue() -> None:
    found = course([], A, platform())
    assert (found.action, found.slot, found.release["id"], found.replaces) == ("deploy", "blue", "1.0-20261121T223000Z", None)


def test_another_version_goes_to_the_idle_slot() -> None:
    found = course(good(A), B, ON_BLUE)
    assert (found.action, found.slot, found.release["id"], found.replaces) == ("deploy", "green", FRESH_B, A)
    assert found.reason == "1.0 is live, 1.1 is wanted."


def test_the_live_release_needs_nothing() -> None:
    found = course(good(A), A, ON_BLUE)
    assert (found.action, found.slot, found.release["id"], found.from_percent) == ("none", "blue", A, 100)


def test_the_same_version_with_another_artifact_is_another_release() -> None:
    want = {**wanted(A), "artifact_sha256": "other"}
    assert plan_course(state_of(*good(A)), want, ON_BLUE, NOW, 3600).action == "deploy"


@pytest.mark.parametrize(("commit", "action"), [("commit of 1.0-a", "none"), ("other", "deploy"), (None, "none")])
def test_without_an_artifact_the_commit_decides(commit: str | None, action: str) -> None:
    want = {"version": "1.0", "commit": commit, "artifact_sha256": None}
    assert plan_course(state_of(*good(A)), want, ON_BLUE, NOW, 3600).action == action


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (platform(), "no slot of the platform is live"),
        (platform(blue=B, blue_share=100), "the live slot blue holds 1.1-b"),
        (platform(blue=None, blue_share=100), "the live slot blue holds no release"),
        (platform(blue=A, green=B, blue_share=60, green_share=40), "the live slot blue has 60 % of the traffic"),
        ({**ON_BLUE, "slots": {"blue": {"release_id": A, "state": "stopped"}}}, "the live slot blue is stopped"),
    ],
)
def test_a_platform_that_shows_something_else_is_deployed_to(facts: dict[str, t.Any], said: str) -> None:
    found = course(good(A), A, facts)
    assert found.action == "deploy"
    assert said in found.reason


@pytest.mark.parametrize(
    ("events", "facts", "done", "percent"),
    [
        (OPEN_B, ON_BLUE, [], 0),
        ([*OPEN_B, ("backup.started", B, {})], ON_BLUE, [], 0),
        ([*OPEN_B, STAGED[0]], ON_BLUE, ["backup"], 0),
        ([*OPEN_B, *STAGED], BOTH, ["backup", "expand", "stage", "verify"], 0),
        ([*OPEN_B, *STAGED], ON_BLUE, ["backup", "expand"], 0),
        ([*OPEN_B, *STAGED, ("shift.started", B, {"percent": 10})], TEN, ["backup", "expand", "stage", "verify"], 0),
        ([*OPEN_B, *STAGED, SHIFTED], TEN, ["backup", "expand", "stage", "verify", "shift"], 10),
        ([*OPEN_B, *STAGED, SHIFTED, ("shift.started", B, {"percent": 50})], FIFTY, ["backup", "expand", "stage", "verify", "shift"], 10),
        ([*OPEN_B, *STAGED, SHIFTED], BOTH, ["backup", "expand", "stage", "verify", "shift"], 0),
    ],
)
def test_a_release_that_was_left_is_resumed_where_it_stands(
    events: list[Event], facts: dict[str, t.Any], done: list[str], percent: int
) -> None:
    found = course(events, B, facts)
    assert (found.action, found.release["id"], found.slot, found.replaces) == ("resume", B, "green", A)
    assert (list(found.steps_done), found.from_percent) == (done, percent)


@pytest.mark.parametrize(
    ("events", "facts", "begins"),
    [
        (good(A), ON_BLUE, "backup"),
        (OPEN_B, ON_BLUE, "backup"),
        ([*OPEN_B, STAGED[0]], ON_BLUE, "expand"),
        ([*OPEN_B, *STAGED], BOTH, "expand"),
        ([*OPEN_B, *STAGED, SHIFTED], TEN, "shift"),
        ([*OPEN_B, *STAGED, SHIFTED, ("shift.started", B, {"percent": 100})], ALL, "shift"),
        ([*good(A), *live(B)], ALL, "contract"),
        ([*good(A), *live(B), ("contract.started", B, {}), ("contract.completed", B, {})], ALL, "retire"),
        (good(B), ALL, None),
        ([*OPEN_B, *STAGED, ("verify.failed", B, {})], BOTH, "backup"),
    ],
)
def test_a_run_begins_with_the_step_that_the_release_stands_before(
    events: list[Event], facts: dict[str, t.Any], begins: str | None
) -> None:
    assert course(events, B, facts).begins == begins


@pytest.mark.parametrize(
    ("events", "facts"),
    [
        ([*OPEN_B, *STAGED, ("shift.started", B, {"percent": 100})], ALL),
        ([*good(A), *live(B)], ALL),
        ([*good(A), *live(B), ("contract.failed", B, {})], ALL),
        ([*good(A), *live(B), ("retire.failed", B, {})], ALL),
    ],
)
def test_after_full_traffic_it_always_goes_forward(events: list[Event], facts: dict[str, t.Any]) -> None:
    assert course(events, B, facts, resume_within=1).action == "resume"


def test_a_release_that_lies_too_long_is_undone_and_begun_anew() -> None:
    found = course([*OPEN_B, *STAGED, SHIFTED], B, TEN, resume_within=60)
    assert (found.action, found.release["id"], found.slot, found.steps_done) == ("undo_then_deploy", FRESH_B, "green", ())
    assert found.undo == {"id": B, "slot": "green", "replaces": A, **wanted(B)}


@pytest.mark.parametrize("event", ["verify.failed", "shift.failed", "stage.failed", "undo.started", "undo.failed", "undo.completed"])
def test_a_release_that_failed_or_was_being_undone_is_undone_not_resumed(event: str) -> None:
    events = [*OPEN_B, *STAGED, (event, B, {"percent": 10})]
    assert course(events, B, TEN).action == "undo_then_deploy"


def test_a_release_that_was_being_undone_after_full_traffic_is_undone() -> None:
    assert course([*good(A), *live(B), ("undo.started", B, {})], B, ALL).action == "undo_then_deploy"


def test_another_wanted_release_undoes_the_one_under_way() -> None:
    found = course([*OPEN_B, *STAGED, SHIFTED], A, TEN)
    assert (found.action, found.undo and found.undo["id"], found.slot) == ("undo_then_deploy", B, "green")


def test_a_release_whose_contract_migrations_ran_is_replaced_not_undone() -> None:
    events = [*good(A), *live(B), ("contract.completed", B, {"applied": ["003"]})]
    found = course(events, "1.2-c", ALL)
    assert (found.action, found.slot, found.replaces, found.undo) == ("deploy", "blue", B, None)


def test_a_live_release_that_was_never_found_good_is_deployed_again() -> None:
    events = [*live(A), opened(B), ("release.failed", B, {})]
    assert "never was found good" in course(events, A, ON_BLUE).reason


@pytest.mark.parametrize("version", ["", "../1", "1 0", "ä", "a" * 64, "-1", "1..0"])
def test_a_version_that_cannot_be_a_name_is_refused(version: str) -> None:
    with pytest.raises(InputError, match=r"^version: "):
        plan_course(state_of(), {"version": version}, platform(), NOW, 3600)


def test_a_platform_that_says_too_little_is_refused() -> None:
    with pytest.raises(InputError, match="weights, slots is missing"):
        plan_course(state_of(), wanted(A), {"live_slot": None}, NOW, 3600)


def test_the_course_is_plain_data_for_a_playbook() -> None:
    shown = course(good(A), A, ON_BLUE).as_dict()
    assert set(shown) == {"action", "reason", "release", "slot", "replaces", "steps_done", "begins", "from_percent", "undo"}
    assert shown["steps_done"] == []
