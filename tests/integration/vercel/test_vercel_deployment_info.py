"""vercel_deployment_info against the local Vercel."""

from __future__ import annotations

from tests.integration.vercel.lab import HOST, Lab


def test_it_says_what_is_live_and_what_there_is(lab: Lab) -> None:
    live = lab.live("one")
    staged = lab.deploy("two")["deployment"]["id"]
    lab.deploy("three", target="preview")
    found = lab.run("vercel_deployment_info")
    assert (found["live"]["id"], found["live"]["version"], found["domains"]) == (live, "one", {HOST: live})
    assert [item["version"] for item in found["deployments"]] == ["three", "two", "one"]
    assert (found["rolled_back"], found["rolling_release"], found["deployment"], found["changed"]) == (False, None, None, False)
    listed = lab.run("vercel_deployment_info", target="production", limit=1)["deployments"]
    assert [(item["id"], item["substate"]) for item in listed] == [(staged, "STAGED")]


def test_it_shows_one_with_its_log(lab: Lab) -> None:
    lab.vercel.fault("build_error", log=["first line", "last line"], message="broken")
    lab.refused("vercel_deploy", path=str(lab.site))
    broken = lab.deployments()[0]["uid"]
    found = lab.run("vercel_deployment_info", deployment=broken, log_lines=50)
    assert found["deployment"]["state"] == "ERROR"
    assert {"first line", "last line"} <= set(found["log"])


def test_of_two_with_the_same_version_the_one_with_the_meta_data_is_shown(lab: Lab) -> None:
    first, second = (lab.deploy(text, version="1.4.0", meta={"artifactSha256": text})["deployment"]["id"] for text in ("one", "two"))
    assert lab.run("vercel_deployment_info", version="1.4.0")["deployment"]["id"] == second
    assert lab.run("vercel_deployment_info", version="1.4.0", meta={"artifactSha256": "one"})["deployment"]["id"] == first
    assert "with this artifactSha256" in lab.refused("vercel_deployment_info", version="1.4.0", meta={"artifactSha256": "three"})


def test_a_new_project_has_nothing(lab: Lab) -> None:
    found = lab.run("vercel_deployment_info")
    assert (found["live"], found["deployments"], found["rolled_back"]) == (None, [], False)


def test_what_cannot_be_is_refused(lab: Lab) -> None:
    assert "limit: -1" in lab.refused("vercel_deployment_info", limit=-1)
    assert "deployment: 'a b'" in lab.refused("vercel_deployment_info", deployment="a b")
