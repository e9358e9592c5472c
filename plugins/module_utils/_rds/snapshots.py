# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Snapshots as restore points: made once, waited for, found again by their name."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.failures import AbsentError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.holdings import Snapshot, read_snapshot
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance
from ansible_collections.holdfast.webops.plugins.module_utils._rds.marks import PREFIX
from ansible_collections.holdfast.webops.plugins.module_utils._rds.names import snapshot_of
from ansible_collections.holdfast.webops.plugins.module_utils._rds.settings import own_tags
from ansible_collections.holdfast.webops.plugins.module_utils._rds.waiting import GOES_ON, insist

POINT = f"{PREFIX}restore-point"


def read(rds: Rds, name: str) -> t.Optional[Snapshot]:
    """The snapshot of that name, None where there is none."""
    try:
        answer = rds.ask(f"show the snapshot {name}", "describe_db_snapshots", DBSnapshotIdentifier=name)
    except AbsentError:
        return None
    return read_snapshot(answer["DBSnapshots"][0]) if answer.get("DBSnapshots") else None


def read_point(rds: Rds, point: str) -> t.Optional[Snapshot]:
    """The restore point of that name, or else the snapshot whose full name it is; one of another instance is refused."""
    names = [point.lower()]
    with contextlib.suppress(InputError):  # an automated one, such as rds:shop-2026-11-22-02-00
        names.insert(0, snapshot_of(rds.name, point))
    found = next((seen for seen in (read(rds, name) for name in names) if seen is not None), None)
    if found is not None and found.instance != rds.name:
        raise InputError(f"target is 'point {point}', and that is a snapshot of {found.instance}.", hint=f"Choose one of {rds.name}.")
    return found


def make(call: Call, rds: Rds, live: Instance, point: str, seen: t.Optional[Snapshot]) -> Snapshot:
    """Have it made, where it is not there yet, and wait until it can be restored."""
    name = snapshot_of(rds.name, point)
    if seen is None:
        tags = [{"Key": key, "Value": value} for key, value in {**own_tags(live), POINT: point}.items()]
        what, given = f"make the snapshot {name}", {"DBSnapshotIdentifier": name, "Tags": tags}
        insist(call, rds, live.name, what, "create_db_snapshot", once=True, **given)
    pauses = rds.pauses()
    while True:
        seen = read(rds, name)
        if seen is not None and is_made(seen):
            return seen
        call.progress.show(f"snapshot {name} is {seen.status if seen is not None else 'not there yet'}")
        if not pauses.goes_on():
            raise DeadlineError(f"The snapshot {name} is not made within wait_timeout.", hint=GOES_ON)


def is_made(snapshot: Snapshot) -> bool:
    """Whether it can be restored; WebopsError for one that nothing will come of. Pure."""
    if snapshot.status in {"failed", "deleting", "incompatible-restore"}:
        raise WebopsError(
            f"The snapshot {snapshot.name} is {snapshot.status}: nothing can be restored from it.", hint="Make one with another name."
        )
    return snapshot.restorable


def shown(point: str, name: str, snapshot: t.Optional[Snapshot]) -> dict[str, t.Any]:
    """The documented value `restore_point`."""
    at = snapshot.at if snapshot is not None else None
    return {"name": point, "snapshot": name, "status": snapshot.status if snapshot is not None else None, "at": iso(at) if at else None}
