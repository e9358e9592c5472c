"""Lovable's public API as its reference describes it, and the emulator's own door `/__emulator/`."""

from __future__ import annotations

import collections
import dataclasses
import json
import re
import typing as t
from pathlib import Path

from tests.emulators.lovable.git_server import serve_git
from tests.emulators.lovable.pages import Quiet
from tests.emulators.lovable.world import KEY, PROJECT, World

REMEMBERED = 10_000
PATTERN = re.compile(r"/v1/projects/([^/]+)(/publish(?:/([^/]+))?)?")


class RefusedError(Exception):
    """An answer that is no good one."""

    def __init__(self, status: int, kind: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"type": kind, "message": message}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Api(Quiet):
    """The handler of the API's port; `api` makes one that knows a self.world."""

    world: World
    preview_url = ""
    live_url = ""
    root = Path()
    log: collections.deque[dict[str, t.Any]]

    def answer(self) -> None:
        if self.path.startswith("/git/"):
            serve_git(self, self.root, self.path.removeprefix("/git"))
            return
        path = self.path.partition("?")[0]
        body = self.content()
        if path.startswith("/__emulator/"):
            self._own_door(path.removeprefix("/__emulator/"), json.loads(body or b"{}"))
            return
        if self._is_cut(path):
            self.log.append({"method": self.command, "path": path, "status": 0})
            self.close_connection = True
            return
        try:
            status, answer, headers = *self._api(path), {}
        except RefusedError as exc:
            status, answer, headers = exc.status, exc.body, exc.headers
        self.log.append({"method": self.command, "path": path, "status": status})
        self._say(status, answer, headers)

    do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

    def _is_cut(self, path: str) -> bool:
        return self.world.fault("cut", self.command, path) is not None

    def _say(self, status: int, answer: t.Any, headers: t.Mapping[str, str]) -> None:
        self.give(status, {"Content-Type": "application/json", **headers}, b"" if answer is None else json.dumps(answer).encode())

    def _api(self, path: str) -> tuple[int, t.Any]:
        facts = self.world.fault("status", self.command, path)
        if facts is not None:
            wait = {"Retry_After": str(facts["retry_after"])} if "retry_after" in facts else {}
            raise RefusedError(int(facts["code"]), "error", str(facts.get("message", "as you wished")), **wait)
        if self.headers.get("Lovable-API-Key") != KEY:
            raise RefusedError(401, "unauthorized", "The API key is not valid.")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", self.headers.get("Lovable-Version", "")):
            raise RefusedError(400, "invalid_request", "The header Lovable-Version is missing.")
        found = PATTERN.fullmatch(path)
        if not found or found[1] != PROJECT:
            raise RefusedError(404, "not_found", "There is no such project.")
        with self.world.lock:
            self.world.catch_up()
            return self._project(found)

    def _project(self, found: re.Match[str]) -> tuple[int, t.Any]:
        match self.command, bool(found[2]), found[3]:
            case "GET", False, _:
                return 200, {
                    "id": PROJECT,
                    "latest_commit_sha": self.world.known(self.world.settings.branch) or None,
                    "preview_url": self.preview_url,
                    "is_published": bool(self.world.origin.commit) and self.world.online,
                    "publish_audience": "public",
                }
            case "POST", True, None:
                return 202, self._shown(self.world.publish().id)
            case "GET", True, str() as name:
                return 200, self._polled(name)
            case "DELETE", True, None:
                self.world.online = False
                return 204, None
        raise RefusedError(405, "method_not_allowed", f"{self.command} is not possible here.")

    def _polled(self, name: str) -> dict[str, t.Any]:
        publish = self.world.publishes.get(name)
        if publish is None:
            raise RefusedError(404, "not_found", "There is no such publish.")
        early = publish.asked_at + self.world.settings.poll_seconds - self.world.now
        if early > 0:
            raise RefusedError(429, "rate_limited", "Ask every 2 seconds at most.", Retry_After=f"{early:.2f}")
        publish.asked_at = self.world.now
        return self._shown(name)

    def _shown(self, name: str) -> dict[str, t.Any]:
        self.world.catch_up()
        publish = self.world.publishes[name]
        if not publish.done:
            return {"id": name, "status": "running", "url": None}
        if publish.error_class:
            return {"id": name, "status": "failed", "url": None, "error_class": publish.error_class, "error_message": publish.message}
        return {"id": name, "status": "completed", "url": self.live_url}

    # --- the emulator's own door ---

    def _own_door(self, name: str, given: dict[str, t.Any]) -> None:
        try:
            with self.world.lock:
                self._say(200, self._own(name, given), {})
        except (KeyError, ValueError, TypeError) as exc:
            self._say(400, {"message": f"{name}: {exc}"}, {})

    def _own(self, name: str, given: dict[str, t.Any]) -> t.Any:
        match self.command, name:
            case "POST", "faults":
                self.world.add_fault(**given)
                return {}
            case "DELETE", "faults":
                self.world.faults.clear()
                return {}
            case "PATCH", "settings":
                self.world.settings = dataclasses.replace(self.world.settings, **given)
                return dataclasses.asdict(self.world.settings)
            case "POST", "clock":
                self.world.push_on(float(given["seconds"]))
                return {}
            case "POST", "edits":
                return {"commit": self.world.edit(str(given.get("message", "Ask for a green button")))}
            case "POST", "publish":
                return {"id": self.world.publish().id}
            case "GET", "requests":
                return {"requests": list(self.log)}
            case "GET", "ready":
                return {}
        raise ValueError(f"there is no {self.command} of it")


def api(world: World, preview_url: str, live_url: str, root: Path) -> type[Api]:
    """The handler of the API of a world."""
    log: collections.deque[dict[str, t.Any]] = collections.deque(maxlen=REMEMBERED)
    return type("ApiOfAWorld", (Api,), {"world": world, "preview_url": preview_url, "live_url": live_url, "root": root, "log": log})
