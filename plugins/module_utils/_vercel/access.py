# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that every module of Vercel has, as a client."""

from __future__ import annotations

import ipaddress
import re
import typing as t
import urllib.parse

from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
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
    for name in ("wait_timeout", "request_timeout"):
        if params[name] <= 0:
            raise InputError(f"{name}: {params[name]:g} is not a time.", hint="Give seconds above 0.")
    access = Access(_url(params["api_url"]), _token(params["token"]), _team(params["team"]), params["request_timeout"], connections)
    _checked_name("project", params["project"])
    return Api(access, clock, Deadline(clock, params["wait_timeout"]))


def _token(token: t.Optional[str]) -> str:
    if not token:
        raise InputError("token: no token was given.", hint=ABOUT_TOKENS)
    if not re.fullmatch(r"[!-~]+", token):
        raise InputError("token: the token holds spaces, line ends or letters outside ASCII, so it is not one.", hint=ABOUT_TOKENS)
    return token


def _team(team: str) -> str:
    if team and not re.fullmatch(r"[A-Za-z0-9_-]+", team):
        raise InputError(f"team: '{team}' is neither an id (team_...) nor a slug.", hint="Both stand in the team's settings.")
    return team


def _checked_name(option: str, name: str) -> None:
    """What goes into a path must not be one."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name) or set(name) == {"."}:
        raise InputError(f"{option}: '{name}' is neither the id nor the name of a project.", hint="Letters, digits, '.', '_' and '-'.")


def _url(text: str) -> str:
    parts = urllib.parse.urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise InputError(f"api_url: '{text}' is not the address of an API.", hint="Write it as https://api.vercel.com.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise InputError(f"api_url: '{text}' would send the token unencrypted.", hint="Use https://, or http:// on this machine only.")
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
