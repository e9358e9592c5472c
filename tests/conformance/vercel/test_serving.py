"""What visitors of the local Vercel get: by host name, with pins, protection, headers, functions."""

from __future__ import annotations

import json
import typing as t

import pytest

if t.TYPE_CHECKING:
    from tests.conformance.vercel.lab import Lab

HEALTH: t.Final = {
    "index.html": "one",
    "api/health.js": "export default handler",
    "api/health.emulated.json": json.dumps({"body": {"version": "${META_version}", "mark": "${MARK}"}}),
}


def test_files_come_with_types_and_tags_and_only_when_they_changed(lab: Lab) -> None:
    lab.deployed({"index.html": "home", "app.js": "1", "docs/index.html": "docs"})
    page = lab.vercel.visit(lab.domain)
    assert (page.text, page.headers["content-type"]) == ("home", "text/html; charset=utf-8")
    assert lab.vercel.visit(lab.domain, "/", if_none_match=page.headers["etag"]).status_code == 304
    assert [lab.vercel.visit(lab.domain, path).text for path in ("/app.js", "/docs", "/docs/")] == ["1", "docs", "docs"]


def test_what_is_not_there_is_a_404_of_the_service_or_of_the_site(lab: Lab) -> None:
    lab.deployed({"index.html": "home", "about.html": "about"})
    missing = lab.vercel.visit(lab.domain, "/about")
    assert (missing.status_code, missing.headers["x-vercel-error"]) == (404, "NOT_FOUND")
    lab.deployed({"index.html": "home", "404.html": "own"})
    own = lab.vercel.visit(lab.domain, "/about")
    assert (own.status_code, own.text) == (404, "own")
    stranger = lab.vercel.visit("nobody.example.com")
    assert (stranger.status_code, stranger.headers["x-vercel-error"]) == (404, "DEPLOYMENT_NOT_FOUND")


def test_a_vercel_json_sets_headers_redirects_rewrites_and_clean_addresses(lab: Lab) -> None:
    rules = {
        "headers": [
            {"source": "/(.*)", "headers": [{"key": "X-Frame-Options", "value": "DENY"}]},
            {"source": "/static/:path*", "headers": [{"key": "Cache-Control", "value": "immutable"}]},
        ],
        "redirects": [{"source": "/old/:name", "destination": "/new/:name", "permanent": False}],
        "rewrites": [{"source": "/app/:rest*", "destination": "/index.html"}],
        "crons": [{"path": "/api/cron", "schedule": "0 5 * * *"}],
        "cleanUrls": True,
    }
    identity = lab.deployed({"index.html": "home", "about.html": "about", "static/a.css": "a", "vercel.json": json.dumps(rules)})
    assert lab.vercel.visit(lab.domain).headers["x-frame-options"] == "DENY"
    assert lab.vercel.visit(lab.domain, "/static/a.css").headers["cache-control"] == "immutable"
    moved = lab.vercel.visit(lab.domain, "/old/page")
    assert (moved.status_code, moved.headers["location"]) == (307, "/new/page")
    assert [lab.vercel.visit(lab.domain, path).text for path in ("/app/deep/er", "/about")] == ["home", "about"]
    assert lab.vercel.visit(lab.domain, "/about.html").headers["location"] == "/about"
    assert lab.deployment(identity)["crons"] == rules["crons"]
    assert lab.vercel.visit(lab.domain, "/vercel.json").status_code == 404


@pytest.mark.parametrize(
    ("tree", "served"),
    [
        ({"public/index.html": "public", "src/x.ts": "x"}, "public"),
        ({"dist/index.html": "dist", "vercel.json": '{"outputDirectory": "dist"}'}, "dist"),
        ({".vercel/output/static/index.html": "built", ".vercel/output/config.json": "{}"}, "built"),
    ],
)
def test_the_folder_that_a_build_would_publish_is_served(lab: Lab, tree: dict[str, str], served: str) -> None:
    lab.deployed(tree)
    assert lab.live() == served


def test_a_function_answers_from_the_environment_that_its_deployment_was_made_with(lab: Lab) -> None:
    variables = f"/v10/projects/{lab.project_id}/env"
    made = lab.api("POST", variables, {"key": "MARK", "value": "blue", "type": "sensitive", "target": ["production"]})["created"]
    first = lab.deployed(HEALTH, meta={"version": "1.4.0"})
    lab.api("PATCH", f"/v9/projects/{lab.project_id}/env/{made['id']}", {"value": "green"})
    lab.deployed(HEALTH, meta={"version": "1.5.0"})
    assert lab.vercel.visit(lab.domain, "/api/health").json() == {"version": "1.5.0", "mark": "green"}
    old = lab.vercel.visit(lab.deployment(first)["url"], "/api/health")
    assert old.json() == {"version": "1.4.0", "mark": "blue"}


def test_a_function_whose_environment_lacks_something_fails_and_says_what(lab: Lab) -> None:
    lab.deployed(HEALTH)
    answer = lab.vercel.visit(lab.domain, "/api/health")
    assert (answer.status_code, answer.headers["x-vercel-error"]) == (500, "FUNCTION_INVOCATION_FAILED")
    assert "MARK, META_version" in answer.text


@pytest.mark.parametrize(
    "source",
    ["api/health.ts", "pages/api/health.ts", "app/api/health/route.ts", ".vercel/output/functions/api/health.func/.vc-config.json"],
)
def test_a_function_without_a_stand_in_tells_about_its_deployment(lab: Lab, source: str) -> None:
    identity = lab.deployed({"index.html": "one", source: "{}"}, meta={"version": "2"})
    told = lab.vercel.visit(lab.domain, "/api/health").json()
    assert (told["deployment"], told["environment"], told["meta"]) == (identity, "production", {"version": "2"})


def test_a_page_is_there_only_with_a_stand_in(lab: Lab) -> None:
    pages = {f"app/{folder}page.tsx": "" for folder in ("", "dashboard/", "orders/")}
    stand_ins = {f"app/{folder}page.emulated.json": json.dumps({"body": folder or "home"}) for folder in ("", "dashboard/")}
    lab.deployed({"public/robots.txt": "", **pages, **stand_ins})
    assert [lab.vercel.visit(lab.domain, path).text for path in ("/", "/dashboard")] == ["home", "dashboard/"]
    assert lab.vercel.visit(lab.domain, "/orders").status_code == 404


@pytest.mark.parametrize("by", ["query", "header", "cookie"])
def test_a_visitor_keeps_the_deployment_that_the_page_came_from_for_as_long_as_is_set(lab: Lab, by: str) -> None:
    lab.api("PATCH", f"/v9/projects/{lab.project_id}", {"skewProtectionMaxAge": 7200})
    first = lab.deployed({"index.html": "one", "old.js": "old"})
    lab.deployed("two")

    def asked() -> int:
        headers = {"header": {"x_deployment_id": first}, "cookie": {"cookie": f"__vdpl={first}"}}.get(by, {})
        return lab.vercel.visit(lab.domain, f"/old.js?dpl={first}" if by == "query" else "/old.js", **headers).status_code

    assert asked() == 404
    lab.api("PATCH", f"/v9/projects/{lab.project_id}", {"skewProtectionMaxAge": 86_400})
    assert asked() == 200
    lab.settle(86_400)
    assert asked() == 404


@pytest.mark.parametrize(
    ("kind", "own", "preview", "generated_domain", "custom_domain"),
    [
        ("preview", 200, 401, 200, 200),
        ("prod_deployment_urls_and_all_previews", 401, 401, 200, 200),
        ("all_except_custom_domains", 401, 401, 401, 200),
        ("all", 401, 401, 401, 401),
    ],
)
def test_protection_covers_what_its_kind_says(
    lab: Lab, kind: str, own: int, preview: int, generated_domain: int, custom_domain: int
) -> None:
    production, other = lab.deployed("one"), lab.deployed("two", target="preview")
    lab.api("PATCH", f"/v9/projects/{lab.project_id}", {"ssoProtection": {"deploymentType": kind}})
    hosts = [lab.deployment(production)["url"], lab.deployment(other)["url"], "shop.vercel.app", lab.domain]
    assert [lab.vercel.visit(host).status_code for host in hosts] == [own, preview, generated_domain, custom_domain]


def test_a_bypass_secret_opens_protected_addresses_until_it_is_revoked(lab: Lab) -> None:
    host = lab.deployment(lab.deployed("one"))["url"]
    lab.api("PATCH", f"/v9/projects/{lab.project_id}", {"ssoProtection": {"deploymentType": "all_except_custom_domains"}})
    path = f"/v1/projects/{lab.project_id}/protection-bypass"
    secret = next(iter(lab.api("PATCH", path, {})["protectionBypass"]))
    assert len(secret) == 32
    assert lab.vercel.visit(host).status_code == 401
    assert "one" not in lab.vercel.visit(host).text
    assert lab.vercel.visit(host, x_vercel_protection_bypass=secret).text == "one"
    assert lab.vercel.visit(host, f"/?x-vercel-protection-bypass={secret}").text == "one"
    assert secret not in lab.api("PATCH", path, {"revoke": {"secret": secret, "regenerate": True}})["protectionBypass"]
    assert lab.vercel.visit(host, x_vercel_protection_bypass=secret).status_code == 401


def test_a_domain_that_redirects_and_a_project_that_is_paused(lab: Lab) -> None:
    lab.deployed("one")
    domain = {"name": "www.example.com", "redirect": lab.domain, "redirectStatusCode": 308}
    lab.api("POST", f"/v10/projects/{lab.project_id}/domains", domain)
    moved = lab.vercel.visit("www.example.com", "/a?b=c")
    assert (moved.status_code, moved.headers["location"]) == (308, "https://shop.example.com/a?b=c")
    lab.api("POST", f"/v1/projects/{lab.project_id}/pause")
    assert lab.vercel.visit(lab.domain).status_code == 503
    lab.api("POST", f"/v1/projects/{lab.project_id}/unpause")
    assert lab.live() == "one"


def test_a_deployment_that_is_not_ready_serves_nothing(lab: Lab) -> None:
    identity = lab.deploy("one")
    answer = lab.vercel.visit(lab.deployment(identity)["url"])
    assert (answer.status_code, answer.headers["x-vercel-error"]) == (404, "DEPLOYMENT_NOT_READY")
