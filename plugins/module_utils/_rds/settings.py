# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an instance is set up, and how a restored one gets the same: RDS gives it defaults unless it is told. Pure.

A setting is known by the name that RestoreDBInstanceToPointInTime and ModifyDBInstance have for it; the description calls some otherwise.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance

Raw = t.Mapping[str, t.Any]
Settings = t.Dict[str, t.Any]
OURS = "holdfast:"
# Below this size, gp3 has what it has, and RDS refuses to be told.
GP3_TUNABLE = 400  # GiB


@dataclasses.dataclass(frozen=True)
class Setting:
    """`read` takes it out of a description. `restored`: a restore takes it; `modified`: a change does, else nobody can carry it over."""

    read: t.Callable[[Raw], t.Any]
    restored: bool = True
    modified: bool = True


def _same(name: str) -> t.Callable[[Raw], t.Any]:
    return lambda raw: raw.get(name)


def _flag(name: str) -> t.Callable[[Raw], t.Any]:
    """None where it is not said, as of an instance that is gone."""
    return lambda raw: None if raw.get(name) is None else bool(raw[name])


def _number(name: str) -> t.Callable[[Raw], t.Any]:
    return lambda raw: None if raw.get(name) is None else int(raw[name])


def _first(group: str, name: str) -> t.Callable[[Raw], t.Any]:
    return lambda raw: (raw.get(group) or [{}])[0].get(name)


def _storage(name: str) -> t.Callable[[Raw], t.Any]:
    """Iops and throughput, where they are somebody's choice."""

    def read(raw: Raw) -> t.Any:
        kind, size = str(raw.get("StorageType", "")), int(raw.get("AllocatedStorage") or 0)
        chosen = (kind.startswith("io") and name == "Iops") or (kind == "gp3" and size >= GP3_TUNABLE)
        return (raw.get(name) or None) if chosen else None

    return read


def _monitored(name: str) -> t.Callable[[Raw], t.Any]:
    return lambda raw: raw.get(name) if raw.get("MonitoringInterval") else None


def _insight(name: str) -> t.Callable[[Raw], t.Any]:
    return lambda raw: raw.get(name) if raw.get("PerformanceInsightsEnabled") else None


# In the order in which people read them.
SETTINGS: t.Final[t.Mapping[str, Setting]] = {
    "DBInstanceClass": Setting(_same("DBInstanceClass")),
    "MultiAZ": Setting(_flag("MultiAZ")),
    "DBSubnetGroupName": Setting(lambda raw: (raw.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"), modified=False),
    "VpcSecurityGroupIds": Setting(lambda raw: sorted(str(one["VpcSecurityGroupId"]) for one in raw.get("VpcSecurityGroups") or ())),
    "PubliclyAccessible": Setting(_flag("PubliclyAccessible")),
    "NetworkType": Setting(_same("NetworkType")),
    "DBParameterGroupName": Setting(_first("DBParameterGroups", "DBParameterGroupName")),
    "OptionGroupName": Setting(_first("OptionGroupMemberships", "OptionGroupName")),
    "StorageType": Setting(_same("StorageType")),
    "Iops": Setting(_storage("Iops")),
    "StorageThroughput": Setting(_storage("StorageThroughput")),
    "MaxAllocatedStorage": Setting(_same("MaxAllocatedStorage")),
    "DedicatedLogVolume": Setting(_flag("DedicatedLogVolume")),
    "ProcessorFeatures": Setting(lambda raw: raw.get("ProcessorFeatures") or None),
    "AutoMinorVersionUpgrade": Setting(_flag("AutoMinorVersionUpgrade")),
    "CopyTagsToSnapshot": Setting(_flag("CopyTagsToSnapshot")),
    "EnableIAMDatabaseAuthentication": Setting(_flag("IAMDatabaseAuthenticationEnabled")),
    "EnableCloudwatchLogsExports": Setting(lambda raw: sorted(raw.get("EnabledCloudwatchLogsExports") or ()), modified=False),
    "BackupRetentionPeriod": Setting(_number("BackupRetentionPeriod"), restored=False),
    "PreferredBackupWindow": Setting(_same("PreferredBackupWindow"), restored=False),
    "PreferredMaintenanceWindow": Setting(_same("PreferredMaintenanceWindow"), restored=False),
    "MonitoringInterval": Setting(_number("MonitoringInterval"), restored=False),
    "MonitoringRoleArn": Setting(_monitored("MonitoringRoleArn"), restored=False),
    "EnablePerformanceInsights": Setting(_flag("PerformanceInsightsEnabled"), restored=False),
    "PerformanceInsightsKMSKeyId": Setting(_insight("PerformanceInsightsKMSKeyId"), restored=False),
    "PerformanceInsightsRetentionPeriod": Setting(_insight("PerformanceInsightsRetentionPeriod"), restored=False),
    "CACertificateIdentifier": Setting(_same("CACertificateIdentifier"), restored=False),
    # Last: what is protected cannot be thrown away when a check fails.
    "DeletionProtection": Setting(_flag("DeletionProtection"), restored=False),
    "StorageEncrypted": Setting(_flag("StorageEncrypted"), restored=False, modified=False),
    "KmsKeyId": Setting(_same("KmsKeyId"), restored=False, modified=False),
}
# What RDS keeps neither with automated backups nor with snapshots, and an application may need.
UNTOLD: t.Final[t.Mapping[str, str]] = {
    "DBSubnetGroupName": "subnet_group",
    "VpcSecurityGroupIds": "security_groups",
    "DBParameterGroupName": "parameter_group",
    "MultiAZ": "multi_az",
    "DeletionProtection": "deletion_protection",
}
# A scratch instance that is looked into and thrown away needs no more.
OF_PROOF: t.Final = (
    "DBInstanceClass",
    "DBSubnetGroupName",
    "VpcSecurityGroupIds",
    "PubliclyAccessible",
    "NetworkType",
    "DBParameterGroupName",
    "OptionGroupName",
    "StorageType",
    "Iops",
    "StorageThroughput",
)


def read_settings(instance: Instance) -> Settings:
    """All of them; null where the instance has none."""
    return {name: setting.read(instance.raw) for name, setting in SETTINGS.items()}


def for_restore(wanted: Settings) -> Settings:
    """What a restore is told."""
    return {name: wanted[name] for name, setting in SETTINGS.items() if setting.restored and wanted[name] not in (None, [])}


def for_proof(wanted: Settings, instance_class: t.Optional[str]) -> Settings:
    """What the restore of a scratch instance is told."""
    chosen = {name: wanted[name] for name in OF_PROOF if wanted[name] not in (None, [])}
    return {**chosen, **({"DBInstanceClass": instance_class} if instance_class else {}), "MultiAZ": False}


def corrections(wanted: Settings, seen: Settings) -> Settings:
    """What a change of the restored instance is told, so that it is as wanted."""
    wrong = {
        name: wanted[name]
        for name, setting in SETTINGS.items()
        if setting.modified and wanted[name] != seen[name] and wanted[name] not in (None, [])
    }
    if "MonitoringInterval" in wrong and wanted["MonitoringRoleArn"]:
        wrong["MonitoringRoleArn"] = wanted["MonitoringRoleArn"]
    return wrong


def differences(wanted: Settings, seen: Settings) -> list[str]:
    """Sentences about settings that could not be carried over."""
    changed = [name for name in SETTINGS if (wanted[name] or None) != (seen[name] or None)]
    return [f"{name} is {_told(seen[name])}, and was {_told(wanted[name])}." for name in changed]


def compared(old: Instance, new: Instance) -> list[str]:
    """Sentences about what is not as it was. Of an instance that is gone, not all is known."""
    wanted, seen = read_settings(old), read_settings(new)
    known = [name for name in SETTINGS if wanted[name] is not None] if old.gone else list(SETTINGS)
    return differences({**seen, **{name: wanted[name] for name in known}}, seen)


def _told(value: t.Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "unset" if value in (None, []) else ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def losses(live: Instance) -> list[str]:
    """Sentences about what hangs on an instance, and stays with it when another one takes its place."""
    raw, found = live.raw, []
    unknown = [words for name, words in UNTOLD.items() if read_settings(live)[name] in (None, [])] if live.gone else []
    if unknown:
        found.append(f"Nobody says its {', '.join(unknown)}, which RDS does not keep of an instance that is gone: it takes its defaults.")
    replicas = [*(raw.get("ReadReplicaDBInstanceIdentifiers") or ()), *(raw.get("ReadReplicaDBClusterIdentifiers") or ())]
    if replicas:
        found.append(f"Its replicas go on following the old instance: {', '.join(map(str, replicas))}.")
    roles = [str(one.get("RoleArn")) for one in raw.get("AssociatedRoles") or ()]
    if roles:
        found.append(f"These IAM roles have to be added to the restored instance again: {', '.join(roles)}.")
    if raw.get("MasterUserSecret"):
        found.append("Secrets Manager keeps the master password of the old instance; have it manage that of the restored one.")
    if raw.get("DomainMemberships"):
        found.append("The restored instance has to join its directory again.")
    return found


def own_tags(instance: Instance) -> dict[str, str]:
    """The tags that people gave it: neither AWS's own nor ours."""
    return {key: value for key, value in instance.tags.items() if not key.startswith(("aws:", OURS))}
