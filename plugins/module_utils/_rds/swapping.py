# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One instance in the place of another: two renames. The old one is kept under a dated name, and can come back.

A kill between the two leaves nobody under the live name; the marks of whoever was to take it say so, and the next run goes on.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.failures import AwsError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance
from ansible_collections.holdfast.webops.plugins.module_utils._rds.marks import READY, RETURNING, Marks, read_marks
from ansible_collections.holdfast.webops.plugins.module_utils._rds.names import RESTORING, beside, dated
from ansible_collections.holdfast.webops.plugins.module_utils._rds.waiting import await_instance, rename


def swap(call: Call, rds: Rds, live: t.Optional[Instance], incoming: Instance, kept: str) -> Instance:
    """The incoming instance under the live name. Where AWS refuses that, the old one comes back."""
    if live is not None:
        leaving = await_instance(call, rds, live.name, or_as=kept, resource=live.resource)
        if leaving.name != kept:
            rename(call, rds, leaving, kept)
    try:
        return incoming if incoming.name == rds.name else rename(call, rds, incoming, rds.name)
    except AwsError:
        old = rds.instance(kept)
        if old is not None:
            rename(call, rds, old, rds.name)
        raise


def waiting_to_come(rds: Rds, role: str) -> t.Optional[Instance]:
    """Who was to take the live name, which nobody has."""
    for instance in rds.instances():
        marks = read_marks(instance)
        if marks is not None and marks.instance == rds.name and marks.role == role:
            return instance
    return None


@dataclasses.dataclass(frozen=True)
class Undoing:
    """What an undo does: `replaced` comes back, and the restored instance is kept under the name `kept`. Pure data."""

    live: t.Optional[Instance]
    replaced: Instance
    kept: str
    done: bool

    @property
    def says(self) -> str:
        """What a person has to know before it is done."""
        return f"{self.replaced.name} takes its old name again; what was written since the restore stays in {self.kept}."


def plan_undo(rds: Rds, live: t.Optional[Instance]) -> Undoing:
    """ConflictError where nothing was restored, NotFoundError where the old instance is gone. Nothing is touched."""
    if live is None:
        return _half_undone(rds)
    marks = read_marks(live)
    if marks is not None and marks.role == RETURNING:
        return Undoing(live, live, marks.kept, done=True)
    if marks is None or marks.role != READY or not marks.kept:
        raise ConflictError(f"{rds.name} was not restored by this module, so that there is nothing to undo.", hint="Nothing was touched.")
    replaced = rds.instance(marks.kept)
    if replaced is None or replaced.resource != marks.source:
        raise NotFoundError(f"{marks.kept}, which {rds.name} took the place of, is not there any more.", hint="Nothing was touched.")
    begun = read_marks(replaced)
    kept = begun.kept if begun is not None and begun.role == RETURNING else dated(rds.name, "undone", rds.now)
    return Undoing(live, replaced, kept, done=False)


def _half_undone(rds: Rds) -> Undoing:
    """Nobody has the live name: an undo was stopped between its renames, or a restore was, which can be taken back there too."""
    replaced = waiting_to_come(rds, RETURNING)
    marks = read_marks(replaced)
    if replaced is not None and marks is not None:
        return Undoing(None, replaced, marks.kept, done=False)
    restored = rds.instance(beside(rds.name, RESTORING))
    marks = read_marks(restored)
    replaced = rds.instance(marks.kept) if marks is not None and marks.role == READY and marks.instance == rds.name else None
    if restored is None or marks is None or replaced is None or replaced.resource != marks.source:
        raise NotFoundError(f"RDS has no instance {rds.name} in {rds.region}.", hint="Look at the name, the region and the account.")
    return Undoing(None, replaced, restored.name, done=False)


def undo(call: Call, rds: Rds, undoing: Undoing, now: datetime.datetime) -> Instance:
    """The replaced instance under its old name."""
    live, replaced, begun = undoing.live, undoing.replaced, read_marks(undoing.replaced)
    if live is not None and (begun is None or begun.role != RETURNING):
        marks = Marks(rds.name, live.resource, RETURNING, "undone", iso(now), "", undoing.kept)
        rds.tag(replaced, marks.tags())
    # Where nobody left, nobody can take the name again in the place of who is refused it.
    left = undoing.kept if live is not None or (begun is not None and begun.role == RETURNING) else ""
    return swap(call, rds, live, replaced, left)
