# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What RDS keeps of an instance: the window of its automated backups, and snapshots."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.failures import AbsentError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import LOST, Instance
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.ways import age, iso_or_none

MADE = "available"
# The tag of a snapshot that we made, with the name that it was asked for by; and of one that goes when there are more than so many.
POINT, COUNTED = "holdfast:restore-point", "holdfast:counted"
# RDS uploads its log every five minutes; the rest is for a busy hour.
LATE = datetime.timedelta(minutes=30)


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """`kind` is automated, manual or awsbackup. `at` is None while it is being made. `instance`: of which it is. `point`: the restore
    point that it is, by the tag that says so; empty for one that somebody else made. `counted`: whether only so many are kept."""

    name: str
    instance: str
    kind: str
    status: str
    at: t.Optional[datetime.datetime]
    point: str = ""
    counted: bool = False

    @property
    def restorable(self) -> bool:
        return self.status == MADE and self.at is not None


@dataclasses.dataclass(frozen=True)
class Holdings:
    """`pitr`: whether any moment from `oldest` to `newest` can be had; else those of `snapshots` can, the newest first.

    `final`: a snapshot that is younger than all moments, of an instance that is gone: what came between is in it.
    """

    pitr: bool
    oldest: t.Optional[datetime.datetime]
    newest: t.Optional[datetime.datetime]
    snapshots: t.Tuple[Snapshot, ...]
    now: datetime.datetime
    final: t.Optional[Snapshot] = None

    @property
    def youngest(self) -> t.Optional[datetime.datetime]:
        """The moment of `latest`."""
        return self.final.at if self.final is not None else self.newest


def read_holdings(rds: Rds, instance: Instance) -> Holdings:
    """What can be restored now, by AWS's clock."""
    filters = [{"Name": "db-instance-id", "Values": [instance.name]}]  # the parameter wants an instance that is there
    listed = rds.all("list the snapshots", "describe_db_snapshots", "DBSnapshots", Filters=filters)
    snapshots = sorted(map(read_snapshot, listed), key=lambda one: one.at or rds.now, reverse=True)
    found = weighed(instance.raw, _window_start(rds, instance), tuple(snapshots), rds.now)
    return with_final(found) if instance.gone else found


def with_final(found: Holdings) -> Holdings:
    """The snapshot that was made as the instance was deleted is younger than its window. Pure."""
    last = next((one for one in found.snapshots if one.restorable), None)
    is_younger = found.pitr and last is not None and last.at is not None and found.newest is not None and last.at > found.newest
    return dataclasses.replace(found, final=last) if is_younger else found


def read_snapshot(raw: t.Mapping[str, t.Any]) -> Snapshot:
    """One entry of describe_db_snapshots."""
    at = raw.get("OriginalSnapshotCreateTime") or raw.get("SnapshotCreateTime")
    name, instance = str(raw["DBSnapshotIdentifier"]), str(raw.get("DBInstanceIdentifier", ""))
    tags = {str(pair["Key"]): str(pair.get("Value") or "") for pair in raw.get("TagList") or ()}
    return Snapshot(name, instance, str(raw.get("SnapshotType", "manual")), str(raw["Status"]), at, tags.get(POINT, ""), COUNTED in tags)


def weighed(
    raw: t.Mapping[str, t.Any], start: t.Optional[datetime.datetime], snapshots: t.Tuple[Snapshot, ...], now: datetime.datetime
) -> Holdings:
    """The window of an instance, or else its snapshots. Pure."""
    newest = raw.get("LatestRestorableTime")
    if raw.get("BackupRetentionPeriod") and newest:
        automated = [one.at for one in snapshots if one.kind == "automated" and one.restorable and one.at]
        oldest = start or min(automated, default=None) or newest
        return Holdings(True, oldest, min(newest, now), snapshots, now)
    moments = [one.at for one in snapshots if one.restorable and one.at]
    return Holdings(False, min(moments, default=None), max(moments, default=None), snapshots, now)


def _window_start(rds: Rds, instance: Instance) -> t.Optional[datetime.datetime]:
    """The first moment of the window, where AWS tells it."""
    try:
        found = rds.all(
            "tell the window of the automated backups",
            "describe_db_instance_automated_backups",
            "DBInstanceAutomatedBackups",
            DbiResourceId=instance.resource,
        )
    except AbsentError:
        return None
    starts = [(one.get("RestoreWindow") or {}).get("EarliestTime") for one in found if one.get("DbiResourceId") == instance.resource]
    return min(filter(None, starts), default=None)


def problems(instance: Instance, holdings: Holdings) -> list[str]:
    """Sentences about what stands in the way of a restore. Pure."""
    if instance.gone:
        left = "its automated backups are left" if holdings.pitr else "only its snapshots are left"
        return [f"RDS has no instance {instance.name} any more; {left}, from which it can be restored."]
    found = [f"The instance is {instance.status}."] if instance.status in LOST else []
    if not instance.raw.get("BackupRetentionPeriod"):
        found.append("Automated backups are off (retention 0), so that there is no point-in-time recovery.")
    elif not holdings.pitr:
        found.append("RDS names no moment that could be restored yet; the first backup of an instance takes some minutes.")
    elif holdings.newest and holdings.now - holdings.newest > LATE:
        late = as_duration((holdings.now - holdings.newest).total_seconds())
        found.append(f"The newest moment that can be restored is {late} ago; RDS archives every five minutes.")
    return found


def unprotected(instance: Instance) -> list[str]:
    """Sentences about what would let all of it be lost at once. Pure."""
    found = []
    if not instance.raw.get("BackupRetentionPeriod"):
        found.append("Automated backups are off (retention 0), so that there is no point-in-time recovery.")
    if not instance.raw.get("DeletionProtection"):
        found.append("Deletion protection is off: one wrong command removes the instance with its automated backups.")
    if not instance.raw.get("StorageEncrypted"):
        found.append("The storage is not encrypted; only a copy of a snapshot can be.")
    return found


def shown(region: str, instance: Instance, holdings: Holdings) -> dict[str, t.Any]:
    """The value `physical` of the contract `recovery_points`. Pure."""
    return {
        "cluster": instance.name,
        "provable": True,
        "status": instance.status,
        "region": region,
        "pitr": holdings.pitr,
        "oldest": iso_or_none(holdings.oldest),
        "newest": iso_or_none(holdings.youngest),
        "rpo_seconds": age(holdings.youngest, holdings.now),
        "retention_days": int(instance.raw.get("BackupRetentionPeriod") or 0),
        "backups": [
            {"id": one.name, "kind": one.kind, "status": one.status, "at": iso(one.at) if one.at else None, "restorable": one.restorable}
            for one in holdings.snapshots
        ],
        "problems": problems(instance, holdings),
    }
