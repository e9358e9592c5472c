"""The client: scope, repetition, rate limits, deadlines and sentences."""

from __future__ import annotations

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError, UnreachableError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError
from tests.unit.fake_clock import FakeClock

from .stand_in import TOKEN, Said, StandIn, client

LOST = requests.ConnectionError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
NOBODY = requests.ConnectionError(MaxRetryError(None, "/", NewConnectionError(None, "refused")))  # type: ignore[arg-type]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.mark.parametrize(("team", "scope"), [("team_1", "teamId=team_1"), ("acme", "slug=acme")])
def test_every_request_carries_the_team(clock: FakeClock, team: str, scope: str) -> None:
    session = StandIn(Said(200, {}))
    api = client(clock, session, team=team)
    api.get("look", "/v1/a", {"limit": 1, "until": None})
    api.change("change", "POST", "/v1/b", {}, repeat=False)
    assert [request.url for request in session.sent] == [
        f"https://api.example.com/v1/a?limit=1&{scope}",
        f"https://api.example.com/v1/b?{scope}",
    ]


@pytest.mark.parametrize("failure", [LOST, Said(500), Said(503, {"error": {"message": "away"}})], ids=["lost", "500", "503"])
def test_what_may_be_repeated_is_repeated(clock: FakeClock, failure: object) -> None:
    session = StandIn(failure, failure, Said(200, {"ok": True}))
    assert client(clock, session).get("look", "/v1/a") == {"ok": True}
    assert clock.slept == [0.25, 0.5]


@pytest.mark.parametrize("failure", [LOST, Said(502)], ids=["lost", "502"])
def test_what_may_not_be_repeated_is_sent_once(clock: FakeClock, failure: object) -> None:
    session = StandIn(failure, Said(200, {}))
    with pytest.raises(LostAnswerError, match="not known whether Vercel did promote it"):
        client(clock, session).change("promote it", "POST", "/v1/a", repeat=False)
    assert len(session.sent) == 1


@pytest.mark.parametrize("definite", [NOBODY, Said(429, {}, Retry_After="1")], ids=["nobody listens", "rate limit"])
def test_what_was_certainly_not_done_is_sent_again_even_if_it_may_not_be_repeated(clock: FakeClock, definite: object) -> None:
    session = StandIn(definite, Said(200, {}))
    client(clock, session).change("promote it", "POST", "/v1/a", repeat=False)
    assert len(session.sent) == 2


def test_whoever_never_answers_is_given_up(clock: FakeClock) -> None:
    session = StandIn(LOST)
    with pytest.raises(UnreachableError, match=r"could not be asked to look, after 6 tries: ConnectionResetError: .*reset"):
        client(clock, session).get("look", "/v1/a")
    assert len(session.sent) == 6


def test_a_rate_limit_is_waited_for_however_often_it_comes(clock: FakeClock) -> None:
    session = StandIn(*[Said(429, {}, Retry_After="2")] * 9, Said(200, {}))
    client(clock, session).get("look", "/v1/a")
    assert clock.slept == [2.0] * 9


def test_a_rate_limit_beyond_the_deadline_fails_at_once_and_says_so(clock: FakeClock) -> None:
    said = {"error": {"code": "rate_limited", "message": "The rate limit of 5000 exceeded for 'api-upload-free'. Try again in 7 hours"}}
    session = StandIn(Said(429, said, Retry_After="25200"))
    with pytest.raises(DeadlineError, match=r"take the file a: .*api-upload-free.*wait 25200 s, and the task has 60 s left"):
        client(clock, session).upload("take the file a", "/v2/files", {}, lambda: b"")
    assert clock.slept == []


def test_a_rate_limit_that_one_request_hears_of_holds_all(clock: FakeClock) -> None:
    session = StandIn(Said(200, {}))
    api = client(clock, session)
    api._shared.closed_until = clock.monotonic() + 3
    api.within(30).get("look", "/v1/a")
    assert clock.slept == [3.0]


def test_nothing_is_sent_after_the_deadline(clock: FakeClock) -> None:
    session = StandIn(Said(200, {}))
    api = client(clock, session, seconds=5)
    clock.pass_by(6)
    with pytest.raises(DeadlineError, match="no time left to look"):
        api.get("look", "/v1/a")
    assert session.sent == []
    assert api.within(10).get("look", "/v1/a") == {}


def test_no_request_waits_beyond_the_deadline(clock: FakeClock) -> None:
    session = StandIn(Said(200, {}))
    client(clock, session, seconds=5).get("look", "/v1/a")
    assert session.timeouts == [5.0]


def test_a_body_is_made_anew_for_every_try(clock: FakeClock) -> None:
    session = StandIn(LOST, Said(200))
    bodies = iter([b"first", b"second"])
    client(clock, session).upload("take it", "/v2/files", {}, lambda: next(bodies))
    assert [request.body for request in session.sent] == [b"first", b"second"]


@pytest.mark.parametrize(
    ("status", "body", "sentence", "hint"),
    [
        (
            403,
            {"error": {"code": "forbidden", "message": "Not authorized", "invalidToken": True}},
            "Not authorized (403 forbidden)",
            "token",
        ),
        (403, {"error": {"code": "forbidden", "message": "Wrong team", "teamId": "t"}}, "Wrong team (403 forbidden)", "Set 'team'"),
        (403, {"error": {"code": "forbidden", "message": "SSO", "saml": True}}, "SSO", "single sign-on"),
        (404, {"err": {"code": "not_found", "message": "Project not found."}}, "Project not found (404 not_found)", "'team'"),
        (413, b"Request Entity Too Large", "Request Entity Too Large (413)", ".vercelignore"),
        (302, b"", "it answered with a redirect to https://elsewhere", ""),
        (400, b"", "no reason given (400)", ""),
    ],
)
def test_a_refusal_is_a_sentence_with_a_hint(clock: FakeClock, status: int, body: object, sentence: str, hint: str) -> None:
    session = StandIn(Said(status, body, Location="https://elsewhere"))
    with pytest.raises(ApiError) as refused:
        client(clock, session).get("show it", "/v1/a")
    assert f"Vercel would not show it: {sentence}" in str(refused.value)
    assert hint in refused.value.hint
    assert refused.value.status == status
    assert TOKEN not in str(refused.value)
    assert len(session.sent) == 1


def test_the_clock_of_the_server_comes_from_its_answers(clock: FakeClock) -> None:
    session = StandIn(Said(200, {}, Date="Sat, 21 Nov 2026 22:31:40 GMT"))
    api = client(clock, session)
    api.get("look", "/v1/a")
    assert api.server_time() - clock.now().timestamp() == pytest.approx(100)


def test_requests_are_counted(clock: FakeClock) -> None:
    api = client(clock, StandIn(LOST, Said(200, {})))
    api.get("look", "/v1/a")
    assert api.sent == 2
