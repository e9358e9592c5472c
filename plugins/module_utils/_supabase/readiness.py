# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a project can be configured now, soon, or not by waiting."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._core.pacing import Pace
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase

HEALTHY = "ACTIVE_HEALTHY"
USABLE = frozenset([HEALTHY, "ACTIVE_UNHEALTHY"])
# From these it comes by itself.
ON_ITS_WAY = frozenset(["COMING_UP", "RESTORING", "UPGRADING", "RESTARTING", "RESIZING", "UNKNOWN"])
PAUSED = frozenset(["INACTIVE", "PAUSING", "GOING_DOWN"])
FIRST, GROWTH, LONGEST = 0.25, 1.5, 5.0


def read(api: Supabase) -> dict[str, t.Any]:
    """The project, as the Management API has it."""
    return t.cast("dict[str, t.Any]", api.get("show the project", ""))


def await_usable(api: Supabase) -> dict[str, t.Any]:
    """The project, once it can be configured. Raises for one that waiting does not help, and when the time is over."""
    pace = Pace(api, FIRST, GROWTH, LONGEST)
    project = read(api)
    while not is_usable(project):
        if not pace.goes_on():
            raise DeadlineError(
                f"Project {project['ref']} is still {project['status']}.", hint="Run the task again later, or raise wait_timeout."
            )
        project = read(pace.looking)
    return project


def await_restarted(api: Supabase) -> dict[str, t.Any]:
    """The project, once it is healthy again after a restart of its database."""
    pace = Pace(api, FIRST, GROWTH, LONGEST)
    while True:
        project = read(pace.looking)
        is_usable(project)
        if project["status"] == HEALTHY and _database_answers(pace.looking):
            return project
        if not pace.goes_on():
            raise DeadlineError(
                f"Project {project['ref']} is {project['status']} after the restart of its database, and not healthy yet.",
                hint="What was changed stays; look at the project in the dashboard.",
            )


def is_usable(project: t.Mapping[str, t.Any]) -> bool:
    """Whether it can be configured; ConflictError for a state from which it does not come back by itself."""
    status = str(project.get("status"))
    if status in PAUSED:
        raise ConflictError(
            f"Project {project.get('ref')} is paused ({status}).",
            hint="Restore it in the dashboard, then run the task again.",
            status=status,
        )
    if status not in USABLE | ON_ITS_WAY:
        raise ConflictError(
            f"Project {project.get('ref')} is {status}, from which it does not come back by itself.",
            hint="Look at it in the dashboard, or ask Supabase's support.",
            status=status,
        )
    return status in USABLE


def _database_answers(api: Supabase) -> bool:
    services = api.get("tell the health of the database", "/health", [("services", "db"), ("timeout_ms", "5000")]) or []
    return all(bool(service.get("healthy")) for service in services)
