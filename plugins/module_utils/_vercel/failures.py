# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Vercel refuses, as sentences."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

ABOUT_TOKENS = "Give a valid token of the team in 'token' (or VERCEL_TOKEN); tokens are made in the account's settings, under Tokens."
TEAM_HINT = "Set 'team' to the team that owns it, and use a token that may work for that team."
HINTS = {
    401: ABOUT_TOKENS,
    402: "The team's plan does not include this.",
    403: TEAM_HINT,
    404: "Look at the name, and at 'team': without the right team Vercel does not find what exists.",
    413: "Leave it out with .vercelignore, or load it from a store when the application runs.",
}


class ApiError(WebopsError):
    """Vercel said no. `status` is HTTP's, `code` Vercel's own, `data` the whole error object of the answer."""

    def __init__(self, what: str, status: int, data: t.Mapping[str, t.Any]) -> None:
        self.status = status
        self.code = str(data.get("code") or "")
        self.data = data
        said = str(data.get("message") or "no reason given").rstrip(".")
        marks = " ".join(filter(None, [str(status), self.code]))
        super().__init__(f"Vercel would not {what}: {said} ({marks}).", hint=_hint(status, data))


def error_object(body: t.Any) -> dict[str, t.Any]:
    """The error inside an answer: under `error`, under `err`, or bare."""
    if not isinstance(body, dict):
        return {}
    for key in ("error", "err"):
        if isinstance(body.get(key), dict):
            return t.cast("dict[str, t.Any]", body[key])
    return body


def _hint(status: int, data: t.Mapping[str, t.Any]) -> str:
    if data.get("invalidToken") or data.get("missingToken"):
        return ABOUT_TOKENS
    if data.get("saml"):
        return f"{TEAM_HINT} The team asks for its single sign-on: the token needs to be made after logging in that way."
    return HINTS.get(status, "")
