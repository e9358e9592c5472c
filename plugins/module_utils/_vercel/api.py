# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one client of Vercel's API: who asks, for which team, and what the answers mean. It decides nothing else.

Answers: https://vercel.com/docs/rest-api (errors, rate limits), wire format of the published OpenAPI description.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core import hosted
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import Answer, Ask, HostedApi, Query
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import patience
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError, error_object


@dataclasses.dataclass(frozen=True)
class Access(hosted.Access):
    """How to reach Vercel. `team` is an id (`team_...`), a slug, or empty."""

    team: str = ""

    @property
    def scope(self) -> dict[str, str]:
        """The parameters that every request carries."""
        if not self.team:
            return {}
        return {"teamId" if self.team.startswith("team_") else "slug": self.team}


class Api(HostedApi):
    """A session with Vercel."""

    vendor = "Vercel"
    limit_hint = "Run the task again then: what was uploaded stays there. A longer wait_timeout lets it wait by itself."
    _access: Access

    def get(self, what: str, path: str, query: t.Optional[Query] = None) -> t.Any:
        """What stands at a path; `what` completes 'Vercel would not ...'."""
        return self.ask(Ask(what, "GET", self._url(path, query), repeat=True)).data()

    def change(self, what: str, method: str, path: str, body: t.Any = None, *, repeat: bool, query: t.Optional[Query] = None) -> t.Any:
        """Send JSON. Without `repeat`, LostAnswerError says that nobody knows whether it was carried out."""
        encoded = json.dumps({} if body is None else body).encode()
        headers = {"Content-Type": "application/json"}
        return self.ask(Ask(what, method, self._url(path, query), repeat, headers, lambda: encoded)).data()

    def upload(self, what: str, path: str, headers: t.Mapping[str, str], body: t.Callable[[], t.Any]) -> None:
        """Send bytes whose name is their digest: again is the same as once."""
        self.ask(Ask(what, "POST", self._url(path, None), True, headers, body))

    def said(self, answer: Answer) -> str:
        return str(error_object(answer.data()).get("message") or "").rstrip(".")

    def limit_seconds(self, answer: Answer) -> float:
        return patience.after_limit(answer.headers, answer.data(), self.server_time())

    def refusal(self, what: str, answer: Answer) -> ApiError:
        return ApiError(what, answer.status, error_object(answer.data()) or {"message": hosted.told_otherwise(answer)})

    def _url(self, path: str, query: t.Optional[Query]) -> str:
        given = {name: str(value) for name, value in (query or {}).items() if value is not None}
        text = urllib.parse.urlencode({**given, **self._access.scope})
        return f"{self._access.api_url}{path}" + (f"?{text}" if text else "")
