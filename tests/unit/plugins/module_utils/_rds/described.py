"""Instances as RDS describes them."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._rds.holdings import Snapshot
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance, read_instance
from ansible_collections.holdfast.webops.plugins.module_utils._rds.marks import Marks

NOW = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def instance(name: str = "shop", /, resource: str = "db-LIVE", tags: t.Mapping[str, str] | None = None, **more: t.Any) -> Instance:
    """One that is available and set up as RDS does by itself."""
    raw = {
        "DBInstanceIdentifier": name,
        "DBInstanceStatus": "available",
        "DbiResourceId": resource,
        "DBInstanceArn": f"arn:aws:rds:eu-central-1:123456789012:db:{name}",
        "Engine": "postgres",
        "DBInstanceClass": "db.m7g.large",
        "AllocatedStorage": 100,
        "StorageType": "gp3",
        "Iops": 3000,
        "StorageThroughput": 125,
        "BackupRetentionPeriod": 7,
        "LatestRestorableTime": NOW - datetime.timedelta(minutes=3),
        "TagList": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
    }
    return read_instance({**raw, **more})


def snapshot(name: str, at: datetime.datetime | None, *, kind: str = "automated", status: str = "available") -> Snapshot:
    return Snapshot(name, "shop", kind, status, at)


def marks(role: str = "restoring", target: str = "latest", **more: str) -> Marks:
    return Marks(**{"instance": "shop", "source": "db-LIVE", "role": role, "target": target, "moment": "2026-11-22T11:30:00Z", **more})
