# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A DB instance as RDS describes it, and what its status means to somebody who waits for it. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError

# The second one may last for hours, and everything works meanwhile.
READY = frozenset(["available", "storage-optimization"])
# What AWS does not say, because it is not there any more.
GONE = "deleted"
# From these it does not come by itself.
LOST = frozenset(
    [
        "deleting",
        "failed",
        "inaccessible-encryption-credentials",
        "incompatible-create",
        "incompatible-credentials",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "restore-error",
        "stopped",
        "stopping",
        "storage-full",
    ]
)


@dataclasses.dataclass(frozen=True)
class Instance:
    """`resource` stays the same when the instance is renamed; `raw` is the whole description."""

    name: str
    status: str
    resource: str
    arn: str
    tags: t.Mapping[str, str]
    raw: t.Mapping[str, t.Any]

    @property
    def gone(self) -> bool:
        """Whether this is only what is left of it."""
        return self.status == GONE

    @property
    def address(self) -> str:
        return str((self.raw.get("Endpoint") or {}).get("Address") or "")

    @property
    def port(self) -> int:
        return int((self.raw.get("Endpoint") or {}).get("Port") or self.raw.get("DbInstancePort") or 5432)


def read_instance(raw: t.Mapping[str, t.Any]) -> Instance:
    """One entry of describe_db_instances."""
    tags = {str(pair["Key"]): str(pair.get("Value") or "") for pair in raw.get("TagList") or ()}
    return Instance(
        str(raw["DBInstanceIdentifier"]), str(raw["DBInstanceStatus"]), str(raw["DbiResourceId"]), str(raw["DBInstanceArn"]), tags, raw
    )


def is_ready(instance: Instance) -> bool:
    """Whether it takes orders; WebopsError for a status from which it does not come by waiting."""
    if instance.status in LOST:
        raise WebopsError(
            f"The instance {instance.name} is {instance.status}, from which it does not come by waiting.",
            hint="Look at its events in the console of RDS.",
            status=instance.status,
        )
    return instance.status in READY


def refuse_unready(instance: Instance) -> None:
    """ConflictError where the live instance is in no state to be renamed, now or soon. Nothing is touched yet."""
    if instance.status in LOST:
        raise ConflictError(
            f"The instance {instance.name} is {instance.status}.",
            hint="Start it, or look at its events in the console of RDS; its snapshots can be restored there. Nothing was touched.",
            status=instance.status,
        )


def refuse_member(instance: Instance) -> None:
    """ConflictError for an instance of Aurora or of a Multi-AZ cluster, and for a replica: they are restored otherwise."""
    cluster, source = instance.raw.get("DBClusterIdentifier"), instance.raw.get("ReadReplicaSourceDBInstanceIdentifier")
    if cluster:
        raise ConflictError(
            f"The instance {instance.name} belongs to the cluster {cluster}.", hint="Clusters are not restored by this module."
        )
    if source:
        raise ConflictError(f"The instance {instance.name} is a replica of {source}.", hint=f"Name {source}.")
    if not str(instance.raw.get("Engine", "postgres")).startswith("postgres"):
        raise ConflictError(f"The instance {instance.name} runs {instance.raw['Engine']}.", hint="This is about PostgreSQL.")
