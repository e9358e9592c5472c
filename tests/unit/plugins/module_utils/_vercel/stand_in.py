"""Answers in place of the network: what the client sends is kept, what it gets is given."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Access, Api

if t.TYPE_CHECKING:
    from tests.unit.fake_clock import FakeClock

TOKEN = "tok_SECRET_SECRET"


class Said:
    """An answer as requests gives it."""

    def __init__(self, status: int, body: object = None, **headers: str) -> None:
        self.status_code = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.content = b"" if body is None else (body if isinstance(body, bytes) else json.dumps(body).encode())


class StandIn:
    """A session that gives these answers one after the other; the last one again and again. Exceptions are raised."""

    def __init__(self, *answers: t.Any) -> None:
        self.headers = {"Authorization": f"Bearer {TOKEN}"}
        self.answers = list(answers)
        self.sent: list[t.Any] = []
        self.timeouts: list[float] = []

    def send(self, request: t.Any, *, timeout: float, allow_redirects: bool) -> Said:
        assert not allow_redirects
        self.sent.append(request)
        self.timeouts.append(timeout)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return t.cast(Said, answer)


def client(clock: FakeClock, stand_in: StandIn, *, seconds: float = 60.0, team: str = "team_1") -> Api:
    """A client of that session."""
    api = Api(Access("https://api.example.com", TOKEN, 30.0, team=team), clock, Deadline(clock, seconds))
    api._session = stand_in
    return api
