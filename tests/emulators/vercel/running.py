"""The local Vercel as a server that a test starts, with everything a test does to it."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import requests

from tools.embedded.child import Child
from tools.embedded.privilege import dies_with_parent
from tools.embedded.server import Server
from tools.embedded.waiting import wait_for

START_SECONDS = 120.0
TIMEOUT = 60
# Not part of the repository: 9 MB, and Vercel's. Without them nothing holds the answers against them, everything else is tested alike.
DESCRIPTIONS = Path(__file__).resolve().parents[4] / "shared" / "specs"


def published_descriptions() -> Path | None:
    """The folder with Vercel's two published API descriptions, where it is beside the checkout."""
    return DESCRIPTIONS if (DESCRIPTIONS / "vercel-openapi.json").exists() else None


class LocalVercel(Server):
    """`url`, `token` and `team` are what the modules want; the rest is for the test."""

    def __init__(self, home: Path, *, descriptions: Path | None = None, fronts: t.Sequence[str] = ()) -> None:
        """`fronts`: hosts with a port of their own each; `self.fronts` are the addresses then."""
        self._ready_file = home / "ready.json"
        words = ["--port", "0", "--home", str(home), *(["--descriptions", str(descriptions)] if descriptions else [])]
        words += [word for host in fronts for word in ("--front", host)]
        self._child = Child([*dies_with_parent("TERM"), sys.executable, "-m", "tests.emulators.vercel", *words], home / "log.txt")
        self._session = requests.Session()
        self._session.trust_env = False
        self.fronts: dict[str, str] = {}
        self.url = ""
        self.token = ""
        self.team = ""

    def start(self) -> None:
        self._ready_file.unlink(missing_ok=True)
        self._child.start()
        wait_for(self._missing, what="the local Vercel", seconds=START_SECONDS, is_hopeless=self._child.why_dead)

    def _missing(self) -> str | None:
        if not self._ready_file.exists():
            return "it has not said its port"
        facts = json.loads(self._ready_file.read_text(encoding="utf-8"))
        self.url, self.token, self.team, self.fronts = facts["url"], facts["token"], facts["team"], facts["fronts"]
        try:
            self.control("GET", "ready")
        except requests.ConnectionError as exc:
            return str(exc)
        return None

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    # --- its own door ---

    def control(self, method: str, name: str, /, **given: t.Any) -> t.Any:
        """A call of `/__emulator/<name>`."""
        answer = self._session.request(method, f"{self.url}/__emulator/{name}", json=given, timeout=TIMEOUT)
        assert answer.ok, answer.text
        return answer.json()

    def reset(self) -> None:
        """Everything anew, as just started, but for the log of requests."""
        self.control("POST", "reset")

    def fault(self, kind: str, /, **given: t.Any) -> None:
        """See faults.py: `method`, `path`, `skip`, `times` choose; the rest are the kind's own figures."""
        self.control("POST", "faults", kind=kind, **given)

    def settle(self, **settings: t.Any) -> None:
        """Change settings, e.g. `build_seconds`."""
        self.control("PATCH", "settings", **settings)

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
