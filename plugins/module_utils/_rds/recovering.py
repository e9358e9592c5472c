# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of rds_backup: what an instance can go back to, a moment with a name, the way back, and the way back from that."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.examining import VALIDATION_OPTIONS, read_exam
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._rds import client, lost, restoring, snapshots, swapping, telling
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds, open_rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.holdings import Holdings, Snapshot, read_holdings, shown
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import LOST, Instance, refuse_member, refuse_unready
from ansible_collections.holdfast.webops.plugins.module_utils._rds.marks import read_marks
from ansible_collections.holdfast.webops.plugins.module_utils._rds.names import snapshot_of
from ansible_collections.holdfast.webops.plugins.module_utils._rds.orders import GRAMMAR, Order, order_for, read_target
from ansible_collections.holdfast.webops.plugins.module_utils._rds.protecting import check_backups
from ansible_collections.holdfast.webops.plugins.module_utils._rds.restoring import Questions
from ansible_collections.holdfast.webops.plugins.module_utils._rds.waiting import await_instance
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Target
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.ways import sound_moments, together

Values = t.Dict[str, t.Any]
Params = t.Mapping[str, t.Any]

ARGUMENTS: t.Final[dict[str, t.Any]] = {
    **client.ARGUMENTS,
    "state": {"type": "str", "choices": ["listed", "point", "proven", "restored", "undone"], "default": "listed"},
    "backups": {"type": "list", "elements": "dict", "default": []},
    "restore_point": {"type": "str"},
    "keep": {"type": "int"},
    "target": {"type": "str"},
    "confirm": {"type": "str"},
    "force": {"type": "bool", "default": False},
    "settings": lost.ARGUMENT,
    "database_url": {"type": "str", "no_log": True},
    "validations": {"type": "list", "elements": "dict", "default": [], "options": VALIDATION_OPTIONS},
    "canary": {"type": "str"},
    "proof_instance_class": {"type": "str"},
    "wait_timeout": {"type": "int", "default": 14400},
}
BELONGS: t.Final[t.Mapping[str, t.Sequence[str]]] = {
    "restore_point": ["point"],
    "keep": ["point"],
    "target": ["restored", "proven"],
    "confirm": ["restored", "undone"],
    "force": ["restored"],
    "settings": ["restored", "proven"],
    "validations": ["restored", "proven"],
    "canary": ["proven"],
    "proof_instance_class": ["proven"],
}


def recover(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Check all input, then look, then do what the state says."""
    params, state = call.params, call.params["state"]
    _check(params)
    target = read_target(params["target"]) if state in BELONGS["target"] else None
    questions = Questions(params["database_url"], read_exam(params))
    logical = sound_moments(params["backups"])
    rds = open_rds(call, clock or SystemClock())
    if state in BELONGS["confirm"]:
        restoring.check_confirm(params, rds.name)
    live = rds.instance(rds.name)
    if state == "undone":
        return _undone(call, rds, live, logical)
    if live is None and state == "restored" and target is not None:
        halfway = _second_rename(call, rds, target, questions, logical)
        if halfway is not None:
            return halfway
    if live is None and state == "point":
        raise NotFoundError(f"RDS has no instance {rds.name} in {rds.region}.", hint="Look at the name, the region and the account.")
    origin = live or lost.find(rds, params["settings"])
    refuse_member(origin)
    holdings = read_holdings(rds, origin)
    values = _values(rds, origin, holdings, params, logical)
    if state == "point":
        return _pointed(call, rds, origin, holdings.snapshots, values)
    if target is not None:
        way = _restored if state == "restored" else _proven
        return way(call, rds, origin, holdings, target, questions, values)
    return Outcome({}, {}, values, tuple(values["recovery_points"]["problems"]))


def _check(params: Params) -> None:
    state = params["state"]
    for option, owners in BELONGS.items():
        if params[option] and state not in owners:
            raise InputError(f"{option} is given with state: {state}.", hint=f"It belongs to state: {' or '.join(owners)}.")
    if state == "point" and not params["restore_point"]:
        raise InputError("restore_point is missing.", hint="Give the moment a name, such as before-release-42.")
    if state == "point":
        snapshot_of(params["db_instance_identifier"].lower(), params["restore_point"])
    check_backups(params["settings"] or {"backup_retention": None, "backup_window": None}, "settings: ")
    if (params["keep"] or 0) < 0:
        raise InputError(f"keep is {params['keep']}.", hint="Give how many restore points are kept, 1 or more; 0 removes none.")
    if state in BELONGS["target"] and not params["target"]:
        raise InputError("target is missing.", hint=GRAMMAR.hint)
    asked = [name for name in ("validations", "canary") if params[name]]
    if asked and not params["database_url"]:
        raise InputError(f"{' and '.join(asked)} are given without database_url.", hint="Give the connection with which they are asked.")


def _values(rds: Rds, live: Instance, holdings: Holdings, params: Params, logical: t.Sequence[t.Any]) -> Values:
    points = together(shown(rds.region, live, holdings), logical, params["backups"], holdings.now)
    return {"instance": telling.about(live), "recovery_points": points, "restore_point": None, "physical": None}


def _pointed(call: Call, rds: Rds, live: Instance, held: t.Sequence[Snapshot], values: Values) -> Outcome:
    """The new one first: what goes then is never the only one."""
    point, keep = call.params["restore_point"], call.params["keep"] or 0
    name = snapshot_of(rds.name, point)
    seen = snapshots.read_own(rds, point)
    going = snapshots.surplus(held, name, keep)
    before = {"restore_point": point if seen is not None else None, "surplus": [one.name for one in going]}
    failures: list[str] = []
    if not call.check_mode:
        if seen is None or not snapshots.is_made(seen):
            refuse_unready(live)
            seen = snapshots.make(call, rds, live, point, seen, counted=keep > 0)
        failures = snapshots.remove(rds, going)
    told = snapshots.shown(point, name, seen, going)
    return Outcome(before, {"restore_point": point, "surplus": []}, {**values, "restore_point": told}, tuple(failures))


def _restored(call: Call, rds: Rds, origin: Instance, holdings: Holdings, target: Target, questions: Questions, values: Values) -> Outcome:
    scene = restoring.look(rds, origin)
    marks = read_marks(scene.live)
    before = {"restored": marks.target if marks is not None and restoring.is_done(scene.live, target) else None}
    if marks is not None and before["restored"] and not call.params["force"]:
        live = _after_the_last_order(call, rds, origin)
        done = {**values, "instance": telling.about(live), "physical": telling.of_done(live, marks, holdings)}
        return Outcome(before, before, done, telling.of_leftover(scene.fresh))
    resumed = restoring.resumable(scene, target, rds.now)
    order = restoring.order_of(resumed, target) if resumed is not None else _order(rds, holdings, target)
    refuse_unready(origin)
    planned = telling.planned(origin, order, holdings, resumed)
    after = {"restored": f"{target} (again)" if before["restored"] else str(target)}
    if call.check_mode:
        return Outcome(before, after, {**values, "physical": planned})
    call.progress.show(f"restore to {target} | {planned['says']}")
    back = restoring.restore(call, rds, scene, order, resumed, questions)
    ended = {**planned, **telling.ended(back)}
    return Outcome(before, after, {**values, "instance": telling.about(back.instance), "physical": ended}, tuple(back.lost))


def _after_the_last_order(call: Call, rds: Rds, live: Instance) -> Instance:
    """A run that was killed behind its last rename left it under way to where it shall be. One that was stopped since stays so."""
    if call.check_mode or live.status in LOST:
        return live
    return await_instance(call, rds, live.name, resource=live.resource)


def _proven(call: Call, rds: Rds, live: Instance, holdings: Holdings, target: Target, questions: Questions, values: Values) -> Outcome:
    """A proof leaves nothing behind, so that nothing is changed."""
    order = _order(rds, holdings, target)
    planned = {**telling.planned(live, order, holdings, None), "says": telling.of_proof(live, order)}
    if call.check_mode:
        return Outcome({}, {}, {**values, "physical": planned})
    done = restoring.prove(call, rds, live, order, questions, call.params["proof_instance_class"])
    return Outcome({}, {}, {**values, "physical": {**planned, **telling.ended(done)}})


def _order(rds: Rds, holdings: Holdings, target: Target) -> Order:
    return order_for(target, holdings, snapshots.read_point(rds, target.point) if target.kind == "point" else None)


def _second_rename(call: Call, rds: Rds, target: Target, questions: Questions, logical: t.Sequence[t.Any]) -> t.Optional[Outcome]:
    """Nobody has the live name: where a run was killed before its last rename, that is done; else None."""
    scene = restoring.look(rds, None)
    marks = restoring.half_swapped(scene, rds.name, target)
    if marks is None or scene.fresh is None:
        return None
    order = restoring.order_of(marks, target)
    physical = telling.resumed_swap(rds.name, order, marks, rds.now, scene.fresh)
    before, after = {"restored": None}, {"restored": str(target)}
    values: Values = {"instance": telling.about(scene.fresh), "recovery_points": None, "restore_point": None, "physical": physical}
    if call.check_mode:
        return Outcome(before, after, values)
    done = restoring.restore(call, rds, scene, order, marks, questions)
    values = _values(rds, done.instance, read_holdings(rds, done.instance), call.params, logical)
    return Outcome(before, after, {**values, "physical": {**physical, **telling.ended(done)}}, tuple(done.lost))


def _undone(call: Call, rds: Rds, live: t.Optional[Instance], logical: t.Sequence[t.Any]) -> Outcome:
    undoing = swapping.plan_undo(rds, live)
    before, after = {"live": None if live is None else live.resource}, {"live": undoing.replaced.resource}
    seen = undoing.replaced if live is None else live
    if undoing.done:
        seen = _after_the_last_order(call, rds, seen)
    elif not call.check_mode:
        call.progress.show(undoing.says)
        seen = swapping.undo(call, rds, undoing, rds.now)
    values = _values(rds, seen, read_holdings(rds, seen), call.params, logical)
    return Outcome(before, after, {**values, "physical": telling.of_undo(rds.name, undoing, seen)})
