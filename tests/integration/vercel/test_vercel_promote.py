"""vercel_promote against the local Vercel."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.vercel.lab import HOST, PROJECT, Lab

STAGES = [{"share": 10}, {"share": 50}, {"share": 100}]


@pytest.fixture
def rolling(lab: Lab) -> Lab:
    """Version `one` is live, `two` is staged, and the project has rolling releases."""
    lab.live("one")
    lab.run("vercel_project", rolling_release={"stages": STAGES})
    lab.deploy("two")
    return lab


def share_of(lab: Lab, text: str) -> int:
    """Of 60 visitors without cookies, how many get that page."""
    return sum(lab.page() == text for _visitor in range(60))


def test_a_promotion_moves_all_domains_and_the_second_one_is_no_change(lab: Lab) -> None:
    lab.run("vercel_domain", domains=[{"name": "shop.example.com"}])
    old = lab.live("one")
    new = lab.deploy("two")["deployment"]["id"]
    predicted = lab.promote(version="two", check=True)
    assert lab.page() == "one"
    result = lab.promote(version="two", expect_current=old)
    assert (result["changed"], result["previous"], result["current"], result["share"]) == (True, old, new, 100)
    assert result["domains"] == {HOST: new, "shop.example.com": new}
    assert (lab.page(), lab.page("shop.example.com")) == ("two", "two")
    assert predicted["diff"] == result["diff"]
    before = lab.mark()
    again = lab.promote(version="two", expect_current=old)
    assert not again["changed"]
    assert lab.count("POST", "/", after=before) == 0


@pytest.mark.parametrize("flag", [True, False])
def test_a_promotion_leaves_the_projects_setting_as_it_was(lab: Lab, flag: bool) -> None:
    lab.run("vercel_project", auto_assign_custom_domains=flag)
    lab.deploy("one")
    assert lab.promote(version="one")["auto_assign_custom_domains"] is flag
    assert lab.project()["autoAssignCustomDomains"] is flag
    assert not lab.promote(version="one")["changed"]
    assert lab.promote(version="one", auto_assign_custom_domains=not flag)["changed"]
    assert lab.project()["autoAssignCustomDomains"] is not flag


def test_a_deployment_is_found_by_id_host_address_version_and_commit(lab: Lab) -> None:
    deployment = lab.deploy("one", git_sha="abcdef0123456789")["deployment"]
    host = deployment["url"].removeprefix("https://")
    for name in (
        {"deployment": deployment["id"]},
        {"deployment": host},
        {"deployment": deployment["url"]},
        {"version": "one"},
        {"git_sha": "abcdef0"},
    ):
        assert lab.promote(check=True, **name)["deployment"]["id"] == deployment["id"]


def test_previous_goes_back_once(lab: Lab) -> None:
    old, new = lab.live("one"), lab.live("two")
    result = lab.promote(deployment="previous", description="orders failed")
    assert (result["changed"], result["action"], result["previous"], result["current"]) == (True, "rollback", new, old)
    assert result["auto_assign_custom_domains"] is False
    assert lab.page() == "one"
    assert not lab.promote(deployment="previous")["changed"]
    assert lab.page() == "one"


def test_a_rollback_is_not_ended_by_accident(lab: Lab) -> None:
    lab.live("one")
    lab.live("two")
    lab.promote(deployment="previous")
    lab.deploy("three")
    assert "Production was rolled back" in lab.refused("vercel_promote", version="three")
    assert lab.run("vercel_deployment_info")["rolled_back"] is True
    result = lab.promote(version="three", override_rollback=True)
    assert lab.page() == "three"
    assert result["auto_assign_custom_domains"] is False
    assert "still off" in result["warnings"][0]
    lab.deploy("four")
    assert lab.promote(version="four")["changed"]


def test_what_somebody_else_made_live_is_not_overwritten(lab: Lab) -> None:
    old, _other = lab.live("one"), lab.live("two")
    lab.deploy("three")
    assert "production does not serve" in lab.refused("vercel_promote", version="three", expect_current=old)
    assert lab.page() == "two"


def test_a_build_that_is_late_does_not_replace_a_newer_one(lab: Lab) -> None:
    lab.deploy("one")
    lab.live("two")
    assert "is older than" in lab.refused("vercel_promote", version="one")
    assert lab.promote(version="one", allow_older=True)["changed"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"version": "nine"}, "version: no deployment for production has the version nine"),
        ({"deployment": "dpl_unknown"}, "deployment: Vercel knows no deployment dpl_unknown"),
        ({"deployment": "previous"}, "nothing has served production before"),
        ({"version": "two", "action": "rollback"}, "has never served production"),
        ({"version": "two", "share": 10}, "none are configured"),
        ({"version": "two", "share": 101}, "share: 101 is not between 0 and 100"),
        ({"version": "one", "share": 0}, "serves all users"),
        ({"version": "two", "share": 10, "action": "rollback"}, "a rollback gives a deployment all users"),
        ({"git_sha": "main"}, "git_sha: 'main' is no commit"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_moves(lab: Lab, options: dict[str, t.Any], sentence: str) -> None:
    lab.live("one")
    lab.deploy("two")
    before = lab.mark()
    assert sentence in lab.refused("vercel_promote", **options)
    assert lab.count("POST", "/", after=before) == 0


def test_a_preview_is_not_promoted_because_it_would_be_built_anew(lab: Lab) -> None:
    lab.live("one")
    preview = lab.deploy("two", target="preview")["deployment"]["id"]
    assert "was built for preview" in lab.refused("vercel_promote", deployment=preview)
    assert len(lab.deployments()) == 2


def test_another_projects_deployment_is_refused(lab: Lab) -> None:
    lab.live("one")
    lab.vercel.api("POST", f"/v11/projects?teamId={lab.vercel.team}", {"name": "other"})
    foreign = lab.deploy("one", project="other")["deployment"]["id"]
    assert "belongs to another project" in lab.refused("vercel_promote", deployment=foreign)


def test_a_project_without_a_production_domain_says_so(lab: Lab) -> None:
    deployment = lab.deploy("one")["deployment"]["id"]
    project = lab.project()["id"]
    lab.vercel.api("DELETE", f"/v9/projects/{project}/domains/{HOST}?teamId={lab.vercel.team}")
    assert "no production domain" in lab.refused("vercel_promote", deployment=deployment)


# --- what goes wrong on the way ---


@pytest.mark.parametrize("cut", ["cut_before", "cut_after"])
@pytest.mark.parametrize("action", ["promote", "rollback"])
def test_a_lost_answer_is_followed_by_looking_never_by_asking_blindly(lab: Lab, cut: str, action: str) -> None:
    lab.live("one")
    if action == "promote":
        lab.deploy("two")
    else:
        lab.live("two")
    before = lab.mark()
    lab.vercel.fault(cut, method="POST", path=f"/projects/*/{action}/*")
    assert lab.promote(version="two" if action == "promote" else "one", action=action)["changed"]
    assert lab.page() == ("two" if action == "promote" else "one")
    sent = [row["status"] for row in lab.vercel.asked(before) if row["method"] == "POST" and f"/{action}/" in row["path"]]
    assert sent == ([0] if cut == "cut_after" else [0, 201])


def test_a_promotion_is_over_when_vercel_could_go_back_to_what_was_before(lab: Lab) -> None:
    old = lab.live("one")
    lab.vercel.settle(alias_seconds=0.4)
    lab.live("two")
    assert lab.promote(deployment="previous")["current"] == old


def test_a_request_that_never_ends_does_not_hold_up_what_all_domains_serve(lab: Lab) -> None:
    lab.live("one")
    new = lab.deploy("two")["deployment"]["id"]
    lab.vercel.settle(alias_seconds=3600)
    assert lab.promote(version="two")["current"] == new
    assert not lab.promote(version="two")["changed"]


def test_domains_that_could_not_be_moved_are_named(lab: Lab) -> None:
    old = lab.live("one")
    lab.deploy("two")
    lab.vercel.fault("promote_failed", aliases=[HOST])
    said = lab.refused("vercel_promote", version="two")
    assert f"(failed; {HOST})" in said
    assert f"Live now: {HOST}: {old}" in said
    assert lab.promote(version="two")["changed"]


def test_a_deadline_that_passes_says_what_is_live_and_the_next_run_does_not_ask_again(lab: Lab) -> None:
    old = lab.live("one")
    lab.deploy("two")
    lab.vercel.fault("promote_stuck")
    said = lab.refused("vercel_promote", version="two", wait_timeout=1.5)
    assert "Not all production domains serve" in said
    assert f"Live now: {HOST}: {old}" in said
    before = lab.mark()
    lab.refused("vercel_promote", version="two", wait_timeout=1.5)
    assert lab.count("POST", "/", after=before) == 0


def test_the_users_change_while_the_domains_move_and_the_task_waits_for_the_last(lab: Lab) -> None:
    lab.run("vercel_domain", domains=[{"name": f"d{number}.example.com"} for number in range(6)])
    lab.live("one")
    new = lab.deploy("two")["deployment"]["id"]
    result = lab.promote(version="two")
    assert set(result["domains"].values()) == {new}
    assert len(result["domains"]) == 7


# --- rolling releases ---


def test_a_rolling_release_is_driven_share_by_share(rolling: Lab) -> None:
    lab = rolling
    started = lab.promote(version="two", share=10)
    assert (started["changed"], started["share"], started["rolling_release"]["state"]) == (True, 10, "ACTIVE")
    assert lab.page() in {"one", "two"}
    assert not lab.promote(version="two", share=10)["changed"]
    assert lab.promote(version="two", share=50)["rolling_release"]["stage"] == 1
    assert 0 < share_of(lab, "two") < 60
    assert "cannot be lowered" in lab.refused("vercel_promote", version="two", share=10)
    done = lab.promote(version="two", share=100)
    assert (done["current"], done["share"]) == (done["deployment"]["id"], 100)
    assert share_of(lab, "two") == 60
    assert not lab.promote(version="two", share=100)["changed"]
    assert lab.project()["autoAssignCustomDomains"] is True


def test_check_mode_predicts_each_share(rolling: Lab) -> None:
    for share in (10, 50, 100):
        assert rolling.promote(version="two", share=share, check=True)["diff"] == rolling.promote(version="two", share=share)["diff"]


def test_a_rolling_release_that_ends_gives_everybody_back_and_pins_nothing(rolling: Lab) -> None:
    lab = rolling
    lab.promote(version="two", share=50)
    predicted = lab.promote(version="two", share=0, check=True)
    ended = lab.promote(version="two", share=0)
    assert (ended["changed"], ended["share"], ended["auto_assign_custom_domains"]) == (True, 0, True)
    assert predicted["diff"] == ended["diff"]
    assert share_of(lab, "one") == 60
    assert not lab.promote(version="two", share=0)["changed"]
    assert lab.promote(version="two", share=10)["changed"]


def test_all_at_once_needs_no_stage(rolling: Lab) -> None:
    assert rolling.promote(version="two")["share"] == 100
    assert share_of(rolling, "two") == 60


def test_a_rollback_ends_a_rolling_release(rolling: Lab) -> None:
    rolling.promote(version="two", share=50)
    result = rolling.promote(version="one", action="rollback")
    assert result["changed"]
    assert share_of(rolling, "one") == 60
    assert rolling.run("vercel_deployment_info")["rolling_release"]["state"] == "ABORTED"


def test_a_share_needs_somebody_who_serves_the_others(lab: Lab) -> None:
    lab.run("vercel_project", rolling_release={"stages": STAGES})
    lab.deploy("one")
    assert "no deployment serves production" in lab.refused("vercel_promote", version="one", share=10)
    assert lab.promote(version="one")["share"] == 100
    assert "cannot be taken back to 10 %" in lab.refused("vercel_promote", version="one", share=10)


def test_another_release_is_not_disturbed(rolling: Lab) -> None:
    rolling.promote(version="two", share=50)
    rolling.deploy("three")
    assert "is running (50 %)" in rolling.refused("vercel_promote", version="three", share=10)


def test_a_share_of_no_stage_is_refused(rolling: Lab) -> None:
    assert "share: 20 is the share of no stage" in rolling.refused("vercel_promote", version="two", share=20)


@pytest.mark.parametrize("cut", ["cut_before", "cut_after"])
@pytest.mark.parametrize("request_", ["start", "approve-stage", "complete"])
def test_a_lost_answer_of_a_rolling_release_does_no_harm(rolling: Lab, cut: str, request_: str) -> None:
    rolling.vercel.fault(cut, method="POST", path=f"/projects/*/rolling-release/{request_}")
    for share in (10, 50, 100):
        assert rolling.promote(version="two", share=share)["share"] == share
    assert share_of(rolling, "two") == 60


def test_stages_that_advance_by_themselves_are_waited_for(lab: Lab) -> None:
    """Vercel's CLI asks thousands of times there."""
    lab.live("one")
    stages = [{"share": 10, "minutes": 1}, {"share": 50, "minutes": 1}, {"share": 100}]
    lab.run("vercel_project", rolling_release={"advancement": "automatic", "stages": stages})
    lab.deploy("two")
    lab.promote(version="two", share=10)
    before = lab.mark()
    assert "has not reached 50 % in time" in lab.refused("vercel_promote", version="two", share=50, wait_timeout=1.5)
    # The pauses of the tests' clock are a tenth as long, so no more than this fit in, however fast the machine is.
    assert len(lab.vercel.asked(before)) < 100
    lab.vercel.later(61)
    assert not lab.promote(version="two", share=50)["changed"]


def test_the_project_is_read_by_its_name(lab: Lab) -> None:
    """A token that is limited to one project may look at nothing else."""
    lab.vercel.control("POST", "tokens", secret="of_one_project", teams=[lab.vercel.team], projects=["shop"])
    lab.common["token"] = "of_one_project"
    lab.deploy("one")
    assert lab.promote(version="one")["changed"]
    assert lab.vercel.api("GET", f"{PROJECT}?teamId={lab.vercel.team}")["name"] == "shop"
