# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind supabase: does the project say that it is well, and do its own endpoints answer?

Management API: the published OpenAPI description (GET /v1/projects/{ref} and .../health). Endpoints of the project: the
services' sources; the storage service answers 200 whatever its health, so bodies are read.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import Answer, GoneError, Trip
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.supabase import Asked, SupabaseTarget

ACTIVE = "ACTIVE_HEALTHY"
TOO_MANY = 429


class _Tally:
    """What all requests of one look came to."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self.well: list[str] = []
        self.unwell: list[str] = []
        self.times: list[float] = []

    def service(self, name: str, wrong: str) -> None:
        """Count one service: well, or with a sentence that says what is wrong."""
        if wrong:
            self.problems.append(f"{name}: {wrong}")
            self.unwell.append(name)
        else:
            self.well.append(name)


def look(target: SupabaseTarget, deadline: Deadline, clock: Clock) -> Finding:
    """Ask one after the other, all by one deadline."""
    tally, evidence = _Tally(), Evidence()
    for asked in target.asked:
        trip = Trip(asked.request, deadline, clock)
        problems = len(tally.problems)
        try:
            answer = trip.follow()
        except GoneError as exc:
            tally.service(asked.label, str(exc))
        else:
            tally.times.append(trip.figures["total_ms"])
            _judge(asked, answer, tally)
        # Of several answers the one is shown that told of a problem, the first of them.
        if evidence == Evidence() or (len(tally.problems) > problems == 0):
            evidence = trip.evidence()
    figures = {
        "slowest_ms": max(tally.times, default=None),
        "services": len(tally.well) + len(tally.unwell),
        "healthy_services": len(tally.well),
    }
    seen = f"healthy are {', '.join(tally.well)}" if tally.well else "no service was asked"
    return Finding(seen, tuple(tally.problems), tuple(tally.warnings), figures=figures, evidence=evidence)


def _judge(asked: Asked, answer: Answer, tally: _Tally) -> None:
    if answer.status == TOO_MANY:
        wait = answer.headers.get("retry-after") or answer.headers.get("x-ratelimit-reset")
        tally.warnings.append(f"{asked.label} answered 429, too many requests{f'; the next may come in {wait} s' if wait else ''}")
        return
    if answer.status != 200:
        tally.service(asked.label, f"answered {answer.status}{_hint(answer.status)}")
        return
    try:
        document = json.loads(answer.body) if answer.body else None
    except (ValueError, RecursionError):
        tally.service(asked.label, "answered 200, but not with JSON")
        return
    if asked.reading == "services":
        _services(asked, document, tally)
    else:
        tally.service(asked.label, _READINGS[asked.reading](document))


def _hint(status: int) -> str:
    return {401: ": the key or token is not valid", 403: ": the key or token may not do this"}.get(status, "")


def _services(asked: Asked, document: t.Any, tally: _Tally) -> None:
    """Every service that was asked for must be there: one that is left out is not healthy."""
    found = {entry.get("name"): entry for entry in document if isinstance(entry, dict)} if isinstance(document, list) else {}
    wanted = [word.partition("=")[2] for word in asked.request.location.path.partition("?")[2].split("&")]
    for name in wanted:
        entry = found.get(name)
        if entry is None:
            tally.service(f"{name} (managed)", "the management API says nothing about it")
            continue
        status = str(entry.get("status"))
        error = f" ({str(entry['error'])[:200]})" if entry.get("error") else ""
        tally.service(f"{name} (managed)", "" if status == ACTIVE else f"its status is {status}{error}")


def _project(document: t.Any) -> str:
    status = document.get("status") if isinstance(document, dict) else None
    return "" if status == ACTIVE else f"its status is {status}"


def _auth(document: t.Any) -> str:
    return "" if isinstance(document, dict) and document.get("name") == "GoTrue" else "something else than GoTrue answers"


def _storage(document: t.Any) -> str:
    return "" if isinstance(document, dict) and document.get("healthy") is True else "it says that it is not healthy"


def _rest(document: t.Any) -> str:
    """The description of the API, or no row of a table."""
    return "" if isinstance(document, (dict, list)) else "something else than PostgREST answers"


def _realtime(document: t.Any) -> str:
    data = document.get("data", document) if isinstance(document, dict) else None
    return "" if isinstance(data, dict) and data.get("healthy") is True else "it says that it is not healthy"


_READINGS: t.Mapping[str, t.Callable[[t.Any], str]] = {
    "project": _project,
    "auth": _auth,
    "storage": _storage,
    "rest": _rest,
    "realtime": _realtime,
}
