# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deploy run has to do, from what the ledger says and what the platform shows. Pure.

`state` is what `states.fold` returns, `platform` what the task file status.yml of every platform role returns:
`{live_slot, idle_slot, weights: {blue, green}, slots: {blue: {release_id, version, commit, artifact_sha256, state}, green: ...}}`.
The ledger knows what was intended and judged, the platform what is; where they differ, the platform is believed.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_version, release_id

Record = t.Mapping[str, t.Any]
SLOTS = ("blue", "green")
# What a release loses when its slot does not hold it any more.
ON_THE_SLOT = ("stage", "verify", "shift", "retire")


@dataclasses.dataclass(frozen=True)
class Course:
    """The way of a run: `none`, `deploy`, `resume` or `undo_then_deploy`, and why.

    `steps_done` and `from_percent` say where a resumed release stands; `undo` is the release to be undone first. `begins`
    is the step that comes next, so that a run that dies right after its beginning is judged by where the release stands.
    """

    action: str
    reason: str
    release: dict[str, t.Any]
    slot: str
    replaces: str | None = None
    steps_done: tuple[str, ...] = ()
    from_percent: int = 0
    undo: dict[str, t.Any] | None = None

    @property
    def begins(self) -> str | None:
        """The first step of the run; None when there is nothing to do. From `contract` on there is no way back by traffic alone."""
        if self.action == "none":
            return None
        if self.from_percent >= 100:
            return "retire" if "contract" in self.steps_done else "contract"
        if self.from_percent > 0:
            return "shift"
        return "expand" if "backup" in self.steps_done else "backup"

    def as_dict(self) -> dict[str, t.Any]:
        """Plain data for a playbook."""
        return {**dataclasses.asdict(self), "steps_done": list(self.steps_done), "begins": self.begins}


def plan_course(state: Record, wanted: Record, platform: Record, now: datetime.datetime, resume_within: float) -> Course:
    """Decide how `wanted` (version, commit, artifact_sha256) gets live. `resume_within` in seconds since the last sign of life."""
    check_version(str(wanted.get("version") or ""))
    check_platform(platform)
    unfinished, live = state["open"], state["live"]
    if not unfinished:
        return _from_rest(live, wanted, platform, now)
    if is_same(unfinished, wanted):
        return _again(unfinished, wanted, platform, now, resume_within)
    return _after_another(state, wanted, platform, now)


def is_same(release: Record, wanted: Record) -> bool:
    """Whether a release is what is wanted: version and artifact; without an artifact, version and commit."""
    if release["version"] != wanted["version"]:
        return False
    name = "artifact_sha256" if wanted.get("artifact_sha256") else "commit"
    return bool(not wanted.get(name) or release.get(name) == wanted[name])


def check_platform(platform: Record) -> None:
    """InputError when this is not what status.yml of a platform role returns."""
    missing = [name for name in ("live_slot", "weights", "slots") if name not in platform]
    if missing:
        raise InputError(f"platform: {', '.join(missing)} is missing.", hint="Give the facts that status.yml of the platform role sets.")


def disagreement(live: Record, platform: Record) -> str | None:
    """What the platform shows that does not fit to `live` being live; None when all fits."""
    slot = platform["live_slot"]
    if slot is None:
        return "no slot of the platform is live"
    shown = platform["slots"].get(slot) or {}
    if shown.get("release_id") != live["id"]:
        return f"the live slot {slot} holds {shown.get('release_id') or 'no release'}"
    if shown.get("state") not in (None, "running"):
        return f"the live slot {slot} is {shown['state']}"
    if share(platform, slot) != 100:
        return f"the live slot {slot} has {share(platform, slot)} % of the traffic"
    return None


def share(platform: Record, slot: str | None) -> int:
    """The percentage of traffic that a slot gets."""
    return int((platform["weights"] or {}).get(slot) or 0)


def idle_slot(platform: Record) -> str:
    """Where the next release goes."""
    return "green" if platform["live_slot"] == "blue" else "blue"


def _fresh(wanted: Record, now: datetime.datetime) -> dict[str, t.Any]:
    version = str(wanted["version"])
    return {
        "id": release_id(version, now),
        "version": version,
        "commit": wanted.get("commit"),
        "artifact_sha256": wanted.get("artifact_sha256"),
    }


def _identity(release: Record) -> dict[str, t.Any]:
    return {name: release.get(name) for name in ("id", "version", "commit", "artifact_sha256")}


def _from_rest(live: Record | None, wanted: Record, platform: Record, now: datetime.datetime) -> Course:
    """No release is under way."""
    replaces = live["id"] if live else None
    deploy = Course("deploy", f"{wanted['version']} is not live.", _fresh(wanted, now), idle_slot(platform), replaces)
    if not live:
        return dataclasses.replace(deploy, reason="No release is live yet.")
    if not is_same(live, wanted):
        return dataclasses.replace(deploy, reason=f"{live['version']} is live, {wanted['version']} is wanted.")
    wrong = disagreement(live, platform)
    if wrong:
        return dataclasses.replace(deploy, reason=f"By the ledger {live['id']} is live, but {wrong}.")
    if live["status"] != "good":
        return dataclasses.replace(deploy, reason=f"{live['id']} is live, but never was found good.")
    return Course("none", f"{live['id']} is live and good.", _identity(live), platform["live_slot"], live["replaces"], from_percent=100)


def _again(unfinished: Record, wanted: Record, platform: Record, now: datetime.datetime, resume_within: float) -> Course:
    """The release under way is the wanted one: go on; or start anew when it was condemned, or lies too long."""
    idle = (now - parse_iso(unfinished["last_at"])).total_seconds()
    forward = has_full_traffic(unfinished, platform)
    left = f"it was left {idle:.0f} s ago at {unfinished['last_event']}"
    if is_condemned(unfinished):
        return _undo_first(unfinished, wanted, platform, now, f"{unfinished['id']} is to be undone: {left}.")
    if not forward and idle > resume_within:
        return _undo_first(unfinished, wanted, platform, now, f"{unfinished['id']} is begun anew after {resume_within:g} s: {left}.")
    return _resumed(unfinished, platform, f"{unfinished['id']} goes on: {'it already has all traffic' if forward else left}.")


def _resumed(unfinished: Record, platform: Record, reason: str) -> Course:
    """Go on where the ledger and the platform agree that the release stands."""
    staged = holds(platform, unfinished)
    return Course(
        "resume",
        reason,
        _identity(unfinished),
        unfinished["slot"],
        unfinished["replaces"],
        tuple(step for step in unfinished["steps_done"] if staged or step not in ON_THE_SLOT),
        min(int(unfinished["percent"]), share(platform, unfinished["slot"])) if staged else 0,
    )


def is_condemned(release: Record) -> bool:
    """Whether its last sign of life says that it is to be undone; contract and retire come after the point of no return."""
    step, _dot, end = release["last_event"].partition(".")
    return step in ("undo", "rollback") or (end == "failed" and step not in ("contract", "retire"))


def _after_another(state: Record, wanted: Record, platform: Record, now: datetime.datetime) -> Course:
    """Another release is under way: it is undone first, unless its contract migrations make going back impossible."""
    unfinished = state["open"]
    contracted = any(contract["release"] == unfinished["id"] for contract in state["contracts"])
    if contracted and has_full_traffic(unfinished, platform):
        reason = f"{unfinished['id']} has all traffic and its contract migrations ran: it stays until {wanted['version']} replaces it."
        slot = SLOTS[1 - SLOTS.index(unfinished["slot"])]
        return Course("deploy", reason, _fresh(wanted, now), slot, unfinished["id"])
    reason = f"{unfinished['id']} was left at {unfinished['last_event']}, and {wanted['version']} is wanted now."
    return _undo_first(unfinished, wanted, platform, now, reason)


def _undo_first(unfinished: Record, wanted: Record, platform: Record, now: datetime.datetime, reason: str) -> Course:
    """After the undoing, the slot of the undone release is the idle one."""
    slot = unfinished["slot"] or idle_slot(platform)
    undo = {**_identity(unfinished), "slot": slot, "replaces": unfinished["replaces"]}
    return Course("undo_then_deploy", reason, _fresh(wanted, now), slot, unfinished["replaces"], undo=undo)


def has_full_traffic(release: Record, platform: Record) -> bool:
    """Whether a release went live, or its slot has all traffic by what the platform shows."""
    return release["status"] == "live" or (holds(platform, release) and share(platform, release["slot"]) == 100)


def slot_of(platform: Record, release: Record) -> str | None:
    """The slot that holds a release now, None when none does."""
    return next((slot for slot in SLOTS if (platform["slots"].get(slot) or {}).get("release_id") == release["id"]), None)


def holds(platform: Record, release: Record) -> bool:
    """Whether a release still is on the slot that it was opened for."""
    return release["slot"] is not None and slot_of(platform, release) == release["slot"]
