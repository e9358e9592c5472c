"""The client of the Management API: paths, repetition, rate limits and sentences."""

from __future__ import annotations

import typing as t

import pytest
import requests

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError
from ansible_collections.holdfast.webops.plugins.module_utils._core.patience import UNSAID
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import open_project
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.failures import ApiError
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._vercel.stand_in import Said, StandIn

from .stand_in import REF, TOKEN, client

if t.TYPE_CHECKING:
    from pathlib import Path

LOST = requests.ConnectionError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
GOOD = {
    "project_ref": REF,
    "access_token": TOKEN,
    "api_url": "https://api.supabase.com/",
    "request_timeout": 30.0,
    "wait_timeout": 60.0,
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_paths_are_those_of_the_project(clock: FakeClock) -> None:
    session = StandIn(Said(200, {}))
    api = client(clock, session)
    api.get("look", "")
    api.get("look", "/health", [("services", "auth"), ("services", "db")])
    api.patch("change", "/config/auth", {"jwt_exp": 1})
    api.delete("remove", "/secrets", ["A"])
    base = f"https://api.example.com/v1/projects/{REF}"
    assert [request.url for request in session.sent] == [
        base,
        f"{base}/health?services=auth&services=db",
        f"{base}/config/auth",
        f"{base}/secrets",
    ]
    assert [request.body for request in session.sent] == [None, None, b'{"jwt_exp": 1}', b'["A"]']


@pytest.mark.parametrize("failure", [LOST, Said(408), Said(500), Said(503, {"message": "away"})], ids=["lost", "408", "500", "503"])
def test_what_says_how_things_shall_be_is_sent_again(clock: FakeClock, failure: object) -> None:
    session = StandIn(failure, failure, Said(200, {"ok": True}))
    assert client(clock, session).put("change it", "/x", {}) == {"ok": True}
    assert clock.slept == [0.25, 0.5]


def test_what_may_not_be_repeated_is_sent_once(clock: FakeClock) -> None:
    session = StandIn(LOST, Said(200, {}))
    with pytest.raises(LostAnswerError, match="not known whether Supabase did restore it"):
        client(clock, session).post("restore it", "/x", {}, repeat=False)
    assert len(session.sent) == 1


@pytest.mark.parametrize(
    ("headers", "pause"),
    [({"Retry_After": "3"}, 3.0), ({"X_RateLimit_Reset": "7"}, 7.0), ({"Retry_After": "3", "X_RateLimit_Reset": "7"}, 3.0), ({}, UNSAID)],
)
def test_a_429_is_waited_for_as_long_as_it_says(clock: FakeClock, headers: dict[str, str], pause: float) -> None:
    session = StandIn(Said(429, {"message": "ThrottlerException: Too Many Requests"}, **headers), Said(200, {}))
    client(clock, session).get("look", "/x")
    assert clock.slept == [pause]


def test_a_429_that_names_a_moment_means_one_by_the_clock_of_supabase(clock: FakeClock) -> None:
    ahead, until = "Sat, 21 Nov 2026 23:00:00 GMT", "Sat, 21 Nov 2026 23:00:20 GMT"  # here it is 22:30
    session = StandIn(Said(429, {"message": "Too Many Requests"}, Date=ahead, Retry_After=until), Said(200, {}))
    client(clock, session).get("look", "/x")
    assert clock.slept == [20.0]


def test_a_rate_limit_beyond_the_deadline_fails_at_once_and_says_so(clock: FakeClock) -> None:
    session = StandIn(Said(429, {"message": "Too Many Requests"}, Retry_After="90"))
    with pytest.raises(DeadlineError, match=r"Supabase's rate limit stands in the way to look: Too Many Requests\. It asks to wait 90 s"):
        client(clock, session).get("look", "/x")
    assert clock.slept == []


@pytest.mark.parametrize(
    ("status", "body", "sentence", "hint"),
    [
        (401, {"message": "JWT could not be decoded"}, "JWT could not be decoded (401)", "SUPABASE_ACCESS_TOKEN"),
        (402, {"message": "upgrade"}, "upgrade (402)", "plan does not include"),
        (403, {"message": "Forbidden"}, "Forbidden (403)", "'project_ref'"),
        (400, {"message": ["a is wrong", "b is wrong"]}, "a is wrong; b is wrong (400)", ""),
        (400, {"error": "no route"}, "no route (400)", ""),
        (404, b"<html>", "<html> (404)", "'project_ref'"),
        (302, b"", "it answered with a redirect to https://elsewhere (302)", ""),
    ],
)
def test_a_refusal_is_a_sentence_with_a_hint(clock: FakeClock, status: int, body: object, sentence: str, hint: str) -> None:
    session = StandIn(Said(status, body, Location="https://elsewhere"))
    with pytest.raises(ApiError) as refused:
        client(clock, session).get("show it", "/x")
    assert f"Supabase would not show it: {sentence}" in str(refused.value)
    assert hint in refused.value.hint
    assert len(session.sent) == 1


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("access_token", None, "access_token: no token was given"),
        ("access_token", "se\ncret", "access_token: the token holds spaces"),
        ("access_token", "eyJsecret.x.y", "access_token: this is one of the project's API keys"),
        ("access_token", "sb_secret_x", "access_token: this is one of the project's API keys"),
        ("project_ref", "../../organizations", "project_ref: .* is not the reference"),
        ("project_ref", "ABCDEFGHIJKLMNOPQRST", "project_ref: .* is not the reference"),
        ("api_url", "http://api.example.com", "api_url: .* unencrypted"),
        ("wait_timeout", 0, "wait_timeout: 0 is not a time"),
    ],
)
def test_what_cannot_be_is_refused_by_name_before_anything_is_sent(option: str, value: t.Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refused:
        open_project({**GOOD, option: value}, FakeClock())
    if option == "access_token" and value:
        assert value not in str(refused.value)


def test_nobodys_passwords_are_looked_up_for_the_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A .netrc would replace the token."""
    (tmp_path / "netrc").write_text("machine api.supabase.com login somebody password another\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    session = open_project(GOOD, FakeClock())._session
    prepared = session.prepare_request(requests.Request("GET", "https://api.supabase.com/v1/projects"))
    assert prepared.headers["Authorization"] == f"Bearer {TOKEN}"
