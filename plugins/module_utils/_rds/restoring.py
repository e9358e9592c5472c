# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An instance as it was at a moment: made beside the live one, set up like it, looked into, swapped in. Or thrown away, as a proof."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.examining import Exam
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._rds import marks as marking
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import LOST, Instance, refuse_unready
from ansible_collections.holdfast.webops.plugins.module_utils._rds.marks import Marks, marks_for, read_marks
from ansible_collections.holdfast.webops.plugins.module_utils._rds.names import PROOF, RESTORING, beside, dated
from ansible_collections.holdfast.webops.plugins.module_utils._rds.orders import Order
from ansible_collections.holdfast.webops.plugins.module_utils._rds.scratch import (
    CLEAN_UP,
    Looked,
    WrongAnswerError,
    check_throwable,
    fit,
    look_into,
    order_restore,
    throw_away,
)
from ansible_collections.holdfast.webops.plugins.module_utils._rds.settings import (
    compared,
    for_proof,
    for_restore,
    losses,
    own_tags,
    read_settings,
)
from ansible_collections.holdfast.webops.plugins.module_utils._rds.swapping import swap
from ansible_collections.holdfast.webops.plugins.module_utils._rds.waiting import await_instance
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.target import Target

# A restore to the latest moment that was begun longer ago than this is not gone on with: too much came since.
LATEST_HOLDS = datetime.timedelta(hours=6)


@dataclasses.dataclass(frozen=True)
class Questions:
    """What a restored instance is asked before it takes any place. Without `url` it is not asked."""

    url: t.Optional[str]
    exam: Exam


@dataclasses.dataclass(frozen=True)
class Scene:
    """Who stands where now. `fresh`: what an earlier run was restoring, None where there is nothing. `lost`: what is left of an instance
    that is gone."""

    live: t.Optional[Instance]
    fresh: t.Optional[Instance]
    lost: t.Optional[Instance] = None

    @property
    def origin(self) -> t.Optional[Instance]:
        """What is restored; None between two renames, when that is done."""
        return self.live or self.lost

    @property
    def marks(self) -> t.Optional[Marks]:
        """Of the fresh one."""
        return read_marks(self.fresh)


@dataclasses.dataclass(frozen=True)
class Restored:
    """How it ended. `kept`: who was replaced, `looked`: what was asked before, `lost`: sentences about what is not as it was."""

    instance: Instance
    kept: t.Optional[Instance]
    looked: Looked
    lost: list[str]
    seconds: float


def look(rds: Rds, origin: t.Optional[Instance]) -> Scene:
    """Read only."""
    fresh = rds.instance(beside(rds.name, RESTORING))
    return Scene(None, fresh, origin) if origin is not None and origin.gone else Scene(origin, fresh)


def check_confirm(params: t.Mapping[str, t.Any], name: str) -> None:
    """Whoever restores has to name what is replaced."""
    if (params["confirm"] or "").lower() != name:
        given = f"confirm is '{params['confirm']}'" if params["confirm"] else "confirm is missing"
        raise InputError(
            f"{given}, and the whole instance {name} would be replaced.",
            hint=f"If you mean it, set confirm to {name}; for the playbook restore: -e portal_restore_confirm={name}. Nothing was touched.",
        )


def is_done(live: t.Optional[Instance], target: Target) -> bool:
    """Whether the live instance is the one that was restored to this target. Pure."""
    marks = read_marks(live)
    return marks is not None and marks.role == marking.READY and marks.target == str(target)


def half_swapped(scene: Scene, name: str, target: Target) -> t.Optional[Marks]:
    """The marks of the one that has to take the live name, which nobody has; None where all is in order. Pure."""
    marks = scene.marks
    if scene.live is not None or scene.fresh is None or marks is None or marks.role != marking.READY or marks.instance != name:
        return None
    if scene.fresh.status in LOST:
        if not marks.kept:
            return None
        raise ConflictError(
            f"A restore of {name} was stopped between its two renames, and what was restored is {scene.fresh.status}.",
            hint=f"Bring {marks.kept} back with state: undone, and restore again.",
        )
    if marks.target != str(target):
        raise ConflictError(
            f"A restore of {name} to {marks.target} was stopped between its two renames.",
            hint=f"Run it with the target {marks.target} first, or state: undone after that.",
        )
    return marks


def resumable(scene: Scene, target: Target, now: datetime.datetime) -> t.Optional[Marks]:
    """The marks of what an earlier run was restoring to the same target; None where one begins anew. Pure."""
    marks, origin, fresh = scene.marks, scene.origin, scene.fresh
    if origin is None or fresh is None:
        return None
    check_throwable(origin, fresh)
    if marks is None or marks.target != str(target) or fresh.status in LOST:
        return None
    return marks if target.kind != "latest" or now - marks.at <= LATEST_HOLDS else None


def order_of(marks: Marks, target: Target) -> Order:
    """What was ordered by the run that left these marks. Pure."""
    return Order(target, marks.at, marks.snapshot or None)


def restore(call: Call, rds: Rds, scene: Scene, order: Order, resumed: t.Optional[Marks], questions: Questions) -> Restored:
    """Restore beside, check, swap; each step is found done by the next run, wherever this one is killed."""
    began = rds.clock.monotonic()
    name, live, origin = beside(rds.name, RESTORING), scene.live, scene.origin
    refused: list[str] = []
    looked = Looked([], None)
    kept = resumed.kept if resumed is not None and resumed.kept else dated(rds.name, "before", rds.now) if live is not None else ""
    if origin is not None:
        refuse_unready(origin)
        if resumed is None:
            _begin(call, rds, origin, name, order)
        refused, looked = _prepare(call, rds, origin, name, questions)
        _mark(rds, name, marks_for(origin, marking.READY, order, kept))
    coming = scene.fresh if origin is None else None
    incoming = await_instance(call, rds, name, or_as=rds.name if coming else "", resource=coming.resource if coming else "")
    back = swap(call, rds, live, incoming, kept)
    old = rds.instance(kept)
    replaced = old or scene.lost
    lost = [*compared(replaced, back), *losses(replaced)] if replaced is not None else []
    return Restored(back, old, looked, [*refused, *lost], rds.clock.monotonic() - began)


def _begin(call: Call, rds: Rds, live: Instance, name: str, order: Order) -> None:
    """What an earlier run to another target has left goes first."""
    throw_away(call, rds, live, name, gone=True)
    call.log(f"restore of {live.name} to {order.target} ordered, as {name}.")
    tags = {**own_tags(live), **marks_for(live, marking.RESTORING, order).tags()}
    order_restore(rds, live, name, order, for_restore(read_settings(live)), tags)


def _mark(rds: Rds, name: str, ready: Marks) -> None:
    """From now on the next run swaps it in, whoever has the live name."""
    fresh = t.cast(Instance, rds.instance(name))
    if read_marks(fresh) != ready:
        rds.tag(fresh, ready.tags())


def _prepare(call: Call, rds: Rds, live: Instance, name: str, questions: Questions) -> tuple[list[str], Looked]:
    """Set up and asked: what RDS refused, and the answers."""
    fresh, refused = fit(call, rds, await_instance(call, rds, name), read_settings(live))
    try:
        return refused, look_into(call, rds, fresh, questions.url, questions.exam)
    except WrongAnswerError:
        throw_away(call, rds.within(CLEAN_UP), live, name, gone=False)
        raise


def prove(call: Call, rds: Rds, live: Instance, order: Order, questions: Questions, instance_class: t.Optional[str]) -> Restored:
    """Restore into a scratch instance, look into it, throw it away. The live one is not touched."""
    began, name = rds.clock.monotonic(), beside(rds.name, PROOF)
    throw_away(call, rds, live, name, gone=True)
    tags = {**own_tags(live), **marks_for(live, marking.PROOF, order).tags()}
    try:
        order_restore(rds, live, name, order, for_proof(read_settings(live), instance_class), tags)
        fresh = await_instance(call, rds, name)
        looked = look_into(call, rds, fresh, questions.url, questions.exam)
        seconds = rds.clock.monotonic() - began
    finally:
        throw_away(call, rds.within(CLEAN_UP), live, name, gone=False)
    return Restored(fresh, None, looked, [], seconds)
