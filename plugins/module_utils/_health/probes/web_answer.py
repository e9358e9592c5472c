# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind http: does the URL answer as it should?"""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._health import trust
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import LARGEST_BODY, GoneError, Trip
from ansible_collections.holdfast.webops.plugins.module_utils._health.expectations import problems_of, version_in
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Finding
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web_answer import HttpTarget


def prepare(target: HttpTarget) -> None:
    """Files that cannot be used, and expressions that JMESPath does not understand."""
    trust.prepare(target.request.trust)
    for expression in target.expect_query:
        jmespath = need("jmespath")
        try:
            jmespath.compile(expression)
        except jmespath.exceptions.JMESPathError as exc:
            raise InputError(
                f"expect_query has the expression '{expression}', which does not compile: {str(exc).splitlines()[0]}.",
                hint="Write a JMESPath expression, such as services[?status!='up'] | length(@).",
            ) from None


def look(target: HttpTarget, deadline: Deadline, clock: Clock) -> Finding:
    """Ask, and judge the answer."""
    trip = Trip(target.request, deadline, clock)
    try:
        answer = trip.follow()
    except GoneError as exc:
        return Finding("", problems=(str(exc),), figures=trip.figures, evidence=trip.evidence())
    seen = f"answered {answer.status} in {trip.figures['total_ms']:.0f} ms"
    if not answer.complete:
        seen += f"; the body is longer than {LARGEST_BODY} bytes, the rest was not read"
    version = target.expect_version
    extra = [*target.expect_headers, *([version.place] if version and version.where == "header" else [])]
    evidence = trip.evidence(extra, value=version_in(answer, version) if version else None)
    return Finding(seen, problems=problems_of(answer, target), figures=trip.figures, evidence=evidence)
