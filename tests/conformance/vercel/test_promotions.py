"""The local Vercel's rules for promote and rollback, with their side effects."""

from __future__ import annotations

import typing as t

import pytest
import requests

if t.TYPE_CHECKING:
    from tests.conformance.vercel.lab import Lab


def test_a_promotion_is_accepted_goes_on_and_ends(lab: Lab) -> None:
    first, second = lab.deployed("one"), lab.staged("two")
    assert lab.promote(second).status_code == 201
    seen = []
    for seconds in (0, 61, 61, 61):
        lab.settle(seconds)
        seen.append(lab.project()["lastAliasRequest"]["jobStatus"])
    assert seen == ["pending", "in-progress", "in-progress", "succeeded"]
    last = lab.project()["lastAliasRequest"]
    assert (last["fromDeploymentId"], last["toDeploymentId"], last["type"]) == (first, second, "promote")
    assert (lab.live(), lab.deployment(second)["readySubstate"], lab.deployment(first)["readySubstate"]) == ("two", "PROMOTED", "PROMOTED")


def test_promoting_turns_automatic_assignment_on_again(lab: Lab) -> None:
    lab.deployed("one")
    lab.api("PATCH", f"/v9/projects/{lab.project_id}", {"autoAssignCustomDomains": False})
    staged = lab.deployed("two")
    assert lab.promote(staged).status_code == 201
    assert lab.project()["autoAssignCustomDomains"] is True


def test_promoting_what_is_current_or_on_its_way_is_a_conflict(lab: Lab) -> None:
    first, second = lab.deployed("one"), lab.staged("two")
    assert lab.promote(first).status_code == 409
    assert lab.promote(second).status_code == 201
    assert lab.promote(second).status_code == 409
    lab.settle()
    assert lab.promote(second).json()["error"]["message"] == "The deployment is already the current production deployment."


def test_a_preview_a_failed_build_and_a_stranger_are_not_promoted(lab: Lab) -> None:
    lab.deployed("one")
    preview = lab.deployed("two", target="preview")
    failed = lab.deployed({"emulate-build.json": '{"fail": "no"}'})
    assert [lab.promote(identity).status_code for identity in (preview, failed, "dpl_nobody")] == [400, 400, 404]
    assert lab.live() == "one"


def test_a_rollback_goes_back_and_pins_production_there(lab: Lab) -> None:
    first, second = lab.deployed("one"), lab.deployed("two")
    assert lab.rollback(first).status_code == 201
    lab.settle()
    project = lab.project()
    assert (project["lastAliasRequest"]["type"], project["autoAssignCustomDomains"], lab.live()) == ("rollback", False, "one")
    assert project["targets"]["production"]["id"] == first
    third = lab.deployed("three", autoAssignCustomDomains=True)
    assert (lab.deployment(third)["readySubstate"], lab.live()) == ("STAGED", "one")
    assert lab.promote(second).status_code == 201
    lab.settle()
    lab.deployed("four")
    assert lab.live() == "four"


def test_there_is_no_rollback_to_what_never_was_production_or_already_is(lab: Lab) -> None:
    first, staged = lab.deployed("one"), lab.staged("two")
    assert lab.rollback(staged).status_code == 422
    assert lab.rollback(first).status_code == 409
    assert lab.project()["autoAssignCustomDomains"] is True


def test_hobby_goes_back_by_one_only(lab: Lab) -> None:
    first, second = lab.deployed("one"), lab.deployed("two")
    lab.deployed("three")
    lab.vercel.control("PATCH", "teams", plan="hobby")
    assert lab.rollback(first).status_code == 402
    assert lab.rollback(second).status_code == 201


def test_a_newer_request_takes_over_from_one_that_is_on_its_way(lab: Lab) -> None:
    first, second = lab.deployed("one"), lab.staged("two")
    lab.promote(second)
    lab.settle(61)
    assert {alias["deployment"]["id"] for alias in lab.project()["alias"]} == {first, second}
    assert lab.rollback(first).status_code == 201
    lab.settle()
    assert (lab.live(), lab.project()["targets"]["production"]["id"]) == ("one", first)
    assert lab.deployment(second)["readySubstate"] == "PROMOTED"  # one of the domains has served it


def test_a_promotion_can_fail_for_some_domains_which_are_named(lab: Lab) -> None:
    first, second = lab.deployed("one"), lab.staged("two")
    lab.vercel.fault("promote_failed", aliases=[lab.domain])
    lab.promote(second)
    lab.settle()
    assert lab.project()["lastAliasRequest"]["jobStatus"] == "failed"
    failed = lab.api("GET", f"/v1/projects/{lab.project_id}/promote/aliases?failedOnly=true&limit=20")["aliases"]
    assert failed == [{"alias": lab.domain, "id": second, "status": "failed"}]
    assert (lab.live(), lab.project()["targets"]["production"]["id"]) == ("one", first)


def test_a_promotion_can_stay_pending(lab: Lab) -> None:
    lab.deployed("one")
    second = lab.staged("two")
    lab.vercel.fault("promote_stuck")
    lab.promote(second)
    lab.settle()
    assert (lab.project()["lastAliasRequest"]["jobStatus"], lab.live()) == ("pending", "one")


@pytest.mark.parametrize(("kind", "page"), [("cut_after", "two"), ("cut_before", "one")])
def test_the_answer_to_a_promote_can_get_lost_with_or_without_anything_having_happened(lab: Lab, kind: str, page: str) -> None:
    lab.deployed("one")
    second = lab.staged("two")
    lab.vercel.fault(kind, method="POST", path="/projects/*/promote/*")
    with pytest.raises(requests.ConnectionError):
        lab.promote(second)
    lab.settle()
    assert lab.live() == page


def test_a_rollback_can_answer_with_an_empty_body_that_calls_itself_json(lab: Lab) -> None:
    first, _second = lab.deployed("one"), lab.deployed("two")
    lab.vercel.fault("empty_json", path="/projects/*/rollback/*")
    answer = lab.rollback(first)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (201, "application/json", b"")
