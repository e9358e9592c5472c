"""The local Vercel's rules for deployments: what is taken, what becomes of it, what serves it."""

from __future__ import annotations

import typing as t

import pytest

from tests.conformance.vercel.lab import listed, sha

if t.TYPE_CHECKING:
    from tests.conformance.vercel.lab import Lab


def test_missing_files_are_named_once_and_sorted_and_nothing_is_kept_of_the_attempt(lab: Lab) -> None:
    answer = lab.vercel.call("POST", "/v13/deployments", json=lab.asked_for({"a.html": "x", "b.html": "y", "c.html": "x"}))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "missing_files")
    assert answer.json()["error"]["missing"] == sorted([sha("x"), sha("y")])
    assert lab.api("GET", "/v6/deployments")["deployments"] == []


def test_a_known_tree_becomes_a_deployment_that_is_queued_then_built_then_ready(lab: Lab) -> None:
    identity = lab.deploy()
    states = [lab.deployment(identity)["readyState"]]
    for seconds in (61, 601):
        lab.settle(seconds)
        states.append(lab.deployment(identity)["readyState"])
    assert states == ["QUEUED", "BUILDING", "READY"]


def test_a_file_with_another_digest_than_said_is_refused(lab: Lab) -> None:
    answer = lab.vercel.call("POST", "/v2/files", data=b"text", headers={"x-now-digest": sha("other")})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_digest")


def test_the_same_body_twice_makes_two_deployments(lab: Lab) -> None:
    assert lab.deployed("same") != lab.deployed("same")
    assert len(lab.api("GET", "/v6/deployments")["deployments"]) == 2


def test_a_ready_production_deployment_gets_the_domains_by_itself(lab: Lab) -> None:
    identity = lab.deployed("one")
    project = lab.project()
    assert lab.live() == "one"
    assert lab.deployment(identity)["readySubstate"] == "PROMOTED"
    assert project["targets"]["production"]["id"] == identity
    assert [alias["deployment"]["id"] for alias in project["alias"]] == [identity, identity]
    assert "lastAliasRequest" not in project


def test_domains_move_one_after_the_other(lab: Lab) -> None:
    first, second = lab.deployed("one"), lab.staged("two")
    assert lab.promote(second).status_code == 201
    lab.settle(61)
    assert [alias["deployment"]["id"] for alias in lab.project()["alias"]] == [second, first]


@pytest.mark.parametrize("how", ["field", "project", "rollback"])
def test_without_automatic_assignment_a_deployment_is_staged_and_only_its_own_address_serves_it(lab: Lab, how: str) -> None:
    first, second = lab.deployed("one"), lab.deployed("two")
    if how == "project":
        lab.api("PATCH", f"/v9/projects/{lab.project_id}", {"autoAssignCustomDomains": False})
    if how == "rollback":
        assert lab.rollback(first).status_code == 201
        lab.settle()
    serving = lab.live()
    staged = lab.deployed("three", **({"autoAssignCustomDomains": False} if how == "field" else {}))
    found = lab.deployment(staged)
    assert (found["readyState"], found["readySubstate"], found["aliasAssigned"], found["alias"]) == ("READY", "STAGED", True, [])
    assert (lab.live(), lab.page(staged)) == (serving, "three")
    assert lab.page(second) == "two"


def test_the_first_deployment_of_a_project_goes_to_production_unasked(lab: Lab) -> None:
    first = lab.deployed("one", target=None)
    assert (lab.deployment(first)["target"], lab.live()) == ("production", "one")
    assert lab.deployment(lab.deployed("two", target=None))["target"] is None


def test_a_preview_serves_at_its_own_address_only(lab: Lab) -> None:
    lab.deployed("one")
    preview = lab.deployed("two", target="preview")
    assert (lab.live(), lab.page(preview)) == ("one", "two")


def test_a_newer_deployment_that_is_built_faster_is_overtaken_by_the_older_one(lab: Lab) -> None:
    lab.deployed("one")
    lab.vercel.fault("build_slow", seconds=1500)
    lab.deploy("older")
    lab.deployed("newer", target="production")
    assert lab.live() == "older"


@pytest.mark.parametrize("tree", [{"emulate-build.json": '{"fail": "it broke", "log": ["step 1"]}'}, {"vercel.json": "{"}])
def test_content_can_make_a_build_fail_with_its_lines_in_the_log(lab: Lab, tree: dict[str, str]) -> None:
    lab.deployed("one")
    identity = lab.deployed({"index.html": "two", **tree})
    found = lab.deployment(identity)
    assert (found["readyState"], found["aliasAssigned"], lab.live()) == ("ERROR", False, "one")
    lines = [event["text"] for event in lab.api("GET", f"/v3/deployments/{identity}/events?limit=-1")]
    assert lines[-1] == f"Error: {found['errorMessage']}"


def test_a_build_that_is_told_to_fail_says_why(lab: Lab) -> None:
    lab.vercel.fault("build_error", message="no memory", log=["line 1"])
    found = lab.deployment(lab.deployed("one"))
    assert (found["readyState"], found["errorMessage"]) == ("ERROR", "no memory")
    assert lab.deployment(lab.deployed("two"))["readyState"] == "READY"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("alias_stuck", {"readyState": "READY", "aliasAssigned": False}),
        (
            "alias_error",
            {"readyState": "READY", "aliasAssigned": False, "aliasError": {"code": "cert_missing", "message": "No certificate."}},
        ),
        ("alias_wins_over_error", {"readyState": "ERROR", "aliasAssigned": True}),
        ("build_stuck", {"readyState": "BUILDING"}),
        ("checks_failed", {"readyState": "READY", "checksConclusion": "failed"}),
    ],
)
def test_deployments_can_be_told_to_end_badly(lab: Lab, kind: str, expected: dict[str, t.Any]) -> None:
    lab.vercel.fault(kind)
    found = lab.deployment(lab.deployed("one"))
    assert {name: found[name] for name in expected} == expected


def test_a_blocked_deployment_is_over_at_once(lab: Lab) -> None:
    lab.vercel.fault("build_blocked")
    identity = lab.deploy("one")
    assert lab.deployment(identity)["readyState"] == "BLOCKED"


def test_a_running_build_can_be_cancelled_and_a_finished_one_not(lab: Lab) -> None:
    running, finished = lab.deploy("one"), lab.deployed("two")
    assert lab.refused("PATCH", f"/v12/deployments/{finished}/cancel") == (400, "bad_request")
    running = lab.deploy("three")
    assert lab.api("PATCH", f"/v12/deployments/{running}/cancel")["readyState"] == "CANCELED"
    lab.settle()
    assert lab.deployment(running)["readyState"] == "CANCELED"


def test_a_deployment_that_serves_a_domain_is_not_deleted(lab: Lab) -> None:
    first, second = lab.deployed("one"), lab.deployed("two")
    assert lab.refused("DELETE", f"/v13/deployments/{second}") == (400, "deployment_in_use")
    assert lab.api("DELETE", f"/v13/deployments/{first}") == {"uid": first, "state": "DELETED"}
    assert lab.refused("GET", f"/v13/deployments/{first}") == (404, "not_found")


def test_lists_are_paged_by_the_time_of_creation_newest_first(lab: Lab) -> None:
    made = [lab.deployed(str(number)) for number in range(5)]
    seen: list[str] = []
    until = ""
    for _time in range(3):
        page = lab.api("GET", f"/v6/deployments?projectId={lab.project_id}&limit=2{until}")
        seen += [item["uid"] for item in page["deployments"]]
        until = f"&until={page['pagination']['next']}"
    assert seen == made[::-1]
    assert page["pagination"]["next"] is None


def test_lists_can_be_narrowed(lab: Lab) -> None:
    first = lab.deployed("one", meta={"version": "1.0"})
    second = lab.deployed("two", gitMetadata={"commitSha": "abc", "commitRef": "main"})
    third = lab.staged("three")

    def ids(query: str) -> list[str]:
        return [item["uid"] for item in lab.api("GET", f"/v7/deployments?projectId=shop&{query}")["deployments"]]

    assert ids("meta-version=1.0") == [first]
    assert ids("sha=abc") == [second]
    assert ids("rollbackCandidate=true") == [first]
    assert ids("state=READY&target=production") == [third, second, first]
    assert ids("target=preview") == []


def test_a_redeployment_takes_the_files_and_today_s_environment(lab: Lab) -> None:
    first = lab.deployed({"index.html": "one", "api/mark.js": "", "api/mark.emulated.json": '{"body": {"mark": "${MARK}"}}'})
    url = lab.deployment(first)["url"]
    assert lab.vercel.visit(url, "/api/mark").status_code == 500
    variable = {"key": "MARK", "value": "set", "type": "plain", "target": ["production"]}
    lab.api("POST", f"/v10/projects/{lab.project_id}/env", variable)
    assert lab.vercel.visit(url, "/api/mark").status_code == 500
    body = {"name": "shop", "deploymentId": first, "target": "production", "meta": {"action": "redeploy"}}
    second = lab.api("POST", "/v13/deployments?forceNew=1", body)["id"]
    lab.settle()
    assert lab.vercel.visit(lab.deployment(second)["url"], "/api/mark").json() == {"mark": "set"}


@pytest.mark.parametrize("path", ["../up.html", "/etc/passwd", "a/../../b", ""])
def test_a_path_that_leaves_the_root_is_refused(lab: Lab, path: str) -> None:
    lab.upload("x")
    assert lab.refused("POST", "/v13/deployments", lab.asked_for({path: "x"})) == (400, "invalid_path")


def test_too_many_files_are_refused(lab: Lab) -> None:
    lab.vercel.settle(max_files=2)
    assert lab.refused("POST", "/v13/deployments", lab.asked_for({"a": "1", "b": "2", "c": "3"})) == (400, "too_many_files")


def test_no_files_are_refused_and_inline_files_need_no_upload(lab: Lab) -> None:
    assert lab.refused("POST", "/v13/deployments", lab.asked_for({})) == (400, "bad_request")
    body = {**lab.asked_for({}), "files": [{"file": "index.html", "data": "aGVsbG8=", "encoding": "base64"}]}
    identity = lab.api("POST", "/v13/deployments", body)["id"]
    lab.settle()
    assert lab.page(identity) == "hello"


def test_the_files_of_a_deployment_can_be_listed_as_a_tree(lab: Lab) -> None:
    identity = lab.deployed({"index.html": "one", "a/b/c.txt": "deep"})
    tree = lab.api("GET", f"/v6/deployments/{identity}/files")
    assert [item["name"] for item in tree] == ["a", "index.html"]
    assert tree[0]["children"][0]["children"][0]["uid"] == listed({"c": "deep"})[0]["sha"]
