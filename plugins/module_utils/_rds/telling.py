# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented values of rds_backup. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._rds.holdings import Holdings
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance
from ansible_collections.holdfast.webops.plugins.module_utils._rds.marks import Marks
from ansible_collections.holdfast.webops.plugins.module_utils._rds.orders import Order, read_target
from ansible_collections.holdfast.webops.plugins.module_utils._rds.restoring import Restored
from ansible_collections.holdfast.webops.plugins.module_utils._rds.settings import losses
from ansible_collections.holdfast.webops.plugins.module_utils._rds.swapping import Undoing
from ansible_collections.holdfast.webops.plugins.module_utils._recovery import moments
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.ways import iso_or_none

Values = t.Dict[str, t.Any]
GIB = 1 << 30
MEANWHILE = "It is restored beside the live instance, which is kept; users wait for the two renames, some minutes."
ANEW = "The instance itself is gone; a new one takes its name."


def about(instance: Instance) -> Values:
    """The documented value `instance`."""
    raw = instance.raw
    return {
        "name": instance.name,
        "status": instance.status,
        "resource_id": instance.resource,
        "instance_class": raw.get("DBInstanceClass"),
        "engine_version": raw.get("EngineVersion"),
        "multi_az": bool(raw.get("MultiAZ")),
        "encrypted": bool(raw.get("StorageEncrypted")),
        "deletion_protection": bool(raw.get("DeletionProtection")),
        "retention_days": int(raw.get("BackupRetentionPeriod") or 0),
        "address": instance.address or None,
        "port": instance.port,
    }


def planned(live: Instance, order: Order, holdings: Holdings, resumed: t.Optional[Marks]) -> Values:
    """The documented value `physical`, before anything is done."""
    return _physical(live.name, order, live, holdings.now, iso_or_none(holdings.youngest), resumed is not None, losses(live))


def resumed_swap(name: str, order: Order, marks: Marks, now: datetime.datetime, fresh: Instance) -> Values:
    """The same, where only the second rename is missing."""
    return {**_physical(name, order, fresh, now, None, True, []), "kept": marks.kept}


def of_done(live: Instance, marks: Marks, holdings: Holdings) -> Values:
    """The same for a restore that an earlier run has ended."""
    order = Order(read_target(marks.target), marks.at, marks.snapshot or None)
    found = _physical(live.name, order, live, holdings.now, iso_or_none(holdings.newest), False, [])
    return {**found, "kept": marks.kept or None, "says": f"{live.name} was restored to {marks.target} before."}


def of_leftover(fresh: t.Optional[Instance]) -> tuple[str, ...]:
    """A warning about what an earlier run has left, which costs money."""
    return () if fresh is None else (f"{fresh.name} is left of a restore that was not ended; the next one throws it away.",)


def of_proof(live: Instance, order: Order) -> str:
    """What a person has to know before it is proven."""
    return f"{live.name} as of {iso(order.moment)} is restored into a scratch instance, looked into, and thrown away."


def of_undo(name: str, undoing: Undoing, seen: Instance) -> Values:
    """The same for the way back from a restore."""
    nothing = dict.fromkeys(("moment", "lost_seconds", "newest", "way", "backup", "duration_s", "youngest_change"))
    said = f"{name} is the instance that was replaced already." if undoing.done else undoing.says
    rest = {
        "cluster": name,
        "target": "undone",
        "size": _size(seen),
        "validations": [],
        "differences": [],
        "resumed": undoing.live is None,
    }
    return {**nothing, **rest, "kept": undoing.kept, "says": said, "status": seen.status}


def _physical(
    name: str, order: Order, of: Instance, now: datetime.datetime, newest: t.Optional[str], resumed: bool, lost: list[str]
) -> Values:
    return {
        "cluster": name,
        "target": str(order.target),
        "moment": iso(order.moment),
        "lost_seconds": moments.lost_seconds(order.moment, now),
        "newest": newest,
        "way": order.way,
        "backup": order.snapshot,
        "size": _size(of),
        "says": f"{moments.loss(order.moment, now)} {ANEW if of.gone else MEANWHILE}",
        "resumed": resumed,
        "validations": [],
        "youngest_change": None,
        "differences": lost,
        "kept": None,
        "status": of.status,
        "duration_s": None,
    }


def ended(done: Restored) -> Values:
    """What is known once it is done."""
    return {
        "validations": done.looked.answers,
        "youngest_change": done.looked.youngest,
        "differences": done.lost,
        "kept": done.kept.name if done.kept is not None else None,
        "status": done.instance.status,
        "duration_s": round(done.seconds, 1),
    }


def _size(instance: Instance) -> int:
    """Bytes of its storage, which is what RDS tells."""
    return int(instance.raw.get("AllocatedStorage") or 0) * GIB
