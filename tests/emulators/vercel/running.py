"""The local Vercel as a server that a test starts, with everything a test does to it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import requests

from tests.emulators.running import TIMEOUT, Emulator

# Not part of the repository: 9 MB, and Vercel's. Without them nothing holds the answers against them, everything else is tested alike.
DESCRIPTIONS = Path(__file__).resolve().parents[4] / "shared" / "specs"


def published_descriptions() -> Path | None:
    """The folder with Vercel's two published API descriptions, where it is beside the checkout."""
    return DESCRIPTIONS if (DESCRIPTIONS / "vercel-openapi.json").exists() else None


class LocalVercel(Emulator):
    """`url`, `token` and `team` are what the modules want; the rest is for the test."""

    def __init__(self, home: Path, *, descriptions: Path | None = None, fronts: t.Sequence[str] = ()) -> None:
        """`fronts`: hosts with a port of their own each; `self.fronts` are the addresses then."""
        words = ["--descriptions", str(descriptions)] if descriptions else []
        words += [word for host in fronts for word in ("--front", host)]
        super().__init__("vercel", home, words)
        self.fronts: dict[str, str] = {}
        self.token = ""
        self.team = ""

    def take(self, facts: dict[str, t.Any]) -> None:
        self.url, self.token, self.team, self.fronts = facts["url"], facts["token"], facts["team"], facts["fronts"]

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    # --- its own door ---

    def reset(self) -> None:
        """Everything anew, as just started, but for the log of requests."""
        self.control("POST", "reset")

    def later(self, seconds: float) -> None:
        """Push its clock on."""
        self.control("POST", "clock", seconds=seconds)

    def asked(self, after: int = 0) -> list[dict[str, t.Any]]:
        """What was asked of it so far, without bodies: n, plane, method, host, path, status (0 for a connection that was cut)."""
        return list(self.control("GET", "requests", after=after)["requests"])

    def violations(self) -> list[str]:
        """What the published descriptions of the API say against its answers; nothing when it was started without them."""
        return self.control("GET", "violations")["violations"] or []

    # --- as anybody ---

    def call(self, method: str, path: str, *, token: str | None = None, **given: t.Any) -> requests.Response:
        """A request to the API as the team's owner; `given` is for requests."""
        headers = {"authorization": f"Bearer {token or self.token}", **given.pop("headers", {})}
        return self._session.request(method, f"{self.url}{path}", headers=headers, timeout=TIMEOUT, **given)

    def api(self, method: str, path: str, body: t.Any = None) -> t.Any:
        """What the API answers to a call that must succeed."""
        answer = self.call(method, path, json=body)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def visit(self, host: str, path: str = "/", **headers: str) -> requests.Response:
        """What a visitor of a host gets, without cookies of earlier visits; redirects are not followed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.get(f"{self.url}{path}", headers={"host": host, **named}, timeout=TIMEOUT, allow_redirects=False)
