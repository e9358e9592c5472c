# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of `vercel_promote`: which deployment production serves, decided by what its domains serve."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import deployments, moving, rolling, serving, targets
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import Params, open_api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.awaiting import saying_what_is_live
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.deployments import Deployment, created, id_of
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.rolling import Rollout
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import Serving


@dataclasses.dataclass(frozen=True)
class State:
    """What is served, and what is on its way."""

    live: Serving
    rollout: t.Optional[Rollout]

    def share(self, target: str) -> int:
        return rolling.share_of(self.rollout, target, serves=self.live.serves(target))

    @property
    def running(self) -> t.Optional[Rollout]:
        return self.rollout if self.rollout is not None and self.rollout.running else None

    def shown(self, target: str) -> dict[str, t.Any]:
        """What counts as a change."""
        return {
            "domains": dict(self.live.domains),
            "share": self.share(target),
            "auto_assign_custom_domains": self.live.auto_assign,
            "rolling_release": self.running.canary if self.running else None,
        }


def promote(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Have production serve a deployment, or a share of it."""
    params = call.params
    _check(params)
    api = open_api(params, clock or SystemClock())
    with saying_what_is_live(api, params["project"]):
        before = _look(api, params["project"])
        if not before.live.domains:
            raise NotFoundError(
                f"project: '{before.live.name}' has no production domain that serves anything.",
                hint="Its first production deployment gets them by itself: vercel_deploy with staged: false; vercel_domain adds domains.",
            )
        target = targets.find(api, before.live, params)
        action = _action(params)
        settled = _is_settled(before, id_of(target), params)
        if not settled:
            targets.refuse_wrong(target, action)
            _guard(api, before, target, action, params)
        keep = _auto_assign(before, action, params)
        if call.check_mode:
            return _outcome(api, target, action, before, _predicted(before, id_of(target), keep, params))
        if settled:
            return _outcome(api, target, action, before, _restored(api, before, keep))
        _move(call, api, before, id_of(target), action)
        after = _restored(api, _look(api, params["project"]), keep)
        return _outcome(api, deployments.read(api, id_of(target)), action, before, after)


def _check(params: Params) -> None:
    targets.check(params)
    if not 0 <= params["share"] <= 100:
        raise InputError(f"share: {params['share']} is not between 0 and 100.", hint="Give whole percent.")
    if params["action"] == "rollback" and params["share"] != 100:
        raise InputError("share: a rollback gives a deployment all users.", hint="Leave it out, or use action: promote.")


def _action(params: Params) -> str:
    return str(params["action"] or ("rollback" if params["deployment"] == targets.PREVIOUS else "promote"))


def _look(api: Api, project: str) -> State:
    live = serving.read(api, project)
    return State(live, rolling.read_if_any(api, live.project_id) if live.stages else None)


def _is_settled(state: State, target: str, params: Params) -> bool:
    """Whether there is nothing to move."""
    if params["share"] == 100:
        return state.live.serves(target) and state.running is None
    return bool(state.share(target) == params["share"])


def _guard(api: Api, state: State, target: Deployment, action: str, params: Params) -> None:
    """What somebody has decided meanwhile is not overwritten."""
    live, expected = state.live, params["expect_current"]
    if expected is not None and live.current != deployments.address(expected):
        raise ConflictError(
            f"expect_current: production does not serve {expected}. Live now: {live.told()}.",
            hint="Somebody has deployed meanwhile. Look at it, then name what is live now.",
        )
    if params["share"] < 100:
        _refuse_share(live, id_of(target), params["share"])
    if params["share"] == 0:
        return
    if action == "rollback":
        return
    rolling.check_share(params["share"], state.running.stages if state.running else live.stages)
    if state.share(id_of(target)) == 0:
        _guard_order(api, live, target, params)


def _refuse_share(live: Serving, target: str, share: int) -> None:
    """A part of the users needs another deployment for the rest."""
    if live.serves(target):
        raise ConflictError(f"share: {target} serves all users; that cannot be taken back to {share} %.", hint="Roll back instead.")
    if share and not live.current:
        raise ConflictError(
            f"share: no deployment serves production that the others could get. Live now: {live.told()}.",
            hint="Give the first one all users: share: 100.",
        )


def _guard_order(api: Api, live: Serving, target: Deployment, params: Params) -> None:
    """A rollback stays until somebody says otherwise, and an old build does not replace a newer one by being late."""
    current = targets.current_of(api, live)
    if not live.auto_assign and not params["override_rollback"] and targets.pinned(live, current, targets.promoted(api, live)):
        raise ConflictError(
            f"Production was rolled back to {live.current} and is meant to stay there; {id_of(target)} would end that.",
            hint="Set override_rollback: true when the reason of the rollback is mended.",
        )
    if params["allow_older"] or target.get("readySubstate") == "PROMOTED" or current is None:
        return
    if created(target) < created(current):
        raise ConflictError(
            f"deployment: {id_of(target)} is older than {live.current}, which production serves, and has never served it.",
            hint="Set allow_older: true to promote it all the same.",
        )


def _auto_assign(before: State, action: str, params: Params) -> t.Optional[bool]:
    """What autoAssignCustomDomains is to be afterwards; None leaves what Vercel makes of it.

    A promotion turns it on. A rollback turns it off, which keeps the next deployment from ending the rollback.
    """
    if params["auto_assign_custom_domains"] is not None:
        return bool(params["auto_assign_custom_domains"])
    return None if action == "rollback" else before.live.auto_assign


def _move(call: Call, api: Api, before: State, target: str, action: str) -> None:
    params, live, progress = call.params, before.live, call.progress
    if params["share"] == 0:
        base = before.running.base if before.running else None
        if base:
            _end(call, api, before, base)
    elif action == "promote" and live.stages and live.current:  # the first one has nothing to roll out from
        rolling.reach(api, live.project_id, target, params["share"], progress, live.rolled_back)
        if params["share"] == 100:
            moving.wait_moved(api, live, target, progress)
    elif live.serves(target):  # nothing but a rolling release of another one is to be ended
        _end(call, api, before, target)
    else:
        moving.move(api, live, target, action, params["description"], progress)


def _end(call: Call, api: Api, before: State, base: str) -> None:
    """End a rolling release, which Vercel does by a rollback to what it began from."""
    moving.request(api, before.live, base, "rollback", call.params["description"])
    rolling.wait_ended(api, before.live.project_id)
    moving.wait_moved(api, before.live, base, call.progress)


def _restored(api: Api, after: State, keep: t.Optional[bool]) -> State:
    """Set back what Vercel has changed beside the domains."""
    if keep is None or after.live.auto_assign == keep:
        return after
    path = f"/v9/projects/{after.live.project_id}"
    api.change("set autoAssignCustomDomains", "PATCH", path, {"autoAssignCustomDomains": keep}, repeat=True)
    return dataclasses.replace(after, live=serving.read(api, after.live.project_id))


def _predicted(before: State, target: str, keep: t.Optional[bool], params: Params) -> State:
    """What a real run would leave."""
    live = before.live
    if keep is None:
        keep = live.auto_assign if _is_settled(before, target, params) else False
    share = params["share"]
    domains = dict.fromkeys(live.domains, target) if share == 100 else live.domains
    moved = dataclasses.replace(live, domains=domains, auto_assign=keep)
    if share in {0, 100}:
        return State(moved, None)
    base = before.running.base if before.running else live.current
    return State(moved, Rollout("ACTIVE", target, base, share, (), 0, True))


def _outcome(api: Api, target: Deployment, action: str, before: State, after: State) -> Outcome:
    named = id_of(target)
    pinned_before = not before.live.auto_assign and before.live.request.get("type") == "rollback"
    warnings = []
    if pinned_before and action == "promote" and not after.live.auto_assign and before.live.current != after.live.current:
        warnings.append(
            "The rollback is over, but autoAssignCustomDomains is still off, as the rollback has left it: pushes to git do not go live by "
            "themselves. Set auto_assign_custom_domains: true if they are meant to."
        )
    values = {
        "deployment": deployments.shown(target),
        "action": action,
        "previous": before.live.current,
        "current": after.live.current,
        "domains": dict(after.live.domains),
        "share": after.share(named),
        "auto_assign_custom_domains": after.live.auto_assign,
        "rolling_release": after.rollout.shown() if after.rollout else None,
        "requests": api.sent,
    }
    return Outcome(before.shown(named), after.shown(named), values, tuple(warnings))
