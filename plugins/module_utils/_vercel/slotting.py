# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use cases of `vercel_slot` and `vercel_slot_info`: what the release engine does to a slot, as promotions of deployments."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import deployments, rolling, serving, slots, targets
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import Params, open_api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.deployments import Deployment
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.promoting import promote
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.rolling import Rollout
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import Serving
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.slots import Record, Slot, other


@dataclasses.dataclass(frozen=True)
class Seen:
    """A project as the contract sees it."""

    record: Record
    live: Serving
    rollout: t.Optional[Rollout]

    def share(self, slot: str) -> int:
        return slots.weights(self.record, self.live, self.rollout)[slot]

    def counted(self) -> dict[str, t.Any]:
        """What counts as a change: not the fencing number, which only remembers who was here."""
        shown = slots.status(self.record, self.live, self.rollout)
        return {name: shown[name] for name in ("weights", "slots")}


@dataclasses.dataclass(frozen=True)
class Plan:
    """`promotion` are options of vercel_promote, None where no traffic moves; `weights` is who has it afterwards."""

    record: Record
    promotion: t.Optional[dict[str, t.Any]] = None
    weights: t.Optional[dict[str, int]] = None


def look(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """What stands where."""
    seen = _look(open_api(call.params, clock or SystemClock()), call.params["project"])
    return Outcome({}, {}, {"platform": slots.status(seen.record, seen.live, seen.rollout)})


def reconcile(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Bring a slot into a state of the contract."""
    params = call.params
    _check(params)
    api = open_api(params, clock or SystemClock())
    before = _look(api, params["project"])
    _refuse_overtaken(before.record, params["fencing"])
    if params["state"] == "staged":
        params = {**params, "held": _deployment(api, before.live, params["deployment"])}
    plan = PLANS[params["state"]](before, params)
    if call.check_mode:
        return _outcome(before, _predicted(before, plan))
    record = _note(api, before, params["fencing"])
    if plan.promotion is not None:
        promote(dataclasses.replace(call, params={**params, **_UNSAID, **plan.promotion}), clock)
    wanted = dataclasses.replace(plan.record, fence=record.fence, id=record.id)
    if wanted.slots != record.slots:
        slots.write(api, before.live.project_id, wanted)
    after = _look(api, params["project"])
    return _outcome(before, slots.status(after.record, after.live, after.rollout))


def _look(api: Api, project: str) -> Seen:
    live = serving.read(api, project)
    rollout = rolling.read_if_any(api, live.project_id) if live.stages else None
    return Seen(slots.read(api, live.project_id), live, rollout)


def _check(params: Params) -> None:
    if not 0 <= params["percent"] <= 100:
        raise InputError(f"percent: {params['percent']} is not between 0 and 100.", hint="Give whole percent.")


def _refuse_overtaken(record: Record, fencing: int) -> None:
    if fencing < record.fence:
        raise ConflictError(
            f"fencing: {fencing} is older than {record.fence}, which was here since.",
            hint="Another run has taken over the lease. Start again from the beginning, with a lease of your own.",
            fence=record.fence,
        )


def _note(api: Api, before: Seen, fencing: int) -> Record:
    """Remember a fencing number before anything is changed."""
    if fencing == before.record.fence:
        return before.record
    return slots.write(api, before.live.project_id, dataclasses.replace(before.record, fence=fencing))


def _deployment(api: Api, live: Serving, named: str) -> Deployment:
    """The deployment that a slot gets: one of this project, built for production and ready."""
    found = deployments.read(api, deployments.address(named))
    targets.own(found, live, named)
    targets.refuse_wrong(found, "promote")
    return found


def _plan_claimed(seen: Seen, params: Params) -> Plan:
    """Nothing but the fencing number, and that no user is on the slot with another release."""
    slot, release = params["slot"], params["release"] or {}
    if seen.share(slot) and seen.record.slots[slot].release_id != release.get("id"):
        raise ConflictError(
            f"{slot} serves {seen.record.slots[slot].release_id} to {seen.share(slot)} % of the users; nothing else can be put there.",
            hint=f"Stage on {other(slot)}.",
        )
    return Plan(seen.record)


def _plan_staged(seen: Seen, params: Params) -> Plan:
    _plan_claimed(seen, params)
    about = params["release"]
    held = deployments.shown(params["held"]) or {}
    slot = Slot(held["id"], held["url"], about["id"], about["version"], about["commit"], about["artifact_sha256"], "running")
    return Plan(seen.record.with_slot(params["slot"], slot))


def _plan_shifted(seen: Seen, params: Params) -> Plan:
    slot, percent = params["slot"], params["percent"]
    held = seen.record.slots[slot]
    if held.deployment is None or held.release_id != params["release"]["id"]:
        raise ConflictError(f"{slot} holds {held.release_id or 'nothing'}, not {params['release']['id']}.", hint="Stage it there first.")
    shares = {slot: percent, other(slot): 100 - percent}
    record = seen.record.with_slot(slot, dataclasses.replace(held, state="running"))
    return Plan(record, {"deployment": held.deployment, "action": "promote", "share": percent}, shares)


def _plan_undone(seen: Seen, params: Params) -> Plan:
    """All traffic goes to the other slot, where there is a release that may have it; a first release keeps what it has."""
    slot = params["slot"]
    held, back = seen.record.slots[slot], seen.record.slots[other(slot)]
    record = seen.record.with_slot(slot, dataclasses.replace(held, state="stopped"))
    if not seen.share(slot) or back.deployment is None or back.state != "running":
        return Plan(record)
    shares = {slot: 0, other(slot): 100}
    if seen.rollout is not None and seen.rollout.running:
        return Plan(record, {"deployment": held.deployment, "action": "promote", "share": 0}, shares)
    why = f"{held.release_id} is undone"
    return Plan(record, {"deployment": back.deployment, "action": "rollback", "share": 100, "description": why}, shares)


def _plan_retired(seen: Seen, params: Params) -> Plan:
    """Vercel keeps every deployment; what may not get traffic again is marked, for the release engine."""
    slot = params["slot"]
    if params["keep_warm"]:
        return Plan(seen.record)
    if seen.share(slot):
        raise ConflictError(f"{slot} serves {seen.share(slot)} % of the users and cannot be retired.", hint="Move the traffic first.")
    return Plan(seen.record.with_slot(slot, dataclasses.replace(seen.record.slots[slot], state="stopped")))


PLANS: t.Final[dict[str, t.Callable[[Seen, Params], Plan]]] = {
    "claimed": _plan_claimed,
    "staged": _plan_staged,
    "shifted": _plan_shifted,
    "undone": _plan_undone,
    "retired": _plan_retired,
}

# The lease decides who may move traffic, so vercel_promote's own guards would only stand in the way; the domains never move by themselves.
_UNSAID: t.Final = {
    "version": None,
    "git_sha": None,
    "expect_current": None,
    "override_rollback": True,
    "allow_older": True,
    "auto_assign_custom_domains": False,
    "description": "",
}


def _predicted(before: Seen, plan: Plan) -> dict[str, t.Any]:
    seen = dataclasses.replace(before, record=plan.record)
    shown = slots.status(seen.record, seen.live, seen.rollout)
    if plan.weights is None:
        return shown
    weights = plan.weights
    live = max(slots.SLOTS, key=lambda name: (weights[name] == 100, name == shown["live_slot"]))
    return {**shown, "weights": weights, "live_slot": live, "idle_slot": other(live)}


def _outcome(before: Seen, after: dict[str, t.Any]) -> Outcome:
    return Outcome(before.counted(), {name: after[name] for name in ("weights", "slots")}, {"platform": after})
