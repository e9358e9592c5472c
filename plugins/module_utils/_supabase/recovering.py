# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of supabase_backup: what a project can go back to, a moment with a name, and the way back."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Target
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.ways import iso_or_none, sound_moments, together
from ansible_collections.holdfast.webops.plugins.module_utils._supabase import client, restore_points, restoring
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Supabase, open_project
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.holdings import Holdings, read_holdings, read_project, shown
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.orders import GRAMMAR, Order
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.restoring import UNDER_WAY
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.states import RESTORING, Project

Values = t.Dict[str, t.Any]
Params = t.Mapping[str, t.Any]

ARGUMENTS: t.Final[dict[str, t.Any]] = {
    **client.ARGUMENTS,
    "state": {"type": "str", "choices": ["listed", "point", "restored"], "default": "listed"},
    "backups": {"type": "list", "elements": "dict", "default": []},
    "restore_point": {"type": "str"},
    "target": {"type": "str"},
    "confirm": {"type": "str"},
    "force": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 7200},
}
BELONGS: t.Final = {"restore_point": "point", "target": "restored", "confirm": "restored"}


def recover(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Check all input, then look, then do what the state says."""
    params = call.params
    _check(params)
    target = GRAMMAR.read(params["target"]) if params["state"] == "restored" else None
    logical = sound_moments(params["backups"])
    api = open_project(params, clock or SystemClock())
    project = read_project(api)
    if target is not None and project.status == RESTORING:
        return _resumed(call, api, project, target, logical)
    with restore_points.plan_explained():
        holdings = read_holdings(api)
    values = _values(project, holdings, params, logical)
    if target is not None:
        return _restored(call, api, project, holdings, target, values)
    if params["state"] == "point":
        return _pointed(call, api, values)
    return Outcome({}, {}, values, tuple(values["recovery_points"]["problems"]))


def _check(params: Params) -> None:
    state = params["state"]
    for option, owner in BELONGS.items():
        if params[option] and state != owner:
            raise InputError(f"{option} is given with state: {state}.", hint=f"It belongs to state: {owner}.")
    if state == "point":
        restore_points.check_name("restore_point", params["restore_point"] or "")
    if state == "restored":
        if not params["target"]:
            raise InputError("target is missing.", hint=GRAMMAR.hint)
        restoring.check_confirm(params)


def _values(project: Project, holdings: Holdings, params: Params, logical: t.Sequence[t.Any]) -> Values:
    points = together(shown(project, holdings), logical, params["backups"], holdings.now)
    return {"project": _about(project), "recovery_points": points, "restore_point": None, "physical": None}


def _about(project: Project) -> Values:
    """The documented value `project`."""
    return {"ref": project.ref, "name": project.name, "region": project.region, "status": project.status}


def _pointed(call: Call, api: Supabase, values: Values) -> Outcome:
    name = call.params["restore_point"]
    with restore_points.plan_explained():
        seen = restore_points.read(api, name)
        made = seen is not None and seen.is_made()
        before = {"restore_point": name if seen is not None else None}
        if made or call.check_mode:
            point = seen.shown() if seen is not None else {"name": name, "status": None, "at": None}
        else:
            point = restore_points.make(api, name, seen).shown()
    return Outcome(before, {"restore_point": name}, {**values, "restore_point": point})


def _restored(call: Call, api: Supabase, project: Project, holdings: Holdings, target: Target, values: Values) -> Outcome:
    with restore_points.plan_explained():
        order = restoring.plan(api, project, holdings, target, force=call.params["force"])
    loss = order.loss(holdings.now)
    planned = _physical(project, order, holdings, loss)
    before, after = {"restored": None}, {"restored": str(target)}
    if call.check_mode:
        return Outcome(before, after, {**values, "physical": planned})
    done = restoring.carry_out(call, api, project, order, loss)
    ended = {"status": done.project.status, "duration_s": round(done.seconds, 1)}
    return Outcome(before, after, {**values, "project": _about(done.project), "physical": {**planned, **ended}})


def _resumed(call: Call, api: Supabase, project: Project, target: Target, logical: t.Sequence[t.Any]) -> Outcome:
    """Somebody's restore is under way, most likely that of a run which was killed: wait for it, and order none."""
    said = {"cluster": project.ref, "target": str(target), "says": UNDER_WAY, "resumed": True}
    physical = {
        **dict.fromkeys(("moment", "lost_seconds", "newest", "way", "backup")),
        **said,
        "status": project.status,
        "duration_s": None,
    }
    before = {"status": project.status}
    if call.check_mode:
        values = {"project": _about(project), "recovery_points": None, "restore_point": None, "physical": physical}
        return Outcome(before, {"status": "ACTIVE_HEALTHY"}, values, (UNDER_WAY,))
    done = restoring.wait_for_other(call, api)
    ended = {**physical, "status": done.project.status, "duration_s": round(done.seconds, 1)}
    values = {**_values(done.project, read_holdings(api), call.params, logical), "physical": ended}
    return Outcome(before, {"status": done.project.status}, values, (UNDER_WAY,))


def _physical(project: Project, order: Order, holdings: Holdings, loss: str) -> Values:
    """The documented value `physical`, before anything is done."""
    return {
        "cluster": project.ref,
        "target": str(order.target),
        "moment": iso(order.moment),
        "lost_seconds": order.lost_seconds(holdings.now),
        "newest": iso_or_none(holdings.newest),
        "way": order.way,
        "backup": order.backup,
        "says": loss,
        "resumed": False,
        "status": project.status,
        "duration_s": None,
    }
