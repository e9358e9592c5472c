"""The modules of Vercel against the local one: in this process, so that a test can afford many runs."""

from __future__ import annotations

import typing as t

from tests.integration.module_lab import ModuleLab

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.vercel.running import LocalVercel

HOST = "shop.vercel.app"
PROJECT = "/v9/projects/shop"
# Longer than anything here takes on a busy machine; only tests of deadlines have a shorter one.
LONG = 120


class Lab(ModuleLab):
    """The local Vercel, a site to deploy, and the modules."""

    def __init__(self, vercel: LocalVercel, folder: Path) -> None:
        self.vercel = vercel
        self.site = folder / "site"
        common = {"project": "shop", "token": vercel.token, "team": vercel.team, "api_url": vercel.url, "wait_timeout": LONG}
        super().__init__(common, vercel.token)
        self.write("index.html", "one")

    def write(self, path: str, text: str) -> None:
        file = self.site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def deploy(self, text: str | None = None, /, **options: t.Any) -> dict[str, t.Any]:
        """Deploy the site, with this text in its page and as version."""
        if text is not None:
            self.write("index.html", text)
            options.setdefault("version", text)
        return self.run("vercel_deploy", path=str(self.site), **options)

    def promote(self, **options: t.Any) -> dict[str, t.Any]:
        return self.run("vercel_promote", **options)

    def live(self, text: str) -> str:
        """Deploy and promote; the deployment's id."""
        identity = str(self.deploy(text)["deployment"]["id"])
        self.promote(deployment=identity)
        return identity

    def page(self, host: str = HOST, path: str = "/") -> str:
        """What a visitor gets."""
        answer = self.vercel.visit(host, path)
        return answer.text if answer.ok else str(answer.status_code)

    def project(self) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", self.vercel.api("GET", f"{PROJECT}?rollbackInfo=true&teamId={self.vercel.team}"))

    def deployments(self) -> list[dict[str, t.Any]]:
        answer = self.vercel.api("GET", f"/v6/deployments?projectId={self.project()['id']}&limit=100&teamId={self.vercel.team}")
        return list(answer["deployments"])

    def count(self, method: str, path: str, *, after: int = 0) -> int:
        """How many requests of that kind were made; `path` is its beginning."""
        return sum(row["method"] == method and row["path"].startswith(path) for row in self.vercel.asked(after))

    def mark(self) -> int:
        """A place in the log of requests."""
        rows = self.vercel.asked()
        return int(rows[-1]["n"]) if rows else 0
