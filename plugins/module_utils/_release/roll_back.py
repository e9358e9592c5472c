# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether one may go back to an earlier release, and to which slot. Pure.

Going back moves code, not data: code from before a contract migration would meet a schema that it does not know. So that
is refused, and what can be done instead is named.

`previous` takes back the newest release that was deployed, once: while that one is under way or live, the target is the
good release before it; once it was rolled back, there is nothing to do. So the same command, run again, does not go
further back; that needs the name of a release. A deploy that undid itself is not counted.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._release.course import check_platform, idle_slot, slot_of
from ansible_collections.holdfast.webops.plugins.module_utils._release.states import backup_id

Record = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class RollBack:
    """`target` goes to `slot`; `staged` says that the slot still holds it, `warm` that it runs there.

    Refused: `reason` and `alternatives` say why and what else.
    """

    allowed: bool
    reason: str
    target: dict[str, t.Any] | None = None
    slot: str | None = None
    staged: bool = False
    warm: bool = False
    leaves: dict[str, t.Any] | None = None
    alternatives: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, t.Any]:
        """Plain data for a playbook."""
        return {**dataclasses.asdict(self), "alternatives": list(self.alternatives)}


def plan_roll_back(state: Record, to: str, platform: Record, now: datetime.datetime) -> RollBack:
    """Decide whether the portal may go back to `to`: `previous`, a release id, or a version."""
    check_platform(platform)
    left = state["open"] or state["live"]
    if not left:
        return RollBack(False, "No release was ever live.", alternatives=("Deploy a release.",))
    taken_back = rolled_back_last(state) if to == "previous" else None
    if taken_back:
        return RollBack(False, _done(left, taken_back), dict(left), leaves=dict(left), alternatives=_others(state, left))
    target = target_of(state, left, to)
    if not target:
        return RollBack(False, _not_found(to), leaves=dict(left), alternatives=_others(state, left))
    if target["id"] == left["id"]:
        return RollBack(False, f"{target['id']} is live already.", dict(target), leaves=dict(left), alternatives=_others(state, left))
    if not target["completed_at"]:
        reason = f"{target['id']} was never found good; its status is {target['status']}."
        return RollBack(False, reason, dict(target), leaves=dict(left), alternatives=_others(state, left))
    contracts = contracts_since(state, target)
    if contracts:
        return RollBack(False, _contracted(target, contracts), dict(target), leaves=dict(left), alternatives=_instead(contracts, now))
    return _allowed(target, left, platform)


def contracts_since(state: Record, target: Record) -> tuple[Record, ...]:
    """The contract migrations that ran, or may have run, for releases opened after `target`."""
    opened = {release["id"]: release["opened_number"] for release in state["releases"]}
    return tuple(contract for contract in state["contracts"] if opened[contract["release"]] > target["opened_number"])


def rolled_back_last(state: Record) -> Record | None:
    """The newest release that was deployed, when it has been rolled back since; None when it has not."""
    deployed = [release for release in state["releases"] if release["status"] != "failed"]
    newest = max(deployed, key=lambda release: release["opened_number"], default=None)
    return newest if newest and newest["status"] == "rolled_back" else None


def _done(live: Record, taken_back: Record) -> str:
    done = f"{live['id']} is live already: {taken_back['id']}, the newest release, was rolled back at {taken_back['ended_at']}."
    return f"{done} To go further back, name a release by its id or version."


def target_of(state: Record, left: Record, to: str) -> Record | None:
    """The release that `to` means, when `left` is the one to go away from; None when there is none."""
    return _previous(state, left) if to == "previous" else _named(state, to)


def _previous(state: Record, left: Record) -> Record | None:
    """Back from a release under way goes to the one that is live, back from the live one to the good one before it."""
    if state["live"] and state["live"]["id"] != left["id"]:
        return t.cast("Record", state["live"])
    return t.cast("t.Optional[Record]", state["previous"])


def _named(state: Record, to: str) -> Record | None:
    """A release by id, or the newest one of a version that was found good, or else the newest one of it."""
    by_id = [release for release in state["releases"] if release["id"] == to]
    by_version = [release for release in state["releases"] if release["version"] == to]
    once_good = [release for release in by_version if release["completed_at"]]
    found = by_id or once_good or by_version
    return found[-1] if found else None


def _not_found(to: str) -> str:
    if to == "previous":
        return "There is no earlier release that was found good."
    return f"to: the ledger knows no release with the id or version '{to}'."


def _others(state: Record, left: Record) -> tuple[str, ...]:
    good = [release["id"] for release in state["releases"] if release["completed_at"] and release["id"] != left["id"]]
    named = (f"Go back to a release that was found good: {', '.join(reversed(good))}.",) if good else ()
    return (*named, "Deploy a release that mends it (forward fix).")


def _contracted(target: Record, contracts: t.Sequence[Record]) -> str:
    ran = ", ".join(f"{contract['release']} ({contract['at']}{_doubt(contract)})" for contract in contracts)
    return f"Contract migrations ran after {target['id']}: with {ran}. Its code does not fit the schema any more."


def _doubt(contract: Record) -> str:
    return "" if contract["certain"] else ", begun, its end is not known"


def _instead(contracts: t.Sequence[Record], now: datetime.datetime) -> tuple[str, ...]:
    fix = "Forward fix: deploy a new release that mends what is wrong and fits the present schema."
    backup = contracts[0]["backup"]
    if not backup:
        return (fix, "No backup from before the contract migrations is recorded; a point-in-time restore of the database may reach back.")
    minutes = max(0, int((now - parse_iso(backup["at"])).total_seconds() // 60))
    loss = f"everything written since then, {minutes} minutes, is lost"
    restore = f"Restore backup {backup_id(backup)} of {backup['at']}, taken before them; {loss}."
    return (fix, f"{restore} Then roll back. portal_roll_back_kind=full does both.")


def _allowed(target: Record, left: Record, platform: Record) -> RollBack:
    holding = slot_of(platform, target)
    slot = holding or idle_slot(platform)
    how = f"slot {slot} still holds it" if holding else f"it has to be staged on slot {slot} again"
    warm = holding is not None and is_warm(platform, holding)
    return RollBack(True, f"Back from {left['id']} to {target['id']}: {how}.", dict(target), slot, holding is not None, warm, dict(left))


def is_warm(platform: Record, slot: str) -> bool:
    """Whether what a slot holds runs and the router finds it well, so that it only needs the traffic."""
    server = (platform.get("servers") or {}).get(slot) or {}
    return bool(platform["slots"][slot].get("state") == "running" and server.get("healthy"))
