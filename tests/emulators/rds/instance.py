"""What the local RDS knows of an instance and of a snapshot, and how the API shows them."""

from __future__ import annotations

import dataclasses
import datetime
import threading
import time
import typing as t

from tests.emulators.rds.errors import wrong_state
from tests.emulators.rds.signing import ACCOUNT

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.rds.database import Database
    from tests.emulators.rds.wire import Parameters

AVAILABLE, STOPPED, DELETED = "available", "stopped", "deleted"
# Everything that was archived can still be restored; a deleted one is found only if its backups were kept.
RESTORABLE: t.Final = frozenset((AVAILABLE, STOPPED, DELETED, "storage-full", "failed"))
CHANGEABLE: t.Final = frozenset((AVAILABLE, "storage-full"))
FAMILY = "postgres17"
DEFAULT_PARAMETERS, DEFAULT_OPTIONS = f"default.{FAMILY}", "default:postgres-17"
VPC, PORT = "vpc-10ca1", 5432
# What an instance has unless somebody says otherwise.
DEFAULTS: t.Final[dict[str, t.Any]] = {
    "Engine": "postgres",
    "LicenseModel": "postgresql-license",
    "PreferredBackupWindow": "02:00-02:30",
    "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
    "BackupRetentionPeriod": 1,
    "MultiAZ": False,
    "AutoMinorVersionUpgrade": True,
    "PubliclyAccessible": False,
    "StorageType": "gp2",
    "StorageEncrypted": False,
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "CopyTagsToSnapshot": False,
    "MonitoringInterval": 0,
    "IAMDatabaseAuthenticationEnabled": False,
    "PerformanceInsightsEnabled": False,
    "DeletionProtection": False,
    "NetworkType": "IPV4",
    "BackupTarget": "region",
    "DedicatedLogVolume": False,
    "OptionGroupMemberships": [{"OptionGroupName": DEFAULT_OPTIONS, "Status": "in-sync"}],
}
# What a snapshot, and an automated backup, says of its instance.
OF_SNAPSHOTS: t.Final = (
    "Engine",
    "EngineVersion",
    "AllocatedStorage",
    "LicenseModel",
    "MasterUsername",
    "StorageType",
    "Iops",
    "StorageThroughput",
)
# What a restored instance has from its source; all else is as of a new one.
INHERITED: t.Final = (
    *OF_SNAPSHOTS,
    "DBInstanceClass",
    "DBName",
    "BackupRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "AutoMinorVersionUpgrade",
    "PubliclyAccessible",
    "StorageEncrypted",
    "CACertificateIdentifier",
    "NetworkType",
)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def whole(moment: float) -> datetime.datetime:
    """The second it is in."""
    return datetime.datetime.fromtimestamp(int(moment), datetime.UTC)


@dataclasses.dataclass
class Instance:
    """`facts` are members of the description's DBInstance that are shown as they are. `resource` stays when the name changes."""

    identifier: str
    resource: str
    region: str
    facts: Parameters
    database: Database
    tags: dict[str, str]
    security_groups: list[str]
    parameter_group: str
    status: str = ""
    parameter_status: str = "in-sync"
    pending: Parameters = dataclasses.field(default_factory=dict)
    """What the next maintenance window, or ApplyImmediately, brings."""
    created: datetime.datetime = dataclasses.field(default_factory=now)
    flushed: float = 0.0
    """When a database that does not run any more was archived for the last time, in seconds since the epoch."""
    worker: threading.Thread | None = None
    """What changes its state in the background."""
    turn: object = None
    """Of the newest change of state until it is over: an older one shows no more."""

    @property
    def arn(self) -> str:
        return f"arn:aws:rds:{self.region}:{ACCOUNT}:db:{self.identifier}"

    @property
    def backup_arn(self) -> str:
        return f"arn:aws:rds:{self.region}:{ACCOUNT}:auto-backup:ab-{self.resource.removeprefix('db-').lower()}"

    @property
    def retention(self) -> int:
        """Days; 0 is without any recovery to a moment."""
        return int(self.facts["BackupRetentionPeriod"])

    @property
    def is_busy(self) -> bool:
        return self.turn is not None

    @property
    def earliest(self) -> float | None:
        """The first moment that can be restored, in seconds since the epoch."""
        return self.database.archive.earliest() if self.retention else None

    def latest(self, lag: float) -> float | None:
        """The last one."""
        earliest = self.earliest
        return None if earliest is None else max(earliest, (self.flushed or time.time()) - lag)

    def require(self, states: t.Collection[str], message: str = "") -> None:
        if self.is_busy or self.status not in states:
            raise wrong_state(message or f"Instance {self.identifier} is not currently in the available state.")


@dataclasses.dataclass
class Snapshot:
    """`folder` holds a cluster that starts by itself; it is complete when `status` is available."""

    identifier: str
    source: Instance
    folder: Path
    kind: str
    facts: Parameters
    """What is shown of the instance as it was."""
    inherited: Parameters
    """What an instance that is restored from it has of it."""
    tags: dict[str, str]
    status: str = "creating"
    created: datetime.datetime = dataclasses.field(default_factory=now)

    @property
    def arn(self) -> str:
        return f"arn:aws:rds:{self.source.region}:{ACCOUNT}:snapshot:{self.identifier}"


# --- as the API shows them ---


def shown(instance: Instance, port: int, lag: float) -> Parameters:
    """DBInstance. An address is there as soon as there is a server."""
    latest = instance.latest(lag) if instance.status != "creating" else None
    row: Parameters = {"DBInstanceIdentifier": instance.identifier, **instance.facts, "DBInstanceStatus": instance.status}
    if instance.database.version:
        row["Endpoint"] = {"Address": "127.0.0.1", "Port": port, "HostedZoneId": "Z1RLNUO7B9Q6NB"}
    group = {"DBParameterGroupName": instance.parameter_group, "ParameterApplyStatus": instance.parameter_status}
    members = [{"VpcSecurityGroupId": one, "Status": "active"} for one in instance.security_groups]
    row |= {"DbInstancePort": 0, "DBInstanceArn": instance.arn, "DbiResourceId": instance.resource, "InstanceCreateTime": instance.created}
    row |= {"DBParameterGroups": [group], "VpcSecurityGroups": members, "DBSecurityGroups": []}
    row.setdefault("DBSubnetGroup", subnets("default"))
    row.setdefault("AvailabilityZone", f"{instance.region}a")
    row |= {"PendingModifiedValues": _masked(instance.pending), "TagList": tag_list(instance.tags)}
    row |= {"ReadReplicaDBInstanceIdentifiers": [], "DomainMemberships": [], "AssociatedRoles": []}
    return {**row, "LatestRestorableTime": None if latest is None else whole(latest)}


def shown_snapshot(snapshot: Snapshot) -> Parameters:
    """DBSnapshot."""
    row: Parameters = {"DBSnapshotIdentifier": snapshot.identifier, **snapshot.facts, "Status": snapshot.status}
    row |= {"SnapshotType": snapshot.kind, "DBSnapshotArn": snapshot.arn, "TagList": tag_list(snapshot.tags)}
    if snapshot.status == AVAILABLE:
        row |= {"SnapshotCreateTime": snapshot.created, "OriginalSnapshotCreateTime": snapshot.created, "PercentProgress": 100}
    else:
        row["PercentProgress"] = 0
    return row


def shown_backup(instance: Instance, *, is_retained: bool, lag: float) -> Parameters:
    """DBInstanceAutomatedBackup."""
    earliest, latest = instance.earliest, instance.latest(lag)
    row = {**of_snapshot(instance), **{name: instance.facts.get(name) for name in ("BackupRetentionPeriod", "PreferredBackupWindow")}}
    row |= {"DBInstanceArn": instance.arn, "DBInstanceAutomatedBackupsArn": instance.backup_arn, "Region": instance.region}
    row |= {"BackupTarget": "region", "TagList": tag_list(instance.tags)}
    row["Status"] = "retained" if is_retained else "creating" if earliest is None else "active"
    if earliest is not None and latest is not None:
        row["RestoreWindow"] = {"EarliestTime": whole(earliest), "LatestTime": whole(latest)}
    return row


def of_snapshot(instance: Instance) -> Parameters:
    """What a snapshot says of its instance."""
    row = {name: instance.facts.get(name) for name in (*OF_SNAPSHOTS, "IAMDatabaseAuthenticationEnabled")}
    row |= {"DBInstanceIdentifier": instance.identifier, "DbiResourceId": instance.resource, "InstanceCreateTime": instance.created}
    row |= {"AvailabilityZone": instance.facts.get("AvailabilityZone", f"{instance.region}a"), "VpcId": VPC, "Port": PORT}
    return {**row, "Encrypted": instance.facts["StorageEncrypted"], "OptionGroupName": _option_group(instance)}


def _option_group(instance: Instance) -> str:
    (one,) = instance.facts["OptionGroupMemberships"]
    return str(one["OptionGroupName"])


def tag_list(tags: t.Mapping[str, str]) -> list[Parameters]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _masked(pending: Parameters) -> Parameters:
    return {name: "****" if name == "MasterUserPassword" else value for name, value in pending.items()}


def subnets(name: str) -> Parameters:
    return {"DBSubnetGroupName": name, "DBSubnetGroupDescription": name, "VpcId": VPC, "SubnetGroupStatus": "Complete"}
