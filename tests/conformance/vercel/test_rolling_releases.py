"""The local Vercel's rules for rolling releases, and who sees what meanwhile."""

from __future__ import annotations

import typing as t

import pytest

if t.TYPE_CHECKING:
    from tests.conformance.vercel.lab import Lab

BY_HAND: t.Final = ({"targetPercentage": 10}, {"targetPercentage": 50}, {"targetPercentage": 100})
BY_TIME: t.Final = ({"targetPercentage": 25, "duration": 5}, {"targetPercentage": 50, "duration": 10}, {"targetPercentage": 100})


@pytest.fixture
def canary(lab: Lab) -> str:
    """The id of a deployment that is being rolled out by hand, beside one whose page says `one`."""
    lab.deployed("one")
    lab.configure_rolling("manual-approval", *BY_HAND)
    staged = lab.staged("two")
    assert lab.promote(staged).status_code == 201
    return staged


def visitor(lab: Lab, bucket: int) -> str:
    """What somebody sees who has been given this bucket of 10,000."""
    return lab.vercel.visit(lab.domain, cookie=f"_vercel_rr={bucket}").text


def test_enabling_rolling_releases_enables_skew_protection(lab: Lab) -> None:
    lab.configure_rolling("manual-approval", *BY_HAND)
    project = lab.project()
    assert project["skewProtectionMaxAge"] > 0
    assert [stage["targetPercentage"] for stage in project["rollingRelease"]["stages"]] == [10, 50, 100]


@pytest.mark.parametrize(
    ("advancement", "stages"),
    [
        ("manual-approval", [{"targetPercentage": 100}]),
        ("manual-approval", [{"targetPercentage": 10}, {"targetPercentage": 90}]),
        ("manual-approval", [{"targetPercentage": 50}, {"targetPercentage": 10}, {"targetPercentage": 100}]),
        ("manual-approval", [{"targetPercentage": 10, "duration": 5}, {"targetPercentage": 100}]),
        ("automatic", [{"targetPercentage": 10}, {"targetPercentage": 100}]),
        ("automatic", [{"targetPercentage": 10, "duration": 0}, {"targetPercentage": 100}]),
        ("sideways", [{"targetPercentage": 10}, {"targetPercentage": 100}]),
    ],
)
def test_templates_that_make_no_sense_are_refused(lab: Lab, advancement: str, stages: list[dict[str, t.Any]]) -> None:
    body = {"enabled": True, "advancementType": advancement, "stages": stages}
    assert lab.refused("PATCH", f"/v1/projects/{lab.project_id}/rolling-release/config", body) == (400, "bad_request")
    assert lab.api("GET", f"/v1/projects/{lab.project_id}/rolling-release/config") == {"rollingRelease": None}


def test_a_promotion_becomes_a_rolling_release(lab: Lab, canary: str) -> None:
    release = lab.rolling()
    assert (release["state"], release["activeStage"]["index"], release["canaryDeployment"]["id"]) == ("ACTIVE", 0, canary)
    assert lab.deployment(canary)["readySubstate"] == "ROLLING"
    assert {alias["deployment"]["url"] for alias in lab.project()["alias"]} == {release["currentDeployment"]["url"]}


def test_so_does_a_production_deployment_that_becomes_ready(lab: Lab) -> None:
    lab.deployed("one")
    lab.configure_rolling("manual-approval", *BY_HAND)
    second = lab.deployed("two")
    assert (lab.rolling()["canaryDeployment"]["id"], lab.deployment(second)["aliasAssigned"]) == (second, True)


def test_visitors_keep_their_side_and_only_ever_change_to_the_new_one(lab: Lab, canary: str) -> None:
    buckets = (0, 999, 1000, 4999, 5000, 9999)
    assert [visitor(lab, bucket) for bucket in buckets] == ["two", "two", "one", "one", "one", "one"]
    lab.approve(canary, 1)
    assert [visitor(lab, bucket) for bucket in buckets] == ["two", "two", "two", "two", "one", "one"]


def test_a_new_visitor_gets_a_bucket_and_the_part_of_them_is_about_right(lab: Lab, canary: str) -> None:
    lab.approve(canary, 1)
    answers = [lab.vercel.visit(lab.domain) for _visitor in range(60)]
    assert all(answer.cookies["_vercel_rr"].isdigit() for answer in answers)
    # One in two: 60 on the same side would be chance in 1 of 5 * 10^17 runs.
    assert {answer.text for answer in answers} == {"one", "two"}


def test_the_last_approval_completes_it(lab: Lab, canary: str) -> None:
    assert [lab.approve(canary, index).status_code for index in (1, 2)] == [200, 200]
    assert (lab.rolling()["state"], lab.deployment(canary)["readySubstate"], lab.live()) == ("COMPLETE", "PROMOTED", "two")
    assert lab.project()["targets"]["production"]["id"] == canary


def test_approvals_of_another_stage_or_another_canary_are_refused(lab: Lab, canary: str) -> None:
    assert [lab.approve(canary, 2).status_code, lab.approve("dpl_other", 1).status_code] == [400, 400]
    assert lab.rolling()["activeStage"]["index"] == 0


def test_complete_skips_what_is_left(lab: Lab, canary: str) -> None:
    path = f"/v1/projects/{lab.project_id}/rolling-release/complete"
    assert lab.api("POST", path, {"canaryDeploymentId": canary})["rollingRelease"]["state"] == "COMPLETE"
    assert lab.live() == "two"
    assert lab.refused("POST", path, {"canaryDeploymentId": canary}) == (404, "not_found")


def test_a_rollback_to_the_base_aborts_it(lab: Lab, canary: str) -> None:
    base = next(iter(lab.project()["alias"]))["deployment"]["id"]
    assert lab.rollback(base).status_code == 201
    lab.settle()
    assert (lab.rolling()["state"], visitor(lab, 0), lab.deployment(canary)["readySubstate"]) == ("ABORTED", "one", "STAGED")
    project = lab.project()
    assert (project["autoAssignCustomDomains"], project["lastAliasRequest"]["jobStatus"]) == (False, "succeeded")


def test_a_promotion_meanwhile_waits_and_then_is_rolled_out(lab: Lab, canary: str) -> None:
    third = lab.staged("three")
    assert lab.promote(third).status_code == 202
    assert lab.rolling()["queuedDeploymentId"] == third
    lab.api("POST", f"/v1/projects/{lab.project_id}/rolling-release/complete", {"canaryDeploymentId": canary})
    release = lab.rolling()
    assert (release["state"], release["canaryDeployment"]["id"], release["currentDeployment"]["id"]) == ("ACTIVE", third, canary)


def test_neither_side_of_it_can_be_deleted_meanwhile(lab: Lab, canary: str) -> None:
    base = next(iter(lab.project()["alias"]))["deployment"]["id"]
    for identity in (canary, base):
        assert lab.refused("DELETE", f"/v13/deployments/{identity}") == (400, "deployment_in_use")


def test_starting_the_same_canary_again_changes_nothing_and_another_is_a_conflict(lab: Lab, canary: str) -> None:
    path = f"/v1/projects/{lab.project_id}/rolling-release/start"
    lab.approve(canary, 1)
    assert lab.api("POST", path, {"canaryDeploymentId": canary})["rollingRelease"]["activeStage"]["index"] == 1
    assert lab.refused("POST", path, {"canaryDeploymentId": lab.staged("three")}) == (409, "conflict")


def test_an_automatic_one_advances_with_time(lab: Lab) -> None:
    lab.deployed("one")
    lab.configure_rolling("automatic", *BY_TIME)
    staged = lab.staged("two")
    lab.promote(staged)
    seen = []
    for minutes in (0, 5.1, 10):
        lab.settle(minutes * 60)
        release = lab.rolling()
        seen.append((release["state"], release["currentCanaryPercentage"]))
    assert seen == [("ACTIVE", 25), ("ACTIVE", 50), ("COMPLETE", 100)]
    assert lab.live() == "two"


def test_disabling_can_abort_what_is_active(lab: Lab, canary: str) -> None:
    path = f"/v1/projects/{lab.project_id}/rolling-release/config"
    assert lab.api("PATCH", path, {"enabled": False, "disableRolloutAction": "abort"}) == {"rollingRelease": None}
    assert (lab.rolling()["state"], visitor(lab, 0), lab.deployment(canary)["readySubstate"]) == ("ABORTED", "one", "STAGED")
