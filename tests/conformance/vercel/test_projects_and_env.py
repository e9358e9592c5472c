"""The local Vercel's rules for projects, domains, environment variables, tokens and limits."""

from __future__ import annotations

import typing as t

import pytest

if t.TYPE_CHECKING:
    from tests.conformance.vercel.lab import Lab

BOTH: t.Final = ["production", "preview"]


def variable(
    key: str = "KEY", value: str = "value", kind: str = "encrypted", target: t.Sequence[str] = ("production",)
) -> dict[str, t.Any]:
    return {"key": key, "value": value, "type": kind, "target": list(target)}


@pytest.fixture
def env(lab: Lab) -> str:
    return f"/v10/projects/{lab.project_id}/env"


# --- environment variables ---


def test_the_same_key_and_target_again_is_a_conflict_or_replaced_with_upsert(lab: Lab, env: str) -> None:
    made = lab.api("POST", env, variable())["created"]
    assert lab.refused("POST", env, variable(value="other")) == (400, "ENV_CONFLICT")
    assert lab.api("POST", f"{env}?upsert=true", variable(value="other"))["created"]["id"] == made["id"]
    assert [row["value"] for row in lab.api("GET", f"{env}?decrypt=true")["envs"]] == ["other"]


@pytest.mark.parametrize("upsert", ["", "?upsert=true"])
def test_an_overlapping_but_different_target_set_is_a_conflict_even_with_upsert(lab: Lab, env: str, upsert: str) -> None:
    lab.api("POST", env, variable(target=BOTH))
    assert lab.refused("POST", env + upsert, variable(target=["production"])) == (400, "ENV_CONFLICT")
    assert len(lab.api("GET", env)["envs"]) == 1


def test_variables_of_other_targets_and_branches_live_side_by_side(lab: Lab, env: str) -> None:
    lab.api("POST", env, variable(target=["production"]))
    lab.api("POST", env, variable(target=["preview"]))
    lab.api("POST", env, {**variable(target=["preview"]), "gitBranch": "feature"})
    assert len(lab.api("GET", env)["envs"]) == 3


def test_sensitive_values_are_never_returned(lab: Lab, env: str) -> None:
    made = lab.api("POST", env, variable(value="topsecret", kind="sensitive"))["created"]
    shown = [lab.vercel.call("GET", path).text for path in (f"{env}?decrypt=true", f"/v1/projects/{lab.project_id}/env/{made['id']}")]
    assert not [text for text in (*shown, str(made)) if "topsecret" in text]
    assert lab.refused("POST", env, variable("OTHER", kind="sensitive", target=["development"])) == (400, "sensitive_in_development")


def test_encrypted_values_are_readable_only_when_asked_for(lab: Lab, env: str) -> None:
    lab.api("POST", env, variable(value="readable"))
    assert "readable" not in lab.vercel.call("GET", env).text
    assert "readable" in lab.vercel.call("GET", f"{env}?decrypt=true").text


def test_a_list_may_fail_in_part_inside_an_answer_of_201(lab: Lab, env: str) -> None:
    lab.api("POST", env, variable("THERE"))
    answer = lab.vercel.call("POST", env, json=[variable("NEW"), variable("THERE")])
    assert (answer.status_code, [row["key"] for row in answer.json()["created"]]) == (201, ["NEW"])
    assert [row["error"]["code"] for row in answer.json()["failed"]] == ["ENV_CONFLICT"]
    lab.vercel.fault("env_failed", keys=["NEXT"])
    answer = lab.vercel.call("POST", env, json=[variable("NEXT")])
    assert (answer.status_code, answer.json()["failed"][0]["error"]["key"]) == (201, "NEXT")


def test_variables_change_and_go(lab: Lab, env: str) -> None:
    first, second = (lab.api("POST", env, variable(key))["created"]["id"] for key in ("ONE", "TWO"))
    changed = lab.api("PATCH", f"/v9/projects/{lab.project_id}/env/{first}", {"value": "new", "target": BOTH})
    assert (changed["id"], changed["target"]) == (first, BOTH)
    assert lab.api("DELETE", f"/v1/projects/{lab.project_id}/env", {"ids": [first, "nobody"]}) == {"deleted": 1, "ids": [first]}
    lab.api("DELETE", f"/v9/projects/{lab.project_id}/env/{second}")
    assert lab.refused("DELETE", f"/v9/projects/{lab.project_id}/env/{second}") == (404, "not_found")


# --- projects and domains ---


def test_settings_are_taken_all_or_none(lab: Lab) -> None:
    path = f"/v9/projects/{lab.project_id}"
    assert lab.refused("PATCH", path, {"framework": "nextjs", "unheard": 1}) == (400, "bad_request")
    assert lab.project()["framework"] is None
    changed = lab.api("PATCH", path, {"framework": "nextjs", "nodeVersion": "24.x", "name": "store"})
    assert (changed["framework"], changed["nodeVersion"], changed["name"]) == ("nextjs", "24.x", "store")
    assert lab.api("GET", "/v9/projects/store")["id"] == lab.project_id
    assert lab.refused("GET", "/v9/projects/shop") == (404, "not_found")


def test_a_project_name_is_taken_once_and_free_again_after_deletion(lab: Lab) -> None:
    assert lab.refused("POST", "/v11/projects", {"name": "shop"}) == (409, "conflict")
    assert lab.vercel.call("DELETE", f"/v9/projects/{lab.project_id}").status_code == 204
    assert lab.refused("GET", f"/v9/projects/{lab.project_id}") == (404, "not_found")
    assert lab.api("POST", "/v11/projects", {"name": "shop"})["id"] != lab.project_id


def test_projects_are_listed_page_by_page(lab: Lab) -> None:
    for number in range(3):
        lab.settle(1)
        lab.api("POST", "/v11/projects", {"name": f"p{number}"})
    first = lab.api("GET", "/v10/projects?limit=3")
    second = lab.api("GET", f"/v10/projects?limit=3&from={first['pagination']['next']}")
    assert [row["name"] for page in (first, second) for row in page["projects"]] == ["p2", "p1", "p0", "shop"]
    assert second["pagination"]["next"] is None


def test_a_domain_belongs_to_one_project_and_serves_what_is_live_at_once(lab: Lab) -> None:
    other = lab.api("POST", "/v11/projects", {"name": "other"})["id"]
    assert lab.refused("POST", f"/v10/projects/{other}/domains", {"name": lab.domain}) == (409, "domain_already_in_use")
    assert lab.refused("POST", f"/v10/projects/{other}/domains", {"name": "no domain"}) == (400, "invalid_domain")
    lab.deployed("one")
    lab.api("POST", f"/v10/projects/{lab.project_id}/domains", {"name": "late.example.com"})
    assert lab.vercel.visit("late.example.com").text == "one"
    lab.api("DELETE", f"/v9/projects/{lab.project_id}/domains/late.example.com")
    assert lab.vercel.visit("late.example.com").status_code == 404
    names = [row["name"] for row in lab.api("GET", f"/v9/projects/{lab.project_id}/domains")["domains"]]
    assert names == ["shop.vercel.app", lab.domain]


def test_a_domain_that_is_not_verified_serves_nothing_new_until_it_is(lab: Lab) -> None:
    lab.vercel.control("PATCH", "domains", name=lab.domain, verified=False)
    lab.deployed("one")
    assert lab.vercel.visit(lab.domain).status_code == 404
    assert lab.api("POST", f"/v9/projects/{lab.project_id}/domains/{lab.domain}/verify")["verified"] is True
    lab.deployed("two")
    assert lab.live() == "two"


def test_a_branch_has_its_domain(lab: Lab) -> None:
    lab.deployed("one")
    lab.api("POST", f"/v10/projects/{lab.project_id}/domains", {"name": "next.example.com", "gitBranch": "next"})
    lab.deployed("branch", target="preview", gitMetadata={"commitRef": "next"})
    assert (lab.vercel.visit("next.example.com").text, lab.live()) == ("branch", "one")


def test_an_alias_is_set_by_hand_moved_and_removed(lab: Lab) -> None:
    first, second = lab.deployed("one"), lab.staged("two")
    path = "/v2/deployments/{}/aliases"
    alias = lab.api("POST", path.format(first), {"alias": "try.example.com"})
    assert lab.refused("POST", path.format(first), {"alias": "try.example.com"}) == (409, "alias_exists")
    assert lab.api("POST", path.format(second), {"alias": "try.example.com"})["oldDeploymentId"] == first
    assert lab.vercel.visit("try.example.com").text == "two"
    assert [row["alias"] for row in lab.api("GET", path.format(second))["aliases"]] == ["try.example.com"]
    assert lab.api("GET", "/v4/aliases?domain=try.example.com")["aliases"][0]["deploymentId"] == second
    assert lab.api("DELETE", f"/v2/aliases/{alias['uid']}") == {"status": "SUCCESS"}
    running = lab.deploy("three")
    assert lab.refused("POST", path.format(running), {"alias": "try.example.com"}) == (400, "deployment_not_ready")


def test_a_custom_environment_has_deployments_and_variables_of_its_own(lab: Lab, env: str) -> None:
    made = lab.api("POST", f"/v9/projects/{lab.project_id}/custom-environments", {"slug": "uat"})
    lab.api("POST", env, {**variable("MARK", "uat", "plain", []), "customEnvironmentIds": [made["id"]]})
    tree = {"index.html": "x", "api/m.js": "", "api/m.emulated.json": '{"body": {"mark": "${MARK}"}}'}
    lab.deployed("one")
    identity = lab.deployed(tree, target="uat")
    assert lab.vercel.visit(lab.deployment(identity)["url"], "/api/m").json() == {"mark": "uat"}
    assert lab.refused("POST", "/v13/deployments", lab.asked_for(tree, target="nowhere")) == (400, "bad_request")


# --- who may, and how often ---


def test_tokens_teams_and_projects_keep_strangers_out(lab: Lab) -> None:
    vercel, path = lab.vercel, f"/v9/projects/{lab.project_id}"
    missing = vercel.call("GET", path, headers={"authorization": ""})
    assert (missing.status_code, missing.json()["error"]["missingToken"]) == (401, True)
    wrong = vercel.call("GET", path, token="wrong")
    assert (wrong.status_code, wrong.json()["error"]["invalidToken"]) == (403, True)
    scope = vercel.call("GET", f"{path}?teamId=team_other")
    assert (scope.status_code, scope.json()["error"]["scope"]) == (403, "team_other")
    assert vercel.call("GET", path, token="other_token").status_code == 404
    assert vercel.call("GET", f"{path}?slug=local").status_code == 200


def test_a_token_of_one_project_sees_that_project_alone(lab: Lab) -> None:
    other = lab.api("POST", "/v11/projects", {"name": "other"})["id"]
    lab.vercel.control("POST", "tokens", secret="narrow", projects=["shop"])
    deployment = lab.vercel.call("POST", "/v13/deployments", token="narrow", json={"name": "other", "files": []})
    assert deployment.status_code == 403
    asked = ("/v2/user", f"/v9/projects/{other}", f"/v9/projects/{lab.project_id}")
    assert [lab.vercel.call("GET", path, token="narrow").status_code for path in asked] == [403, 403, 200]
    assert [row["name"] for row in lab.vercel.call("GET", "/v10/projects", token="narrow").json()["projects"]] == ["shop"]


def test_the_limit_of_uploads_counts_down_and_says_when_to_come_back(lab: Lab) -> None:
    lab.vercel.settle(upload_rate=[2, 600])
    answers = [lab.vercel.call("POST", "/v2/files", data=b"x") for _time in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
    error = answers[-1].json()["error"]
    assert (error["code"], error["limit"]["total"], error["limit"]["remaining"]) == ("rate_limited", 2, 0)
    assert 0 < int(answers[-1].headers["retry-after"]) <= 600
    lab.settle(601)
    assert lab.vercel.call("POST", "/v2/files", data=b"x").status_code == 200


def test_unknown_paths_and_methods_are_refused(lab: Lab) -> None:
    assert lab.refused("GET", "/v1/nothing/here") == (404, "not_found")
    assert lab.refused("PUT", f"/v9/projects/{lab.project_id}") == (405, "method_unknown")
