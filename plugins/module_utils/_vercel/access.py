# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that every module of Vercel has, as a client."""

from __future__ import annotations

import re
import typing as t

from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted_options import checked_address, checked_times, checked_token
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Access, Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ABOUT_TOKENS

Params = t.Mapping[str, t.Any]

ARGUMENTS: dict[str, t.Any] = {
    "project": {"type": "str", "required": True},
    "token": {"type": "str", "no_log": True, "fallback": (env_fallback, ["VERCEL_TOKEN"])},
    "team": {"type": "str", "default": ""},
    "api_url": {"type": "str", "default": "https://api.vercel.com"},
    "request_timeout": {"type": "float", "default": 30},
}


def open_api(params: Params, clock: Clock, *, connections: int = 1) -> Api:
    """A client for one task; nothing is sent yet. InputError names the option that cannot be."""
    checked_times(params, ("wait_timeout", "request_timeout"))
    access = Access(
        api_url=checked_address("api_url", params["api_url"], "https://api.vercel.com"),
        token=checked_token("token", params["token"], ABOUT_TOKENS),
        timeout=params["request_timeout"],
        connections=connections,
        team=_team(params["team"]),
    )
    _checked_name("project", params["project"])
    return Api(access, clock, Deadline(clock, params["wait_timeout"]))


def _team(team: str) -> str:
    if team and not re.fullmatch(r"[A-Za-z0-9_-]+", team):
        raise InputError(f"team: '{team}' is neither an id (team_...) nor a slug.", hint="Both stand in the team's settings.")
    return team


def _checked_name(option: str, name: str) -> None:
    """What goes into a path must not be one."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name) or set(name) == {"."}:
        raise InputError(f"{option}: '{name}' is neither the id nor the name of a project.", hint="Letters, digits, '.', '_' and '-'.")
