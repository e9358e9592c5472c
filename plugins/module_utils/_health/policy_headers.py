# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The headers that carry out a security policy: the other direction of policies.py. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.security_headers import Cors, Hsts, read_policy

Given = t.Mapping[str, t.Any]
# What Permissions-Policy has as words; origins stand in quotes.
WORDS = ("self", "src", "*")


def headers_of(given: Given) -> dict[str, str]:
    """Header to value, lists in the order in which the policy gives them; InputError for a policy that no fixed headers carry out."""
    policy = read_policy("security_headers", given)
    headers = dict(policy.headers)
    if policy.hsts:
        headers["Strict-Transport-Security"] = _hsts(policy.hsts)
    if policy.permissions:
        headers["Permissions-Policy"] = _permissions(given["permissions"])
    if policy.csp:
        headers["Content-Security-Policy"] = _csp(given["csp"])
    return {**headers, **(_cors(policy.cors) if policy.cors else {})}


def _hsts(wanted: Hsts) -> str:
    words = [f"max-age={wanted.max_age}"]
    words += ["includeSubDomains"] if wanted.include_subdomains else []
    words += ["preload"] if wanted.preload else []
    return "; ".join(words)


def _permissions(wanted: t.Mapping[str, t.Optional[t.Sequence[str]]]) -> str:
    members = {feature: [origin if origin in WORDS else f'"{origin}"' for origin in allowed or []] for feature, allowed in wanted.items()}
    return ", ".join(f"{feature}=({' '.join(allowed)})" for feature, allowed in members.items())


def _csp(wanted: t.Mapping[str, t.Optional[t.Sequence[str]]]) -> str:
    return "; ".join(" ".join([directive, *(sources or [])]) for directive, sources in wanted.items())


def _cors(wanted: Cors) -> dict[str, str]:
    if len(wanted.origins) != 1:
        raise InputError(
            f"The policy lets {len(wanted.origins)} origins in, and fixed headers can name one.", hint="Let the application answer CORS."
        )
    headers = {
        "Access-Control-Allow-Origin": wanted.origins[0],
        "Access-Control-Allow-Methods": ", ".join(wanted.methods),
        "Access-Control-Allow-Headers": ", ".join(wanted.headers),
        "Access-Control-Allow-Credentials": "true" if wanted.credentials else "",
    }
    return {name: value for name, value in headers.items() if value}
