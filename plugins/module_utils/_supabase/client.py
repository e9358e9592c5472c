# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one client of Supabase's Management API: paths under a project, and what the answers mean. It decides nothing else.

Wire format: the published OpenAPI description. Rate limits: https://supabase.com/docs/reference/api/introduction.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t
import urllib.parse

from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.holdfast.webops.plugins.module_utils._core import hosted, patience
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import Answer, Ask, HostedApi
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted_options import checked_address, checked_times, checked_token
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.failures import ABOUT_TOKENS, ApiError, words

Params = t.Mapping[str, t.Any]
# Parameters may be repeated: `services=auth&services=db`.
Query = t.Sequence[t.Tuple[str, str]]

API_URL = "https://api.supabase.com"
ARGUMENTS: dict[str, t.Any] = {
    "project_ref": {"type": "str", "required": True},
    "access_token": {"type": "str", "no_log": True, "fallback": (env_fallback, ["SUPABASE_ACCESS_TOKEN"])},
    "api_url": {"type": "str", "default": API_URL},
    "request_timeout": {"type": "float", "default": 30},
}


@dataclasses.dataclass(frozen=True)
class Access(hosted.Access):
    """How to reach a project. `project_ref` is its 20 letters."""

    project_ref: str = ""


class Supabase(HostedApi):
    """A session with the Management API about one project. A `path` is what follows /v1/projects/{ref}, empty for the project itself.

    `what` completes 'Supabase would not ...'. GET, PATCH, PUT and DELETE say how things shall be, so they are repeated after a lost answer;
    a POST says by `repeat` whether it may be. Without it LostAnswerError means that nobody knows whether it was carried out.
    """

    vendor = "Supabase"
    _access: Access

    @property
    def project_ref(self) -> str:
        """Of the project that this is about."""
        return self._access.project_ref

    def get(self, what: str, path: str, query: Query = ()) -> t.Any:
        """What stands at a path."""
        return self.ask(Ask(what, "GET", self._url(path, query), repeat=True)).data()

    def patch(self, what: str, path: str, body: t.Any) -> t.Any:
        """Change the fields in `body`."""
        return self._send_json(what, "PATCH", path, body, repeat=True)

    def put(self, what: str, path: str, body: t.Any) -> t.Any:
        """Have `body` instead of what is there."""
        return self._send_json(what, "PUT", path, body, repeat=True)

    def post(self, what: str, path: str, body: t.Any = None, *, repeat: bool) -> t.Any:
        """Have something done, or asked."""
        return self._send_json(what, "POST", path, body, repeat=repeat)

    def delete(self, what: str, path: str, body: t.Any = None) -> t.Any:
        """Take something away."""
        return self._send_json(what, "DELETE", path, body, repeat=True)

    def said(self, answer: Answer) -> str:
        return words(answer.data()).rstrip(".")

    def limit_seconds(self, answer: Answer) -> float:
        """Retry-After, else the seconds until the window ends."""
        seconds = patience.retry_after(answer.headers, self.server_time())
        if seconds is None:
            seconds = patience.number(answer.headers.get("X-RateLimit-Reset"))
        return patience.UNSAID if seconds is None else max(seconds, 0.0)

    def refusal(self, what: str, answer: Answer) -> ApiError:
        data = answer.data()
        return ApiError(what, answer.status, data if words(data) else {"message": hosted.told_otherwise(answer)})

    def _send_json(self, what: str, method: str, path: str, body: t.Any, *, repeat: bool) -> t.Any:
        encoded = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self.ask(Ask(what, method, self._url(path, ()), repeat, headers, lambda: encoded)).data()

    def _url(self, path: str, query: Query) -> str:
        text = urllib.parse.urlencode(query)
        return f"{self._access.api_url}/v1/projects/{self.project_ref}{path}" + (f"?{text}" if text else "")


def open_project(params: Params, clock: Clock, *, connections: int = 1) -> Supabase:
    """A client for one task; nothing is sent yet. InputError names the option that cannot be."""
    checked_times(params, ("wait_timeout", "request_timeout"))
    access = Access(
        api_url=checked_address("api_url", params["api_url"], API_URL),
        token=_token(params["access_token"]),
        timeout=params["request_timeout"],
        connections=connections,
        project_ref=checked_ref(params["project_ref"]),
    )
    return Supabase(access, clock, Deadline(clock, params["wait_timeout"]))


def _token(token: t.Optional[str]) -> str:
    found = checked_token("access_token", token, ABOUT_TOKENS)
    if re.match(r"eyJ|sb_(secret|publishable)_", found):
        raise InputError("access_token: this is one of the project's API keys, which the Management API does not take.", hint=ABOUT_TOKENS)
    return found


def checked_ref(ref: str) -> str:
    """The reference of a project: what goes into a path must not be one."""
    if not re.fullmatch(r"[a-z]{20}", ref):
        raise InputError(
            f"project_ref: '{ref}' is not the reference of a project.", hint="It is the 20 small letters before '.supabase.co'."
        )
    return ref
