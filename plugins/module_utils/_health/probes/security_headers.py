# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind security_headers: do the headers carry out the policy? One GET, and for CORS a preflight for each origin."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._health import trust
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import GoneError, Trip
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Finding
from ansible_collections.holdfast.webops.plugins.module_utils._health.policies import cors_problems, problems_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.security_headers import Cors, SecurityHeadersTarget
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Request

# An origin that no policy names: the name cannot exist (RFC 2606).
FOREIGN = "https://stranger.invalid"
SHOWN_HEADERS = (
    "access-control-allow-origin",
    "content-security-policy",
    "content-security-policy-report-only",
    "permissions-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
)


def prepare(target: SecurityHeadersTarget) -> None:
    trust.prepare(target.request.trust)


def look(target: SecurityHeadersTarget, deadline: Deadline, clock: Clock) -> Finding:
    """The status of the answer does not matter: an error page has to be as well protected as any other."""
    trip = Trip(target.request, deadline, clock)
    figures: dict[str, t.Any] = {"total_ms": None, "redirects": 0}
    try:
        answer = trip.follow()
        problems = list(problems_of(target.policy, answer.headers))
        if target.policy.cors:
            problems += _cors(target.policy.cors, target.request, deadline, clock)
    except GoneError as exc:
        return Finding("", problems=(str(exc),), figures=figures, evidence=trip.evidence(SHOWN_HEADERS))
    figures.update(total_ms=trip.figures["total_ms"], redirects=trip.figures["redirects"])
    evidence = trip.evidence([*SHOWN_HEADERS, *target.policy.headers, *target.policy.absent])
    return Finding("the headers carry out the policy", problems=tuple(problems), figures=figures, evidence=evidence)


def _cors(cors: Cors, request: Request, deadline: Deadline, clock: Clock) -> t.Iterator[str]:
    for origin in (*cors.origins, FOREIGN):
        asked = {"Origin": origin, "Access-Control-Request-Method": (cors.methods or ("GET",))[0]}
        if cors.headers:
            asked["Access-Control-Request-Headers"] = ", ".join(cors.headers).lower()
        # Browsers follow no redirect of a preflight.
        preflight = dataclasses.replace(request, method="OPTIONS", headers={**request.headers, **asked}, follow_redirects=False)
        answer = Trip(preflight, deadline, clock).follow()
        yield from cors_problems(cors, origin, answer.status, answer.headers)
