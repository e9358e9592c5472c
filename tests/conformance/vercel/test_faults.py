"""What can be made to go wrong with requests, and how often."""

from __future__ import annotations

import typing as t

import pytest
import requests

from tests.emulators.vercel.__main__ import arguments, fault_of, made

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.vercel.running import LocalVercel


def statuses(vercel: LocalVercel, times: int, path: str = "/v2/user") -> list[int]:
    return [vercel.call("GET", path).status_code for _time in range(times)]


def test_a_fault_lets_some_requests_pass_holds_for_some_and_is_over(vercel: LocalVercel) -> None:
    vercel.fault("status", code=503, path="/user", skip=1, times=2)
    assert statuses(vercel, 5) == [200, 503, 503, 200, 200]


def test_a_fault_holds_for_its_method_and_path_alone_and_until_it_is_taken_away(vercel: LocalVercel) -> None:
    vercel.fault("status", code=500, method="GET", path="/teams*", times=0)
    assert statuses(vercel, 1) == [200]
    assert statuses(vercel, 3, "/v2/teams") == [500, 500, 500]
    listed = vercel.control("GET", "faults")["faults"]
    assert [(row["kind"], row["used"]) for row in listed] == [("status", 3)]
    vercel.control("DELETE", "faults", id=listed[0]["id"])
    assert statuses(vercel, 1, "/v2/teams") == [200]


@pytest.mark.parametrize(("seconds", "said"), [(2, "1 minutes"), (25_200, "7 hours")])
def test_a_429_says_in_every_way_when_to_come_back(vercel: LocalVercel, seconds: int, said: str) -> None:
    vercel.fault("rate_limited", retry_after=seconds)
    answer = vercel.call("GET", "/v2/user")
    error = answer.json()["error"]
    assert (answer.status_code, answer.headers["retry-after"], error["code"]) == (429, str(seconds), "rate_limited")
    assert said in error["message"]
    assert int(answer.headers["x-ratelimit-reset"]) == error["limit"]["reset"]


@pytest.mark.parametrize(("kind", "happened"), [("cut_before", 0), ("cut_after", 1)])
def test_a_connection_is_cut_before_or_after_anything_has_happened(vercel: LocalVercel, kind: str, happened: int) -> None:
    vercel.fault(kind, method="POST", path="/projects")
    with pytest.raises(requests.ConnectionError):
        vercel.call("POST", "/v11/projects", json={"name": "shop"})
    assert len(vercel.api("GET", "/v10/projects")["projects"]) == happened
    assert [row["status"] for row in vercel.asked() if row["path"] == "/projects" and row["method"] == "POST"][-1] == 0


def test_visitors_feel_no_fault_of_the_api(vercel: LocalVercel) -> None:
    vercel.fault("status", times=0)
    assert vercel.visit("shop.vercel.app").status_code == 404


def test_the_log_knows_who_was_asked_for_what_and_nothing_secret(vercel: LocalVercel) -> None:
    vercel.call("GET", "/v2/user?slug=local", json={"secret": "hunter2"})
    row = vercel.asked()[-1]
    assert {name: row[name] for name in ("plane", "method", "host", "path", "status")} == {
        "plane": "api",
        "method": "GET",
        "host": "127.0.0.1",
        "path": "/user",
        "status": 200,
    }
    assert vercel.asked(after=row["n"]) == []


def test_the_command_line_takes_faults_and_settings(tmp_path: Path) -> None:
    words = ["--fault", "rate_limited,path=/files,retry_after=2,times=3", "--set", "build_seconds=5", "--set", "upload_rate=[2, 60]"]
    control = made(arguments(words), tmp_path)
    assert control.world.settings.build_seconds == 5
    assert control.world.settings.upload_rate == (2, 60)
    rule = control.world.faults.described()[0]
    assert (rule["path"], rule["retry_after"], rule["times"]) == ("/files", 2, 3)
    assert fault_of("build_error,message=no memory") == {"kind": "build_error", "message": "no memory"}


@pytest.mark.parametrize(("name", "body"), [("faults", {"kind": "unheard"}), ("faults", {}), ("settings", {"unheard": 1})])
def test_what_the_emulator_does_not_know_is_refused_with_what_it_knows(vercel: LocalVercel, name: str, body: dict[str, t.Any]) -> None:
    method = "POST" if name == "faults" else "PATCH"
    answer = requests.request(method, f"{vercel.url}/__emulator/{name}", json=body, timeout=60)
    assert answer.status_code == 400
    assert "build_seconds" in answer.text or "cut_after" in answer.text or "kind" in answer.text
