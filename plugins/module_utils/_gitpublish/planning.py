# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each state of a slot needs: which commit is made on which branch, and whether users are to get it. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.contents import About
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.options import Settings
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.record import Record, Slot, other
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.repository import Heads
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.serving import Served

REPUBLISH = "A site that is published by git has all its users on one release."


@dataclasses.dataclass(frozen=True)
class Seen:
    """A site as the contract sees it. `strangers` are commits of the published branch that neither we nor the release brought there,
    `preview_strangers` those of the branch for previews. `on_top` are the slots whose commit builds upon the published branch."""

    record: Record
    heads: Heads
    served: Served
    strangers: tuple[str, ...] = ()
    preview_strangers: tuple[str, ...] = ()
    on_top: frozenset[str] = frozenset()

    def has_users(self, slot: str) -> bool:
        return self.served.shows(self.record.slots[slot].release_id)


@dataclasses.dataclass(frozen=True)
class Plan:
    """`build`: the release to make a commit of, on the slot `slot`, with the files of the commit `tree` (None: of the release's own).

    `promote` is a commit that the published branch gets as it is. `prove` is the release that everybody must get in the end.
    """

    record: Record
    slot: str = ""
    build: t.Optional[About] = None
    tree: t.Optional[str] = None
    promote: t.Optional[str] = None
    await_preview: bool = False
    prove: t.Optional[About] = None
    warnings: tuple[str, ...] = ()


def plan(seen: Seen, settings: Settings) -> Plan:
    """What is to be done. ConflictError, InputError where it must not."""
    return PLANS[settings.state](seen, settings)


def _staged(seen: Seen, settings: Settings) -> Plan:
    about, slot = _about(settings), settings.slot
    held = seen.record.slots[slot]
    if seen.has_users(slot) and held.release_id != about.id:
        raise ConflictError(
            f"{slot} serves {held.release_id} to all users; nothing else can be put there.", hint=f"Stage on {other(slot)}."
        )
    on_preview = settings.publisher == "branch"
    present = seen.heads.preview if on_preview and not seen.has_users(slot) else seen.heads.branch
    if held.release_id == about.id and held.published and held.published == present and (slot in seen.on_top or not on_preview):
        # It is where it has to be; what was undone meanwhile is no longer.
        return Plan(seen.record.with_slot(slot, dataclasses.replace(held, state="running")), slot, await_preview=True)
    _refuse_strangers(settings, *seen.strangers, *(seen.preview_strangers if on_preview else ()))
    fresh = Slot(about.id, about.version, about.commit, about.artifact_sha256, None, "running")
    return Plan(seen.record.with_slot(slot, fresh), slot, build=about, await_preview=True)


def _shifted(seen: Seen, settings: Settings) -> Plan:
    about, slot = _about(settings), settings.slot
    held = seen.record.slots[slot]
    if settings.percent not in (0, 100):
        raise InputError(f"percent: {settings.percent} % cannot be given. {REPUBLISH}", hint="Use 100, as with portal_deploy_steps: [100].")
    if held.release_id != about.id or held.published is None:
        raise ConflictError(f"{slot} holds {held.release_id or 'nothing'}, not {about.id}.", hint="Stage it there first.")
    if settings.percent == 0:
        if seen.has_users(slot):
            raise InputError(f"percent: 0 % cannot be given to {slot}, which has all users. {REPUBLISH}", hint="Use the state undone.")
        return Plan(seen.record, slot)
    _refuse_strangers(settings, *seen.strangers)
    record = dataclasses.replace(seen.record.with_slot(slot, dataclasses.replace(held, state="running")), live=slot)
    promote = held.published if seen.heads.branch != held.published else None
    if promote and (settings.publisher != "branch" or slot not in seen.on_top):
        raise ConflictError(f"The branch holds something else than {about.id}.", hint="Stage it again.")
    return Plan(record, slot, promote=promote, prove=about)


def _undone(seen: Seen, settings: Settings) -> Plan:
    """The other slot's release gets everybody back, where there is one that may have them; a first release keeps what it has."""
    slot, back_slot = settings.slot, other(settings.slot)
    held, back = seen.record.slots[slot], seen.record.slots[back_slot]
    record = seen.record.with_slot(slot, dataclasses.replace(held, state="stopped"))
    if back.published is None or back.state != "running":
        return Plan(record, slot)
    record = dataclasses.replace(record, live=back_slot)
    about = About(str(back.release_id), back.version or "", back.commit or "", back.artifact_sha256 or "")
    prove = None if seen.served.shows(back.release_id) else about
    if seen.heads.branch == back.published:
        return Plan(record, back_slot, prove=prove)
    if prove is None and seen.strangers:
        return Plan(record, slot, warnings=(f"The branch was left as it is, others have pushed to it: {'; '.join(seen.strangers)}.",))
    if prove is None and seen.heads.branch != held.published:
        return Plan(record, slot)
    # Users come first: what others pushed stays in the branch's history, below the release that comes back.
    said = (f"These commits of others are in the branch, but not in what is published: {'; '.join(seen.strangers)}.",)
    return Plan(record, back_slot, build=about, tree=back.published, prove=prove, warnings=said if seen.strangers else ())


def _retired(seen: Seen, settings: Settings) -> Plan:
    """Nothing runs that could be stopped: what may not get users again is marked, for the release engine."""
    slot = settings.slot
    if settings.keep_warm:
        return Plan(seen.record, slot)
    if seen.has_users(slot):
        raise ConflictError(f"{slot} serves all users and cannot be retired.", hint="Publish the other one first.")
    return Plan(seen.record.with_slot(slot, dataclasses.replace(seen.record.slots[slot], state="stopped")), slot)


PLANS: t.Final[dict[str, t.Callable[[Seen, Settings], Plan]]] = {
    "staged": _staged,
    "shifted": _shifted,
    "undone": _undone,
    "retired": _retired,
}


def _about(settings: Settings) -> About:
    if settings.about is None:
        raise InputError(f"release: it is missing, and state: {settings.state} needs it.", hint="Give at least its id.")
    return settings.about


def _refuse_strangers(settings: Settings, *strangers: str) -> None:
    if strangers:
        raise ConflictError(
            f"The branch holds commits that {_about(settings).id} has not: {'; '.join(strangers)}. Nothing was pushed.",
            hint="Test and release a commit that has them.",
            strangers=list(strangers),
        )
