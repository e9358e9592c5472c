"""The reports of health_check as the module writes them, in a process of its own, about a server that gives away what it was sent."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import junitparser
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.module_child import fail, run_module, succeed
from tests.integration.unruly_server import UnrulyServer

if t.TYPE_CHECKING:
    from collections.abc import Iterator

REPORTS = {"json": "health.json", "junit": "health.xml", "prometheus": "health.prom", "html": "health.html", "history": "health.jsonl"}
SECRETS = {
    "header": "apikey-4711-0815",
    "token": "bearer-4711-0815",
    "password": "url-password-4711",
    "base64": "dXNlcjp1cmwtcGFzc3dvcmQtNDcxMQ==",
    "query": "query-token-4711",
    "awkward": 'sonderbar"4711\\0815',
    "part of what JSON makes of it": "sonderbar",
}


@pytest.fixture(scope="module")
def server() -> Iterator[UnrulyServer]:
    with UnrulyServer.running() as running:
        yield running


def reports(folder: Path, **more: t.Any) -> dict[str, t.Any]:
    return {**{name: str(folder / file) for name, file in REPORTS.items()}, "labels": {"portal": "shop"}, **more}


def http(name: str, url: str, **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "kind": "http", "url": url, "timeout": 5, **more}


def giving_away(server: UnrulyServer) -> list[dict[str, t.Any]]:
    """Checks whose answers hold every secret that was sent, in the body, in a reason, in a redirect."""
    headers = {"apikey": SECRETS["header"], "Authorization": f"Bearer {SECRETS['token']}", "X-Awkward": SECRETS["awkward"]}
    with_user = server.url.replace("://", f"://user:{SECRETS['password']}@")
    return [
        http("body", f"{server.url}/echo", secret_headers=headers),
        http("reason", f"{server.url}/echo", secret_headers=headers, expect_json={"apikey": "something else"}),
        http("user", f"{with_user}/echo", expect_json={"authorization": "something else"}),
        http("query", f"{server.url}/echo?token={SECRETS['query']}", expect_status=[204]),
    ]


@pytest.mark.parametrize("kind", REPORTS)
def test_no_report_holds_what_a_server_gives_away(server: UnrulyServer, tmp_path: Path, kind: str) -> None:
    named = reports(tmp_path, labels={"portal": f"shop {SECRETS['header']}"})
    result = run_module("health_check", checks=giving_away(server), fail_on="never", reports=named)
    assert [check["status"] for check in result["checks"]] == ["pass", "fail", "fail", "fail"]
    text = (tmp_path / REPORTS[kind]).read_text()
    assert text
    assert not [name for name, secret in SECRETS.items() if secret in text]


def test_the_evidence_would_hold_the_secrets_if_they_were_not_masked(server: UnrulyServer, tmp_path: Path) -> None:
    run_module("health_check", checks=giving_away(server), fail_on="never", reports=reports(tmp_path))
    for kind in ("json", "junit", "html"):
        assert "********" in (tmp_path / REPORTS[kind]).read_text()


def test_every_report_says_what_the_task_says(server: UnrulyServer, tmp_path: Path) -> None:
    checks = [http("api", f"{server.url}/good"), http("down", f"{server.url}/down", critical=False)]
    result = succeed("health_check", checks=checks, reports=reports(tmp_path))
    written = json.loads((tmp_path / "health.json").read_text())
    assert {name: written[name] for name in ("verdict", "summary", "checks", "started", "since")} == {
        name: result[name] for name in ("verdict", "summary", "checks", "started", "since")
    }
    (suite,) = junitparser.JUnitXml.fromfile(str(tmp_path / "health.xml"))
    assert [(case.name, bool(case.is_failure)) for case in suite] == [("api", False), ("down", True)]
    families = {family.name: family.samples for family in text_string_to_metric_families((tmp_path / "health.prom").read_text())}
    verdicts = {sample.labels["verdict"]: sample.value for sample in families["holdfast_health_verdict"]}
    assert verdicts == {"healthy": 0, "degraded": 1, "critical": 0}
    assert "Answered 503 instead of 200." in (tmp_path / "health.html").read_text()
    assert json.loads((tmp_path / "health.jsonl").read_text())["summary"] == result["summary"]
    assert result["reports"] == sorted(str(tmp_path / file) for file in REPORTS.values())


def test_a_look_is_no_change_and_still_makes_its_reports_anew(server: UnrulyServer, tmp_path: Path) -> None:
    checks = [http("api", f"{server.url}/good")]
    first = succeed("health_check", checks=checks, reports=reports(tmp_path))
    (tmp_path / "health.html").unlink()
    second = succeed("health_check", checks=checks, reports=reports(tmp_path))
    assert (first["changed"], second["changed"]) == (False, False)
    assert (tmp_path / "health.html").exists()
    assert len((tmp_path / "health.jsonl").read_text().splitlines()) == 2
    assert second["since"] == first["started"]


def test_check_mode_looks_and_writes_nothing(server: UnrulyServer, tmp_path: Path) -> None:
    result = succeed("health_check", check=True, checks=[http("api", f"{server.url}/good")], reports=reports(tmp_path))
    assert (result["verdict"], result["reports"]) == ("healthy", [])
    assert list(tmp_path.iterdir()) == []


def test_a_verdict_that_fails_the_task_is_reported_all_the_same(server: UnrulyServer, tmp_path: Path) -> None:
    result = fail("health_check", checks=[http("api", f"{server.url}/down")], reports=reports(tmp_path))
    assert json.loads((tmp_path / "health.json").read_text())["verdict"] == result["verdict"] == "critical"
    assert len(result["reports"]) == len(REPORTS)


def test_a_place_that_is_not_there_is_refused_before_anything_is_asked(server: UnrulyServer, tmp_path: Path) -> None:
    before = server.asked["/good"]
    result = fail("health_check", checks=[http("api", f"{server.url}/good")], reports={"json": str(tmp_path / "absent" / "h.json")})
    assert "there is no directory" in result["msg"]
    assert server.asked["/good"] == before


def test_a_report_that_is_lost_fails_the_task_with_the_verdict(server: UnrulyServer, tmp_path: Path) -> None:
    lost = {"json": str(tmp_path / f"{'n' * 250}.json"), "html": str(tmp_path / "health.html")}
    result = fail("health_check", checks=[http("api", f"{server.url}/good")], reports=lost)
    assert "was not written: File name too long" in result["msg"]
    assert (result["verdict"], result["reports"]) == ("healthy", [lost["html"]])


def test_groups_run_some_of_the_checks_and_the_others_are_still_judged(server: UnrulyServer) -> None:
    checks = [http("api", f"{server.url}/good", groups=["smoke"]), http("down", f"{server.url}/down", groups=["integration"])]
    assert [check["name"] for check in succeed("health_check", checks=checks, groups=["smoke"])["checks"]] == ["api"]
    wrong = fail("health_check", checks=[*checks, http("wrong", "gopher://x/")], groups=["smoke"])
    assert "The url of the check 'wrong' cannot be used" in wrong["msg"]
