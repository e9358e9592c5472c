# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An instance that is gone, as far as it is still known: by the automated backups that outlive it, or else by its snapshots.

It is put together in the shape of a description, so that it is restored like any other. What neither says, a person has to say.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import GONE, Instance
from ansible_collections.holdfast.webops.plugins.module_utils._rds.marks import READY, RETURNING, read_marks
from ansible_collections.holdfast.webops.plugins.module_utils._rds.names import RESTORING, beside

Raw = t.Mapping[str, t.Any]
RETAINED = "retained"


class Option(t.NamedTuple):
    """An option that says how an instance was set up, and the members of a description that it stands for."""

    argument: t.Dict[str, t.Any]
    shown: t.Callable[[t.Any], t.Dict[str, t.Any]]


def _as(name: str) -> t.Callable[[t.Any], t.Dict[str, t.Any]]:
    return lambda value: {name: value}


TEXT, FLAG, NUMBER = {"type": "str"}, {"type": "bool"}, {"type": "int"}
OPTIONS: t.Final[t.Mapping[str, Option]] = {
    "instance_class": Option(TEXT, _as("DBInstanceClass")),
    "multi_az": Option(FLAG, _as("MultiAZ")),
    "subnet_group": Option(TEXT, lambda value: {"DBSubnetGroup": {"DBSubnetGroupName": value}}),
    "security_groups": Option(
        {"type": "list", "elements": "str"}, lambda value: {"VpcSecurityGroups": [{"VpcSecurityGroupId": one} for one in value]}
    ),
    "publicly_accessible": Option(FLAG, _as("PubliclyAccessible")),
    "parameter_group": Option(TEXT, lambda value: {"DBParameterGroups": [{"DBParameterGroupName": value}]}),
    "option_group": Option(TEXT, lambda value: {"OptionGroupMemberships": [{"OptionGroupName": value}]}),
    "backup_retention": Option(NUMBER, _as("BackupRetentionPeriod")),
    "backup_window": Option(TEXT, _as("PreferredBackupWindow")),
    "deletion_protection": Option(FLAG, _as("DeletionProtection")),
    "copy_tags_to_snapshot": Option(FLAG, _as("CopyTagsToSnapshot")),
}
ARGUMENT: t.Final[dict[str, t.Any]] = {"type": "dict", "options": {name: option.argument for name, option in OPTIONS.items()}}


def find(rds: Rds, given: t.Optional[Raw]) -> Instance:
    """What is left of the instance. NotFoundError where nothing is, ConflictError where it is not gone but has another name."""
    others = rds.instances()
    _refuse_halfway(rds.name, others)
    raw = _newest(_retained(rds), _latest) or _newest(_snapshots(rds), _made)
    if raw is None:
        raise NotFoundError(
            f"RDS has no instance {rds.name} in {rds.region}, and no backup or snapshot of one.",
            hint="Look at the name, the region and the account.",
        )
    gone = put_together(rds.name, raw, given)
    _refuse_present(gone, others)
    return gone


def put_together(name: str, raw: Raw, given: t.Optional[Raw]) -> Instance:
    """The instance, from an automated backup or a snapshot and what a person says. Pure."""
    shown: dict[str, t.Any] = {**raw, "DBInstanceStatus": GONE, "LatestRestorableTime": _latest(raw)}
    if "Encrypted" in raw:
        shown["StorageEncrypted"] = raw["Encrypted"]
    known = {"option_group": raw.get("OptionGroupName")}
    for option, value in (*known.items(), *(given or {}).items()):
        if value is not None:
            shown.update(OPTIONS[option].shown(value))
    tags = {str(pair["Key"]): str(pair.get("Value") or "") for pair in raw.get("TagList") or ()}
    return Instance(name, GONE, str(raw["DbiResourceId"]), str(raw.get("DBInstanceArn") or ""), tags, shown)


def _retained(rds: Rds) -> list[Raw]:
    """By filters: the parameters want an instance that is there."""
    filters = [{"Name": "db-instance-id", "Values": [rds.name]}, {"Name": "status", "Values": [RETAINED]}]
    what = "list the automated backups that were retained"
    return rds.all(what, "describe_db_instance_automated_backups", "DBInstanceAutomatedBackups", Filters=filters)


def _snapshots(rds: Rds) -> list[Raw]:
    filters = [{"Name": "db-instance-id", "Values": [rds.name]}]
    rows = rds.all("list the snapshots", "describe_db_snapshots", "DBSnapshots", Filters=filters)
    return [row for row in rows if row.get("DbiResourceId")]


def _newest(rows: list[Raw], moment: t.Callable[[Raw], t.Any]) -> t.Optional[Raw]:
    """None where no row has a moment: then nothing can be restored from any."""
    return max((row for row in rows if moment(row)), key=moment, default=None)


def _latest(raw: Raw) -> t.Any:
    return (raw.get("RestoreWindow") or {}).get("LatestTime")


def _made(raw: Raw) -> t.Any:
    return raw.get("OriginalSnapshotCreateTime") or raw.get("SnapshotCreateTime")


def _refuse_halfway(name: str, instances: t.Iterable[Instance]) -> None:
    """A swap of ours that was stopped between its two renames is no loss. Pure."""
    for one in instances:
        marks = read_marks(one)
        if marks is None or marks.instance != name:
            continue
        if marks.role == RETURNING:
            raise ConflictError(f"{one.name} is on its way back to the name {name}.", hint="Run state: undone again; it goes on.")
        if marks.role == READY and marks.kept and one.name == beside(name, RESTORING):
            raise ConflictError(
                f"A restore of {name} to {marks.target} was stopped between its two renames.",
                hint=f"Run it again with the target {marks.target}, or take it back with state: undone.",
            )


def _refuse_present(gone: Instance, instances: t.Iterable[Instance]) -> None:
    """A rename by hand must not end in a second instance. Pure."""
    for one in instances:
        if one.resource == gone.resource:
            raise ConflictError(
                f"RDS has no instance {gone.name}, but the one that had that name is there, as {one.name}.",
                hint=f"Rename {one.name} to {gone.name}. Nothing was touched.",
            )
