# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges the headers of an answer against a security policy. Pure: sentences without a full stop, none when all is well.

Formats: RFC 6797 (HSTS), Content Security Policy Level 3, Permissions Policy, Fetch (CORS).
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.security_headers import Cors, Hsts, Policy

Headers = t.Mapping[str, str]
SHOWN = 160
CSP = "content-security-policy"


def problems_of(policy: Policy, headers: Headers) -> t.Iterator[str]:
    """What the headers of the page itself leave to be wished; CORS is judged by `cors_problems`."""
    for name in policy.absent:
        if name.lower() in headers:
            yield f"the header {name} is sent ('{headers[name.lower()][:SHOWN]}'), the policy wants it absent"
    for name, wanted in policy.headers.items():
        found = headers.get(name.lower())
        if found is None:
            yield f"there is no header {name}, the policy wants '{wanted}'"
        elif found.strip().lower() != wanted.strip().lower():
            yield f"the header {name} is '{found[:SHOWN]}' instead of '{wanted}'"
    if policy.hsts:
        yield from _hsts(policy.hsts, headers)
    if policy.permissions:
        yield from _permissions(policy.permissions, headers)
    if policy.csp:
        yield from _csp(policy.csp, headers)


def _hsts(wanted: Hsts, headers: Headers) -> t.Iterator[str]:
    value = headers.get("strict-transport-security")
    if value is None:
        yield "there is no header Strict-Transport-Security"
        return
    # Sent twice, only the first counts (RFC 6797, section 8.1).
    words = [word.strip().lower() for word in value.partition(",")[0].split(";")]
    ages = [int(match[1]) for match in (re.fullmatch(r'max-age\s*=\s*"?(\d{1,12})"?', word) for word in words) if match]
    if not ages:
        yield f"Strict-Transport-Security has no max-age ('{value[:SHOWN]}')"
    elif ages[0] < wanted.max_age:
        yield f"Strict-Transport-Security has max-age {ages[0]}, the policy wants at least {wanted.max_age}"
    if wanted.include_subdomains and "includesubdomains" not in words:
        yield "Strict-Transport-Security does not include subdomains"
    if wanted.preload and "preload" not in words:
        yield "Strict-Transport-Security does not allow preloading"


def _permissions(wanted: t.Mapping[str, frozenset[str]], headers: Headers) -> t.Iterator[str]:
    value = headers.get("permissions-policy")
    if value is None:
        yield "there is no header Permissions-Policy"
        return
    found = permissions_in(value)
    for feature, allowed in sorted(wanted.items()):
        if feature not in found:
            yield f"Permissions-Policy does not name {feature}, so that it is allowed"
        elif found[feature] != allowed:
            yield f"Permissions-Policy allows {feature} to {_list(found[feature])} instead of {_list(allowed)}"


def permissions_in(value: str) -> dict[str, frozenset[str]]:
    """Feature to allowlist: `camera=(), geolocation=(self "https://a")`, quotes removed."""
    found = {}
    for match in re.finditer(r"([a-z][a-z0-9-]*)\s*=\s*(?:\(([^)]*)\)|([^,\s]+))", value, re.IGNORECASE):
        members = match[2] if match[2] is not None else match[3]
        found[match[1].lower()] = frozenset(word.strip('"') for word in members.split())
    return found


def _csp(wanted: t.Mapping[str, frozenset[str]], headers: Headers) -> t.Iterator[str]:
    value = headers.get(CSP)
    if value is None:
        only = f"{CSP}-report-only" in headers
        yield "Content-Security-Policy is only reported on, not enforced" if only else "there is no header Content-Security-Policy"
        return
    if "," in value:  # no source holds one: several policies, all of which hold
        yield "several Content-Security-Policies are sent, of which browsers enforce the sum"
        return
    found = directives_in(value)
    for directive, sources in sorted(wanted.items()):
        if directive not in found:
            yield f"Content-Security-Policy has no {directive}, the policy wants {_list(sources)}"
            continue
        more, less = found[directive] - sources, sources - found[directive]
        if more:
            yield f"Content-Security-Policy allows {directive} {_list(more)}, which the policy does not"
        if less:
            yield f"Content-Security-Policy does not allow {directive} {_list(less)}, which the policy does"
    for directive in sorted(set(found) - set(wanted)):
        yield f"Content-Security-Policy has {directive}, which the policy does not name"


def directives_in(value: str) -> dict[str, frozenset[str]]:
    """Directive to sources; of a directive that comes twice the first counts."""
    found: dict[str, frozenset[str]] = {}
    for part in value.split(";"):
        words = part.split()
        if words and words[0].lower() not in found:
            found[words[0].lower()] = frozenset(words[1:])
    return found


def cors_problems(cors: Cors, origin: str, status: int, headers: Headers) -> t.Iterator[str]:
    """What the answer to a preflight from `origin` leaves to be wished; an origin that the policy does not name must be refused."""
    allowed = headers.get("access-control-allow-origin")
    if origin not in cors.origins:
        if allowed in ("*", origin):
            yield f"CORS lets {origin} in ('{allowed}'), which the policy does not name"
        return
    if not 200 <= status <= 299:
        yield f"CORS: the preflight from {origin} is answered {status}, which browsers take for a refusal"
    if allowed != origin:
        yield f"CORS: {origin} is answered with Access-Control-Allow-Origin {allowed!r}"
    yield from _cors_lists(cors, origin, headers)
    credentials = headers.get("access-control-allow-credentials") == "true"
    if credentials != cors.credentials:
        yield f"CORS {'allows' if credentials else 'does not allow'} {origin} credentials, the policy wants the opposite"


def _cors_lists(cors: Cors, origin: str, headers: Headers) -> t.Iterator[str]:
    for wanted, name in ((cors.methods, "Access-Control-Allow-Methods"), (cors.headers, "Access-Control-Allow-Headers")):
        found = {word.strip().lower() for word in headers.get(name.lower(), "").split(",") if word.strip()}
        if wanted and found != {word.lower() for word in wanted}:
            yield f"CORS: {name} for {origin} is {_list(found)} instead of {_list(word.lower() for word in wanted)}"


def _list(words: t.Iterable[str]) -> str:
    return ", ".join(sorted(words))[:SHOWN] or "nothing"
