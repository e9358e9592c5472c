# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Snapshots as restore points: made once, waited for, found again by their name."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.failures import AbsentError, AwsError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.holdings import COUNTED, POINT, Snapshot, read_snapshot
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance
from ansible_collections.holdfast.webops.plugins.module_utils._rds.names import snapshot_of
from ansible_collections.holdfast.webops.plugins.module_utils._rds.settings import own_tags
from ansible_collections.holdfast.webops.plugins.module_utils._rds.waiting import GOES_ON, insist


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
    seen = [one for one in (read(rds, name) for name in names) if one is not None]
    found = next((one for one in seen if one.point.lower() in ("", point.lower()) or one.name == point.lower()), None)
    if found is not None and found.instance != rds.name:
        raise InputError(f"target is 'point {point}', and that is a snapshot of {found.instance}.", hint=f"Choose one of {rds.name}.")
    return found


def read_own(rds: Rds, point: str) -> t.Optional[Snapshot]:
    """The snapshot that the restore point is; ConflictError where another one has that name: names are shared, and signs become dashes."""
    seen = read(rds, snapshot_of(rds.name, point))
    if seen is None:
        return None
    if seen.instance != rds.name:
        raise ConflictError(f"restore_point is '{point}', and {seen.name} is a snapshot of {seen.instance}.", hint="Give another name.")
    if seen.point.lower() not in ("", point.lower()):
        raise ConflictError(f"restore_point is '{point}', and {seen.name} is the restore point {seen.point}.", hint="Give another name.")
    return seen


def make(call: Call, rds: Rds, live: Instance, point: str, seen: t.Optional[Snapshot], *, counted: bool) -> Snapshot:
    """Have it made, where it is not there yet, and wait until it can be restored."""
    name = snapshot_of(rds.name, point)
    if seen is None:
        own = {**own_tags(live), POINT: point, **({COUNTED: "true"} if counted else {})}
        tags = [{"Key": key, "Value": value} for key, value in own.items()]
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


def counted(snapshots: t.Iterable[Snapshot]) -> list[Snapshot]:
    """Those that were made to be kept as long as there are not too many. A copy has our tags, and is somebody's own. Pure."""
    ours = [one for one in snapshots if one.counted and one.point and one.restorable and one.kind == "manual"]
    return [one for one in ours if one.name == snapshot_of(one.instance, one.point)]


def surplus(snapshots: t.Iterable[Snapshot], name: str, keep: int) -> list[Snapshot]:
    """Those that go, of snapshots from the newest on, when `keep` are kept: of which `name` is one, whenever it was made. Pure."""
    return [one for one in counted(snapshots) if one.name != name][max(keep - 1, 0) :] if keep else []


def remove(rds: Rds, snapshots: t.Iterable[Snapshot]) -> list[str]:
    """Sentences about those that AWS did not remove: no reason for a release to fail, and the next run tries again."""
    failures = []
    for one in snapshots:
        try:
            rds.ask(f"remove the snapshot {one.name}", "delete_db_snapshot", DBSnapshotIdentifier=one.name)
        except AbsentError:
            continue
        except AwsError as exc:
            failures.append(f"{exc.message} {exc.hint}".strip())
    return failures


def shown(point: str, name: str, snapshot: t.Optional[Snapshot], removed: t.Iterable[Snapshot]) -> dict[str, t.Any]:
    """The documented value `restore_point`."""
    at = snapshot.at if snapshot is not None else None
    status = snapshot.status if snapshot is not None else None
    return {"name": point, "snapshot": name, "status": status, "at": iso(at) if at else None, "removed": [one.name for one in removed]}
