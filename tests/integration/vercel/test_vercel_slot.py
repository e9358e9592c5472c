"""vercel_slot and vercel_slot_info against the local Vercel: the life of two releases."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.vercel.lab import Lab

STAGES = [{"share": 10}, {"share": 50}, {"share": 100}]


def release(version: str) -> dict[str, str]:
    return {"id": f"{version}-20261121T223000Z", "version": version, "commit": f"commit-{version}", "artifact_sha256": "0" * 64}


def put(lab: Lab, state: str, slot: str, *, fencing: int = 1, **options: t.Any) -> dict[str, t.Any]:
    return lab.run("vercel_slot", slot=slot, state=state, fencing=fencing, **options)


def stage(lab: Lab, version: str, slot: str) -> dict[str, t.Any]:
    deployment = lab.deploy(version)["deployment"]
    return put(lab, "staged", slot, release=release(version), deployment=deployment["id"])


@pytest.fixture
def two(lab: Lab) -> Lab:
    """`one` is live on blue, `two` is staged on green."""
    stage(lab, "one", "blue")
    put(lab, "shifted", "blue", release=release("one"))
    lab.run("vercel_project", rolling_release={"stages": STAGES})
    stage(lab, "two", "green")
    return lab


def test_a_new_project_has_two_empty_slots(lab: Lab) -> None:
    seen = lab.run("vercel_slot_info")["platform"]
    assert (seen["live_slot"], seen["idle_slot"], seen["fence"], seen["disagreements"]) == (None, "blue", 0, [])
    assert [slot["release_id"] for slot in seen["slots"].values()] == [None, None]


def test_shares_are_what_users_get_and_what_is_said_before_is_what_happens(two: Lab) -> None:
    predicted = put(two, "shifted", "green", release=release("two"), percent=50, check=True)
    done = put(two, "shifted", "green", release=release("two"), percent=50)
    assert predicted["diff"] == done["diff"]
    assert (done["changed"], done["platform"]["weights"], done["platform"]["live_slot"]) == (True, {"blue": 50, "green": 50}, "blue")
    assert 0 < sum(two.page() == "two" for _visitor in range(60)) < 60
    assert put(two, "shifted", "green", release=release("two"), percent=50)["changed"] is False
    all_of_them = put(two, "shifted", "green", release=release("two"))["platform"]
    assert (all_of_them["weights"], all_of_them["live_slot"]) == ({"blue": 0, "green": 100}, "green")
    assert {two.page() for _visitor in range(10)} == {"two"}


@pytest.mark.parametrize("percent", [None, 10, 100])
def test_an_undo_gives_everything_back_and_the_same_once_more_changes_nothing(two: Lab, percent: int | None) -> None:
    if percent:
        put(two, "shifted", "green", release=release("two"), percent=percent)
    undone = put(two, "undone", "green")["platform"]
    assert (undone["weights"], undone["slots"]["green"]["state"]) == ({"blue": 100, "green": 0}, "stopped")
    assert {two.page() for _visitor in range(10)} == {"one"}
    assert put(two, "undone", "green")["changed"] is False
    put(two, "staged", "green", release=release("two"), deployment=undone["slots"]["green"]["deployment"])
    assert put(two, "shifted", "green", release=release("two"))["platform"]["live_slot"] == "green"
    assert {two.page() for _visitor in range(10)} == {"two"}


def test_a_controller_that_was_overtaken_is_refused_and_changes_nothing(two: Lab) -> None:
    put(two, "claimed", "green", release=release("two"), fencing=7)
    mark = two.mark()
    for state in ("claimed", "staged", "shifted", "undone", "retired"):
        said = two.refused("vercel_slot", slot="green", state=state, fencing=6, release=release("two"), deployment="dpl_x")
        assert "fencing: 6 is older than 7" in said
    assert [one["method"] for one in two.vercel.asked(mark) if one["plane"] == "api" and one["method"] != "GET"] == []


def test_what_may_not_serve_is_not_staged(two: Lab) -> None:
    preview = two.deploy("three", target="preview")["deployment"]["id"]
    said = two.refused("vercel_slot", slot="green", state="staged", fencing=1, release=release("three"), deployment=preview)
    assert "not for production" in said
    said = two.refused("vercel_slot", slot="blue", state="claimed", fencing=1, release=release("three"))
    assert "blue serves one-20261121T223000Z to 100 %" in said


def test_the_record_survives_a_purge_of_the_environment_and_is_no_variable_of_the_portal(two: Lab) -> None:
    two.run("vercel_env", variables=[], purge=True)
    assert two.run("vercel_slot_info")["platform"]["slots"]["blue"]["version"] == "one"


def test_what_somebody_promoted_by_hand_is_told(two: Lab) -> None:
    two.deploy("three")
    two.run("vercel_project", rolling_release={"enabled": False})
    two.promote(version="three")
    seen = two.run("vercel_slot_info")["platform"]
    assert (seen["live_slot"], seen["weights"]) == (None, {"blue": 0, "green": 0})
    assert "which stands on no slot" in seen["disagreements"][0]


def test_a_slot_that_was_retired_is_marked_and_its_deployment_stays(two: Lab) -> None:
    put(two, "shifted", "green", release=release("two"))
    assert put(two, "retired", "blue", keep_warm=True)["changed"] is False
    retired = put(two, "retired", "blue", keep_warm=False)
    assert (retired["changed"], retired["platform"]["slots"]["blue"]["state"]) == (True, "stopped")
    assert retired["platform"]["slots"]["blue"]["deployment"] in [one["uid"] for one in two.deployments()]
