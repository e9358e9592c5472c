# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole project as it was at a moment: ordered, waited for, looked at.

Supabase keeps no record of what a project was restored to. What a second run can know is that a restore is under way: then it waits.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError
from ansible_collections.holdfast.webops.plugins.module_utils._core.pacing import Pace
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Target
from ansible_collections.holdfast.webops.plugins.module_utils._supabase import restore_points
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.holdings import Holdings, read_project
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.orders import Order, order_for
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.states import RESTORING, Looks, Project, refuse_unready

# Seconds. An order that was taken shows in the status of the project within seconds; the rest is for a bad day.
BEGINS_WITHIN = 120.0
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.5, 10.0, 1.5
UNDER_WAY = (
    "A restore of the project was under way and was waited for, instead of ordering another one. Supabase does not tell to which moment; "
    "if somebody else had ordered it, run the task again."
)


@dataclasses.dataclass(frozen=True)
class Restored:
    """How it ended: the project afterwards, and how long it took."""

    project: Project
    seconds: float


def check_confirm(params: t.Mapping[str, t.Any]) -> None:
    """Whoever restores has to name what is replaced."""
    ref = params["project_ref"]
    if params["confirm"] != ref:
        given = f"confirm is '{params['confirm']}'" if params["confirm"] else "confirm is missing"
        raise InputError(
            f"{given}, and the whole project {ref} would go back.",
            hint=f"If you mean it, set confirm to {ref}; for the playbook restore: -e portal_restore_confirm={ref}. Nothing was touched.",
        )


def plan(api: Supabase, project: Project, holdings: Holdings, target: Target, *, force: bool) -> Order:
    """What would be ordered; nothing is touched yet."""
    refuse_unready(project, force=force)
    point = None
    if target.kind == "point":
        found = restore_points.read(api, target.point)
        point = found.at if found is not None and found.is_made() else None
    return order_for(target, holdings, point)


def carry_out(call: Call, api: Supabase, project: Project, order: Order, loss: str) -> Restored:
    """Say what is lost, order it, wait for it."""
    call.log(f"restore of project {project.ref} to {order.target} ordered. {loss}")
    call.progress.show(f"restore to {order.target} | {loss}")
    begun = api.clock.monotonic()
    lost_answer = ""
    try:
        with restore_points.plan_explained():
            api.post(f"restore the project to {order.target}", order.path, order.body, repeat=False)
    except LostAnswerError as exc:
        lost_answer = exc.message
    ended = wait(call, api, Looks(project.status), lost_answer)
    return Restored(ended, api.clock.monotonic() - begun)


def wait_for_other(call: Call, api: Supabase) -> Restored:
    """A restore that a run before this one, or somebody else, has ordered."""
    begun = api.clock.monotonic()
    return Restored(wait(call, api, Looks(RESTORING, begun=True), ""), api.clock.monotonic() - begun)


def wait(call: Call, api: Supabase, looks: Looks, lost_answer: str) -> Project:
    """Look until the project is back. WebopsError where it will not come back, DeadlineError where that is not known yet."""
    to_begin, pace = Deadline(api.clock, BEGINS_WITHIN), Pace(api, FIRST_PAUSE, GROWTH, LONGEST_PAUSE)
    while True:
        project = read_project(pace.looking)
        looks = looks.after(project.status)
        if looks.is_done(project.status):
            return project
        call.progress.show(f"restore | the project is {project.status}")
        if not looks.begun and to_begin.expired:
            raise _never_began(project, lost_answer)
        if not pace.goes_on():
            raise DeadlineError(
                f"The restore is not over within wait_timeout; the project is {project.status}.",
                hint="Run the same task again: it finds the restore and waits for it.",
                status=project.status,
            )


def _never_began(project: Project, lost_answer: str) -> WebopsError:
    said = lost_answer or "Supabase took the order."
    return WebopsError(
        f"{said} The project was {project.status} for {BEGINS_WITHIN:.0f} s, and no restore was seen.",
        hint="Look at it in the dashboard before you run the task again.",
        status=project.status,
    )
