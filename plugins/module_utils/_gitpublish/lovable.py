# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lovable's public API: what it knows of a project, and publishing it. It decides nothing else.

https://docs.lovable.dev/api-reference, version 2026-09-11. A publish takes whatever commit is the latest; it can name none, and there is
no way back but another publish.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core import patience
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import Access, Answer, Ask, HostedApi, told_otherwise

VERSION = "2026-09-11"
# Seconds between two looks at the same thing; Lovable allows no more.
INTERVAL = 2.0
TRIES = 3
ABOUT_KEYS = "Give a key of the workspace (lov_...) in 'api_key'; keys are made in the workspace's settings, in plans from Business on."
HINTS = {
    401: ABOUT_KEYS,
    402: "Lovable's API is part of its plans from Business on; without it, publish by hand (publisher: manual).",
    403: "The key needs the scopes projects:read and projects:write, and must be one of the project's workspace.",
    404: "Look at 'project': it is the id in the address of the project's editor.",
}
# What people do about each class of error; only the first one goes away by itself.
CLASSES = {
    "transient": "Run the task again later.",
    "code": "The build failed: mend the code, and deploy another commit.",
    "configuration": "Look at the project's settings for publishing.",
    "data": "Look at the project's data and its migrations.",
    "integration": "Look at what the project is connected with.",
    "policy": "The workspace does not allow it: its owner can.",
    "internal": "Something is wrong at Lovable: look at its status page.",
}


class PublishError(WebopsError):
    """A publish that Lovable gave up. `error_class` is Lovable's."""

    def __init__(self, error_class: str, message: str, deployment: str) -> None:
        self.error_class = error_class
        said = f": {message.rstrip('.')}" if message else ""
        super().__init__(
            f"Lovable's publish {deployment} failed ({error_class}){said}. Users still have what they had.",
            hint=CLASSES.get(error_class, "Look at the project at Lovable."),
            error_class=error_class,
        )


@dataclasses.dataclass(frozen=True)
class Project:
    """What Lovable knows of a project. `latest` is the newest commit of the branch that it has seen."""

    latest: str
    preview_url: str


class Lovable(HostedApi):
    """A session with Lovable."""

    vendor = "Lovable"

    def __init__(self, access: Access, project: str, clock: Clock, deadline: Deadline) -> None:
        super().__init__(access, clock, deadline)
        del self._session.headers["Authorization"]
        self._session.headers.update({"Lovable-API-Key": access.token, "Lovable-Version": VERSION})
        self._project = f"{access.api_url}/v1/projects/{project}"

    def said(self, answer: Answer) -> str:
        data = answer.data()
        inner = data.get("error") if isinstance(data, dict) else None
        found = inner if isinstance(inner, dict) else data if isinstance(data, dict) else {}
        return str(found.get("message") or "").rstrip(".")

    def limit_seconds(self, answer: Answer) -> float:
        said = patience.retry_after(answer.headers, self.server_time())
        return patience.UNSAID if said is None else max(said, 0.0)

    def refusal(self, what: str, answer: Answer) -> WebopsError:
        said = self.said(answer) or told_otherwise(answer).rstrip(".")
        return WebopsError(f"Lovable would not {what}: {said} ({answer.status}).", hint=HINTS.get(answer.status, ""))

    def project(self) -> Project:
        """What it knows now."""
        data = self.ask(Ask("tell about the project", "GET", self._project, repeat=True)).data()
        found = data if isinstance(data, dict) else {}
        return Project(str(found.get("latest_commit_sha") or ""), str(found.get("preview_url") or ""))

    def publish(self, tell: t.Callable[[str], None]) -> None:
        """Publish what is latest, and wait until it is out. What fails by chance is tried again. PublishError, DeadlineError."""
        for left in reversed(range(TRIES)):
            try:
                self._await(self._begin(), tell)
            except PublishError as exc:
                if exc.error_class != "transient" or not left:
                    raise
                tell(exc.message)
                self._sleep("publish the project again")
            else:
                return

    def _begin(self) -> str:
        """The id of a new publish. One more than needed is harmless: it publishes the same commit."""
        headers = {"Content-Type": "application/json"}
        data = self.ask(Ask("publish the project", "POST", f"{self._project}/publish", True, headers, lambda: b"{}")).data()
        deployment = data.get("id") if isinstance(data, dict) else None
        if not deployment:
            raise WebopsError("Lovable began to publish and did not say under which id.", hint="Run the task again: it looks first.")
        return str(deployment)

    def _await(self, deployment: str, tell: t.Callable[[str], None]) -> None:
        while True:
            data = self.ask(Ask("tell about the publish", "GET", f"{self._project}/publish/{deployment}", repeat=True)).data()
            found = data if isinstance(data, dict) else {}
            if found.get("error_class"):
                raise PublishError(str(found["error_class"]), str(found.get("error_message") or found.get("message") or ""), deployment)
            if found.get("url"):
                return
            tell(f"Lovable publishes: {found.get('status') or 'no word'}")
            self._sleep(f"see the end of the publish {deployment}")

    def _sleep(self, what: str) -> None:
        if self.deadline.remaining() < INTERVAL:
            raise DeadlineError(
                f"There was no time left to {what}.",
                hint="It goes on by itself. Raise publish_timeout, or run the task again: it looks first.",
            )
        self.clock.sleep(INTERVAL)
