# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of every module that talks to a hosted API, judged."""

from __future__ import annotations

import ipaddress
import re
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError


def checked_times(params: t.Mapping[str, t.Any], names: t.Sequence[str]) -> None:
    """Each option is a time above 0, in seconds."""
    for name in names:
        if params[name] <= 0:
            raise InputError(f"{name}: {params[name]:g} is not a time.", hint="Give seconds above 0.")


def checked_token(option: str, token: t.Optional[str], hint: str) -> str:
    """A token that can stand in a header; it is never in the sentence."""
    if not token:
        raise InputError(f"{option}: no token was given.", hint=hint)
    if not re.fullmatch(r"[!-~]+", token):
        raise InputError(f"{option}: the token holds spaces, line ends or letters outside ASCII, so it is not one.", hint=hint)
    return token


def checked_address(option: str, text: str, example: str) -> str:
    """The address of an API without its last slash; what would send a token unencrypted is refused unless it stays on this machine."""
    parts = urllib.parse.urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise InputError(f"{option}: '{text}' is not the address of an API.", hint=f"Write it as {example}.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise InputError(f"{option}: '{text}' would send the token unencrypted.", hint="Use https://, or http:// on this machine only.")
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
