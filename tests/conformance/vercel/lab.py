"""A team's day at the local Vercel: projects, deployments, promotions, by plain HTTP, with time in the test's hands."""

from __future__ import annotations

import hashlib
import typing as t

if t.TYPE_CHECKING:
    import requests

    from tests.emulators.vercel.running import LocalVercel

SLOW: t.Final = {"queue_seconds": 60, "build_seconds": 600, "promote_seconds": 60, "alias_seconds": 60}
LONG_ENOUGH = 3600
Tree = dict[str, str]


def sha(content: str) -> str:
    return hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()


def listed(tree: Tree) -> list[dict[str, t.Any]]:
    """A tree as a deployment names it."""
    return [{"file": path, "sha": sha(text), "size": len(text.encode()), "mode": 0o100644} for path, text in tree.items()]


class Lab:
    """One project, `shop`, with two production domains. Nothing happens before `settle`: every delay is minutes long."""

    def __init__(self, vercel: LocalVercel) -> None:
        self.vercel = vercel
        vercel.reset()
        vercel.settle(**SLOW)
        self.project_id = str(self.api("POST", "/v11/projects", {"name": "shop"})["id"])
        self.domain = "shop.example.com"
        self.api("POST", f"/v10/projects/{self.project_id}/domains", {"name": self.domain})

    # --- requests ---

    def api(self, method: str, path: str, body: t.Any = None) -> t.Any:
        return self.vercel.api(method, path, body)

    def refused(self, method: str, path: str, body: t.Any = None) -> tuple[int, str]:
        """Status and code of a call that must not succeed."""
        answer = self.vercel.call(method, path, json=body)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, str(answer.json()["error"]["code"])

    def upload(self, *contents: str) -> None:
        for content in contents:
            answer = self.vercel.call("POST", "/v2/files", data=content.encode(), headers={"x-vercel-digest": sha(content)})
            assert answer.ok, answer.text

    def asked_for(self, tree: Tree, **more: t.Any) -> dict[str, t.Any]:
        """The body of a request for a production deployment."""
        return {"name": "shop", "project": self.project_id, "target": "production", "version": 2, "files": listed(tree), **more}

    def deploy(self, tree: Tree | str = "one", **more: t.Any) -> str:
        """Ask for a deployment of these files, or of a page with this text; returns its id at once."""
        files = {"index.html": tree} if isinstance(tree, str) else tree
        self.upload(*set(files.values()))
        return str(self.api("POST", "/v13/deployments", self.asked_for(files, **more))["id"])

    def deployed(self, tree: Tree | str = "one", **more: t.Any) -> str:
        """The same, and wait for everything that follows from it."""
        identity = self.deploy(tree, **more)
        self.settle()
        return identity

    def staged(self, tree: Tree | str = "two", **more: t.Any) -> str:
        return self.deployed(tree, autoAssignCustomDomains=False, **more)

    def promote(self, identity: str) -> requests.Response:
        return self.vercel.call("POST", f"/v10/projects/{self.project_id}/promote/{identity}", json={})

    def rollback(self, identity: str) -> requests.Response:
        return self.vercel.call("POST", f"/v1/projects/{self.project_id}/rollback/{identity}")

    def configure_rolling(self, advancement: str, *stages: dict[str, t.Any]) -> None:
        body = {"enabled": True, "advancementType": advancement, "stages": list(stages)}
        self.api("PATCH", f"/v1/projects/{self.project_id}/rolling-release/config", body)

    def approve(self, canary: str, index: int) -> requests.Response:
        body = {"nextStageIndex": index, "canaryDeploymentId": canary}
        return self.vercel.call("POST", f"/v1/projects/{self.project_id}/rolling-release/approve-stage", json=body)

    # --- time and state ---

    def settle(self, seconds: float = LONG_ENOUGH) -> None:
        self.vercel.later(seconds)

    def deployment(self, identity: str) -> dict[str, t.Any]:
        return dict(self.api("GET", f"/v13/deployments/{identity}"))

    def project(self) -> dict[str, t.Any]:
        return dict(self.api("GET", f"/v9/projects/{self.project_id}?rollbackInfo=true"))

    def rolling(self) -> dict[str, t.Any]:
        return dict(self.api("GET", f"/v1/projects/{self.project_id}/rolling-release")["rollingRelease"])

    def live(self) -> str:
        """The text of the page that the production domain serves."""
        return self.vercel.visit(self.domain).text

    def page(self, identity: str) -> str:
        """The same of a deployment's own address."""
        return self.vercel.visit(self.deployment(identity)["url"]).text
