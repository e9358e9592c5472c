"""The task files that every platform role has, in the order of a portal's life. The tests build on one another."""

from __future__ import annotations

import math
import typing as t

import pytest

from tests.conformance.platform.adapters import Behaviour, Capability
from tests.conformance.platform.environment import Answer, Environment, Release, fetch
from tests.integration.waiting import wait_for
from tools.load.chatters import Chatters

WATCHED: dict[str, t.Any] = {"window": 2, "max_window": 60, "min_samples": 40, "objectives": {"error_rate_bad": 0.05}}
LOOKS = 300


@pytest.fixture(scope="module")
def one(platform: Environment) -> Release:
    """The first release, which stands on blue."""
    return platform.release("1.0")


@pytest.fixture(scope="module")
def two(platform: Environment, one: Release) -> Release:
    """Its successor, which goes to green."""
    return platform.release("1.1", replaces=one)


def share(platform: Environment, version: str) -> float:
    """The share of users, each on a connection of their own, that a version answers."""
    return sum(platform.served() == version for _look in range(LOOKS)) / LOOKS


def stands(status: Answer, slot: str, version: str) -> bool:
    """Whether a slot has all the traffic and runs that version."""
    shown = status["slots"][slot]
    return (status["live_slot"], status["weights"][slot], shown["version"], shown["state"]) == (slot, 100, version, "running")


def test_a_provisioned_platform_holds_nothing_and_says_so(platform: Environment) -> None:
    (status,) = platform.done({"file": "status"})
    assert {slot: shown["release_id"] for slot, shown in status["slots"].items()} == {"blue": None, "green": None}
    assert {status["live_slot"], status["idle_slot"]} <= {"blue", "green", None}


def test_the_first_release_is_seen_in_the_preview_before_its_users_see_it(platform: Environment, one: Release) -> None:
    (stage,) = platform.done({"file": "stage", "release": one, "slot": "blue"})
    assert (stage["slot"], stage["changed"]) == ("blue", True)
    assert fetch(f"{stage['preview_url']}/", stage["preview_headers"]) == "1.0"
    shift, status = platform.done({"file": "shift", "release": one, "slot": "blue"}, {"file": "status"})
    assert (shift["weights"], shift["verdict"]) == ({"blue": 100, "green": 0}, None)
    assert stands(status, "blue", "1.0")
    about = status["slots"]["blue"]
    assert {name: about[name] for name in ("release_id", "commit", "artifact_sha256")} == {
        "release_id": one.id,
        "commit": one.as_fact()["commit"],
        "artifact_sha256": one.as_fact()["artifact_sha256"],
    }
    assert platform.served() == "1.0"


def test_the_same_once_more_changes_nothing(platform: Environment, one: Release) -> None:
    before, *again, after = platform.done(
        {"file": "status"},
        {"file": "stage", "release": one, "slot": "blue"},
        {"file": "shift", "release": one, "slot": "blue"},
        {"file": "retire", "slot": "green"},
        {"file": "status"},
    )
    assert [answer["changed"] for answer in again] == [False, False, False]
    assert {name: before[name] for name in ("live_slot", "weights", "slots")} == {
        name: after[name] for name in ("live_slot", "weights", "slots")
    }


def test_the_second_release_is_seen_in_the_preview_alone_until_it_gets_a_share(platform: Environment, two: Release) -> None:
    with platform.users() as visitors:
        (stage,) = platform.done({"file": "stage", "release": two, "slot": "green"})
        assert fetch(f"{stage['preview_url']}/", stage["preview_headers"]) == "1.1"
    assert set(visitors.slots) == {"1.0"}
    assert visitors.failures == []


def test_each_share_is_what_users_get_and_a_share_that_cannot_be_given_is_refused(platform: Environment, two: Release) -> None:
    for percent in (10, 50):
        (shift,) = platform.call({"file": "shift", "release": two, "slot": "green", "percent": percent})
        if Capability.WEIGHTS in platform.adapter.capabilities:
            assert shift["weights"] == {"blue": 100 - percent, "green": percent}
            wanted = percent / 100
            # Six standard deviations: never by chance.
            assert abs(share(platform, "1.1") - wanted) < 6 * math.sqrt(wanted * (1 - wanted) / LOOKS)
        else:
            assert shift["failed"]
            assert str(percent) in shift["msg"]
            assert platform.served() == "1.0"
    (shift,) = platform.done({"file": "shift", "release": two, "slot": "green", "percent": 100})
    assert shift["weights"] == {"blue": 0, "green": 100}
    assert share(platform, "1.1") == 1.0


def test_an_undo_at_every_step_gives_all_back_and_nobody_notices(platform: Environment, two: Release) -> None:
    shares = [None, 10, 50, 100] if Capability.WEIGHTS in platform.adapter.capabilities else [None, 100]
    on_green: dict[str, t.Any] = {"release": two, "slot": "green"}
    calls: list[dict[str, t.Any]] = []
    for percent in shares:
        shift = [{"file": "shift", "percent": percent, **on_green}] if percent else []
        calls += [{"file": "stage", **on_green}, *shift, {"file": "undo", **on_green}]
    with platform.users(slow=2) as visitors:
        *answers, status, again = platform.done(*calls, {"file": "status"}, {"file": "undo", **on_green})
    assert not again["changed"]
    said = dict[str, list[Answer]]()
    for call, answer in zip(calls, answers, strict=True):
        said.setdefault(call["file"], []).append(answer)
    assert [(undo["changed"], undo["weights"]) for undo in said["undo"]] == [(True, {"blue": 100, "green": 0})] * len(shares)
    assert stands(status, "blue", "1.0")
    assert status["slots"]["green"]["state"] == "stopped"
    assert visitors.failures == []
    assert set(visitors.slots) == {"1.0", "1.1"}


def test_slow_requests_end_in_peace_and_websockets_live_until_the_deadline(platform: Environment, two: Release) -> None:
    on_green: dict[str, t.Any] = {"release": two, "slot": "green"}
    people = 3 if Capability.WEBSOCKETS in platform.adapter.capabilities else 0
    with platform.users(slow=4) as visitors, Chatters(platform.adapter.url, people) as chatters:
        wait_for(lambda: not people or chatters.echoes["1.0"] > 3, "websockets on the old release")
        platform.done({"file": "stage", **on_green}, {"file": "shift", "percent": 100, **on_green})
        assert platform.served() == "1.1"
        after_the_shift = chatters.echoes["1.0"]
        # The shift itself cuts nobody off.
        wait_for(lambda: not people or chatters.echoes["1.0"] > after_the_shift, "websockets that outlive the shift")
        assert chatters.cut == 0
        retire, status = platform.done({"file": "retire", "slot": "blue", "keep_warm": False, "release": two}, {"file": "status"})
        wait_for(lambda: not people or chatters.echoes["1.1"] > 3, "websockets on the new release")
    assert (retire["state"], status["slots"]["blue"]["state"]) == ("stopped", "stopped")
    assert stands(status, "green", "1.1")
    if Capability.DRAIN in platform.adapter.capabilities:
        assert visitors.failures == []
    else:
        assert [failure for failure in visitors.failures if "/slow" not in failure] == []
    assert (chatters.cut, chatters.failures) == (people, [])


def test_a_release_that_never_gets_healthy_fails_its_stage_in_a_sentence_and_gets_no_user(platform: Environment, two: Release) -> None:
    sick = platform.release("2.0", Behaviour.NEVER_HEALTHY, replaces=two)
    on_blue: dict[str, t.Any] = {"release": sick, "slot": "blue"}
    with platform.users() as visitors:
        stage, undo, status = platform.call(
            {"file": "stage", **on_blue}, {"file": "undo", **on_blue}, {"file": "status"}, **platform.adapter.impatience
        )
    assert stage["failed"]
    assert "healthy" in stage["msg"] or "health" in stage["msg"]
    assert not undo["failed"]
    assert stands(status, "green", "1.1")
    assert status["slots"]["blue"]["state"] != "running"
    assert set(visitors.slots) == {"1.1"}
    assert visitors.failures == []


@pytest.mark.parametrize("behaviour", [Behaviour.ANSWERS_5XX, Behaviour.CRASHES, pytest.param(Behaviour.SLOW, marks=pytest.mark.nightly)])
def test_a_release_that_fails_only_under_its_users_is_found_out_and_undone(
    platform: Environment, two: Release, behaviour: Behaviour
) -> None:
    bad = platform.release(f"2.{behaviour.name.lower()}", behaviour, replaces=two)
    on_blue: dict[str, t.Any] = {"release": bad, "slot": "blue"}
    crashes = behaviour is Behaviour.CRASHES
    percent = 100 if crashes or Capability.WEIGHTS not in platform.adapter.capabilities else 50
    with platform.users(posts=False, per_second=100, clients=40) as visitors:
        _stage, shift, undo, status = platform.done(
            {"file": "stage", **on_blue},
            {"file": "shift", "percent": percent, "analysis": WATCHED, **on_blue},
            {"file": "undo", **on_blue},
            {"file": "status"},
        )
    if Capability.ANALYSIS in platform.adapter.capabilities:
        assert shift["verdict"]["verdict"] == "abort", shift["verdict"]
        assert shift["verdict"]["reason"]
    else:
        assert shift["verdict"] is None
    assert undo["weights"] == {"blue": 0, "green": 100}
    assert stands(status, "green", "1.1")
    assert visitors.slots["1.1"] > 0
    if behaviour is Behaviour.SLOW or (crashes and Capability.FALLBACK in platform.adapter.capabilities):
        assert visitors.failures == []
    elif behaviour is Behaviour.ANSWERS_5XX:
        assert {failure.rpartition(": ")[2] for failure in visitors.failures} <= {"500"}


def test_a_controller_that_was_overtaken_is_refused_everywhere(platform: Environment, two: Release) -> None:
    late: dict[str, t.Any] = {"release": two, "slot": "green", "fencing": 0}
    before, *answers, after = platform.call(
        {"file": "status"},
        {"file": "stage", **late, "slot": "blue"},
        {"file": "shift", **late, "percent": 100},
        {"file": "undo", **late},
        {"file": "retire", **late, "slot": "blue", "keep_warm": False},
        {"file": "status"},
    )
    assert [answer["failed"] for answer in answers] == [True] * 4
    assert [answer["msg"] for answer in answers if "fencing" not in answer["msg"]] == []
    assert {name: before[name] for name in ("live_slot", "weights", "slots")} == {
        name: after[name] for name in ("live_slot", "weights", "slots")
    }
