# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Supabase refuses, as sentences."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

ABOUT_TOKENS = (
    "Give a valid access token (sbp_...) in 'access_token' (or SUPABASE_ACCESS_TOKEN); "
    "tokens are made in the account's settings, under Access Tokens."
)
HINTS = {
    401: ABOUT_TOKENS,
    402: "The organisation's plan does not include this: raise the plan, or take it out of the configuration.",
    403: "Look at 'project_ref', and whether the token's account may do this in the project's organisation.",
    404: "Look at 'project_ref': Supabase knows no such project, or the project has no such thing.",
}


class ApiError(WebopsError):
    """Supabase said no. `status` is HTTP's, `data` the whole object of the answer."""

    def __init__(self, what: str, status: int, data: t.Mapping[str, t.Any], *, hint: t.Optional[str] = None) -> None:
        self.status = status
        self.data = data
        told = words(data).rstrip(".") or "no reason given"
        super().__init__(f"Supabase would not {what}: {told} ({status}).", hint=HINTS.get(status, "") if hint is None else hint)


def words(body: t.Any) -> str:
    """What an error says: the Management API under `message`, a gateway under `error` or `msg`."""
    if not isinstance(body, dict):
        return ""
    for key in ("message", "error", "msg", "error_description"):
        said = body.get(key)
        if said:
            return "; ".join(map(str, said)) if isinstance(said, list) else str(said)
    return ""
