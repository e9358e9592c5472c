"""The local Supabase as a server that a test starts, with everything a test does to it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import requests

from tests.emulators.running import TIMEOUT, Emulator
from tools.embedded.waiting import wait_for

SETTLED_SECONDS = 180.0
PROJECT = "portal"
# Not part of the repository. Without it nothing holds the answers against it, everything else is tested alike.
DESCRIPTIONS = Path(__file__).resolve().parents[4] / "shared" / "specs"
# Tests ask more often than people: where a test is not about the limit, it should not meet it.
NO_LIMIT = {"request_rate": [100_000, 60]}


def published_description() -> Path | None:
    """The folder with the API's published description, where it is beside the checkout."""
    return DESCRIPTIONS if (DESCRIPTIONS / "supabase-management-openapi.json").exists() else None


class LocalSupabase(Emulator):
    """`url`, `token` and `ref` are what the modules want, `project` has everything of the first project; the rest is for the test."""

    def __init__(self, home: Path, *, descriptions: Path | None = None, projects: t.Sequence[str] = (PROJECT,)) -> None:
        words = ["--descriptions", str(descriptions)] if descriptions else []
        words += [word for name in projects for word in ("--project", name)]
        super().__init__("supabase", home, words, NO_LIMIT)
        self.token = ""
        self.other_token = ""
        self.projects: dict[str, dict[str, t.Any]] = {}

    def take(self, facts: dict[str, t.Any]) -> None:
        self.url = facts.get("url", self.url)
        self.token, self.other_token, self.projects = facts["token"], facts["other_token"], facts["projects"]

    @property
    def project(self) -> dict[str, t.Any]:
        """The first one: ref, url, database_url, admin_database_url, keys (anon, service_role, publishable, secret), s3."""
        return next(iter(self.projects.values()))

    @property
    def ref(self) -> str:
        return str(self.project["ref"])

    @property
    def database_url(self) -> str:
        """As the owner, `postgres`."""
        return str(self.project["database_url"])

    @property
    def options(self) -> dict[str, str]:
        """What the modules need to know of it."""
        return {"api_url": self.url, "access_token": self.token, "project_ref": self.ref}

    # --- its own door ---

    def reset(self) -> None:
        """Everything anew, as just started, but for the log of requests and what is in databases and buckets; and no limits."""
        self.take(self.control("POST", "reset"))
        self.settle(**NO_LIMIT)

    def plan(self, name: str, slug: str = "local") -> None:
        """Give an organization another plan: free, pro, team or enterprise."""
        self.control("PATCH", "organizations", slug=slug, plan=name)

    def put_into(self, status: str, ref: str | None = None) -> None:
        """Show the project in a state, e.g. RESTORING, without doing anything."""
        self.control("PATCH", "projects", ref=ref or self.ref, status=status)

    def asked(self, after: int = 0) -> list[dict[str, t.Any]]:
        """What was asked of it so far, without bodies: n, plane, method, ref, path, status (0 for a connection that was cut)."""
        return list(self.control("GET", "requests", after=after)["requests"])

    def violations(self) -> list[str]:
        """What the published description of the API says against its answers; nothing when it was started without it."""
        return self.control("GET", "violations")["violations"] or []

    # --- as anybody ---

    def call(self, method: str, path: str, *, token: str | None = None, **given: t.Any) -> requests.Response:
        """A request to the API as the organization's owner; `given` is for requests."""
        headers = {"authorization": f"Bearer {token or self.token}", **given.pop("headers", {})}
        return self._session.request(method, f"{self.url}{path}", headers=headers, timeout=TIMEOUT, **given)

    def api(self, method: str, path: str, body: t.Any = None) -> t.Any:
        """What the API answers to a call that must succeed. A path without `/v1` is one of the first project."""
        whole = path if path.startswith("/v1") else f"/v1/projects/{self.ref}{path}"
        answer = self.call(method, whole, json=body)
        assert answer.ok, f"{method} {whole}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def visit(self, path: str, *, method: str = "GET", key: str = "service_role", **given: t.Any) -> requests.Response:
        """A request to the first project's data plane with one of its keys; an empty `key` is none."""
        value = self.project["keys"].get(key)
        headers = {"apikey": value, "authorization": f"Bearer {value}"} if value else {}
        return self._session.request(method, f"{self.project['url']}{path}", headers=headers, timeout=TIMEOUT, **given)

    def status(self, ref: str | None = None) -> str:
        return str(self.api("GET", f"/v1/projects/{ref or self.ref}")["status"])

    def wait_until(self, status: str = "ACTIVE_HEALTHY", ref: str | None = None) -> None:
        """Until the project is in this state; one that nothing leads out of ends the wait."""
        seen = ""

        def missing() -> str | None:
            nonlocal seen
            seen = self.status(ref)
            return None if seen == status else f"it is {seen}"

        def why_hopeless() -> str | None:
            return f"it is {seen}: {self.control('GET', 'notes')['notes']}" if seen.endswith("_FAILED") else None

        wait_for(missing, what=status, seconds=SETTLED_SECONDS, is_hopeless=why_hopeless)
