"""Kind security_headers: the policies in the guide, against a site that sends what the portals' documents say, and worse."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml

from tests.integration.health.lab import Checked, look
from tests.integration.health.site import Reply, Site

GUIDE = Path(__file__).parents[3] / "docs/guides/health.md"
COMMON = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# As next.config.js of CleanStation joins them.
CLEANSTATION = {
    **COMMON,
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-eval' 'unsafe-inline' https://vercel.live; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; font-src 'self' data:; connect-src 'self' https:; "
    "frame-ancestors 'none'",
}
VZ_PORTAL = {
    **COMMON,
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' https://lnkmarduszgtybwlslrg.supabase.co "
    "https://js.sentry-cdn.com; style-src 'self' 'unsafe-inline' https://fonts.googleapis.com; font-src 'self' "
    "https://fonts.gstatic.com; connect-src 'self' https://lnkmarduszgtybwlslrg.supabase.co https://api.kvk.nl "
    "https://o4505801294487552.ingest.sentry.io; img-src 'self' data: https://lnkmarduszgtybwlslrg.supabase.co",
    "Access-Control-Allow-Credentials": "true",
}
VZ_ORIGINS = ("https://vzportal.gov.nl", "https://staging.vzportal.gov.nl")
API = {"Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS", "Access-Control-Allow-Headers": "Content-Type, Authorization"}
CLEANSTATION_ORIGIN = "https://cleanstation.torvanmedical.com"


def policies() -> dict[str, t.Any]:
    blocks = re.findall(r"```yaml\n([a-z_]+_policy:.*?)```", GUIDE.read_text(), re.DOTALL)
    return {name: policy for block in blocks for name, policy in yaml.safe_load(block).items()}


def judge(policy: t.Any, headers: dict[str, str], **reply: t.Any) -> Checked:
    with Site.running({"/": Reply(headers=headers, **reply)}) as site:
        return look("security_headers", url=f"{site.url}/", policy=policy)


def test_the_policies_of_both_portals_are_carried_out_by_what_their_documents_configure() -> None:
    assert judge(policies()["cleanstation_policy"], CLEANSTATION)["reason"] == "The headers carry out the policy."
    assert judge(policies()["vz_portal_policy"], VZ_PORTAL, origins=VZ_ORIGINS)["reason"] == "The headers carry out the policy."
    static = {**API, "Access-Control-Allow-Origin": CLEANSTATION_ORIGIN}
    assert judge(policies()["cleanstation_api_policy"], static, status=204)["reason"] == "The headers carry out the policy."


@pytest.mark.parametrize("header", [*COMMON, "Content-Security-Policy"])
def test_each_header_is_missed(header: str) -> None:
    check = judge(policies()["cleanstation_policy"], {name: value for name, value in CLEANSTATION.items() if name != header})
    assert check["status"] == "fail"
    assert f"here is no header {header}" in check["reason"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Strict-Transport-Security": "max-age=3600; includeSubDomains"}, "has max-age 3600, the policy wants at least 31536000"),
        ({"Strict-Transport-Security": "max-age=31536000"}, "does not include subdomains"),
        ({"Strict-Transport-Security": "includeSubDomains"}, "has no max-age"),
        ({"X-Frame-Options": "SAMEORIGIN"}, "The header X-Frame-Options is 'SAMEORIGIN' instead of 'DENY'"),
        ({"Permissions-Policy": "camera=(self), microphone=(), geolocation=()"}, "allows camera to self instead of nothing"),
        ({"Permissions-Policy": "camera=(), microphone=()"}, "does not name geolocation"),
        ({"Content-Security-Policy": "default-src *"}, "allows default-src *, which the policy does not"),
        ({"Content-Security-Policy": "default-src 'none'"}, "does not allow default-src 'self', which the policy does"),
        ({"Content-Security-Policy": "default-src 'self'; object-src *"}, "has object-src, which the policy does not name"),
        ({"Content-Security-Policy": "a 'self', b 'self'"}, "several Content-Security-Policies"),
    ],
)
def test_each_deviation_is_named(change: dict[str, str], reason: str) -> None:
    check = judge(policies()["cleanstation_policy"], {**CLEANSTATION, **change})
    assert check["status"] == "fail"
    assert reason.lower() in check["reason"].lower()


def test_a_policy_that_is_only_reported_on_is_none() -> None:
    headers = {f"{name}-Report-Only" if "Content" in name and "Type" not in name else name: value for name, value in CLEANSTATION.items()}
    assert judge(policies()["cleanstation_policy"], headers)["reason"] == "Content-Security-Policy is only reported on, not enforced."


@pytest.mark.parametrize(
    ("headers", "reply", "reason"),
    [
        ({}, {"origins": ("*",)}, "CORS lets https://stranger.invalid in ('https://stranger.invalid')"),
        ({"Access-Control-Allow-Origin": "*"}, {}, "CORS lets https://stranger.invalid in ('*')"),
        ({}, {}, f"{CLEANSTATION_ORIGIN} is answered with Access-Control-Allow-Origin None"),
        ({}, {"origins": (CLEANSTATION_ORIGIN,), "status": 405}, "is answered 405, which browsers take for a refusal"),
        (
            {"Access-Control-Allow-Methods": "GET, PATCH"},
            {"origins": (CLEANSTATION_ORIGIN,)},
            "is get, patch instead of delete, get, options",
        ),
        ({"Access-Control-Allow-Headers": "*"}, {"origins": (CLEANSTATION_ORIGIN,)}, "is * instead of authorization, content-type"),
        ({"Access-Control-Allow-Credentials": "true"}, {"origins": (CLEANSTATION_ORIGIN,)}, "credentials, the policy wants the opposite"),
    ],
)
def test_each_open_door_of_cors_is_named(headers: dict[str, str], reply: dict[str, t.Any], reason: str) -> None:
    check = judge(policies()["cleanstation_api_policy"], {**API, **headers}, **reply)
    assert check["status"] == "fail"
    assert reason in check["reason"]


def test_what_should_be_absent_is_told_when_it_is_there() -> None:
    check = judge({"absent": ["X-Powered-By"]}, {"X-Powered-By": "Express"})
    assert check["reason"] == "The header X-Powered-By is sent ('Express'), the policy wants it absent."
    assert check["evidence"]["headers"]["x-powered-by"] == "Express"
