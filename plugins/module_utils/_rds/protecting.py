# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of rds_protection: how an instance is protected against loss, and the way it shall be."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._rds import client, telling
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds, open_rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.holdings import unprotected
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance, refuse_member, refuse_unready
from ansible_collections.holdfast.webops.plugins.module_utils._rds.settings import read_settings
from ansible_collections.holdfast.webops.plugins.module_utils._rds.waiting import await_instance, insist

ARGUMENTS: t.Final[dict[str, t.Any]] = {
    **client.ARGUMENTS,
    "backup_retention": {"type": "int"},
    "backup_window": {"type": "str"},
    "deletion_protection": {"type": "bool"},
    "copy_tags_to_snapshot": {"type": "bool"},
    "wait_timeout": {"type": "int", "default": 1800},
}
NAMES: t.Final[t.Mapping[str, str]] = {
    "backup_retention": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "deletion_protection": "DeletionProtection",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
}
LONGEST_RETENTION = 35  # days
_WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


def protect(call: Call, clock: t.Optional[Clock] = None) -> Outcome:
    """Read, compare, change, look again."""
    params = call.params
    check_backups(params)
    rds = open_rds(call, clock or SystemClock())
    instance = rds.instance(rds.name)
    if instance is None:
        raise NotFoundError(f"RDS has no instance {rds.name} in {rds.region}.", hint="Look at the name, the region and the account.")
    refuse_member(instance)
    before = protection(instance)
    after = {**before, **{name: params[name] for name in NAMES if params[name] is not None}}
    if before != after and not call.check_mode:
        refuse_unready(instance)
        instance = _change(call, rds, {name: after[name] for name in NAMES if after[name] != before[name]})
    said = unprotected(instance) if not call.check_mode else foreseen(instance, after)
    values = {"instance": telling.about(instance), "protection": after, "problems": said}
    return Outcome(before, after, values, tuple(said))


def protection(instance: Instance) -> dict[str, t.Any]:
    """What the options are now. Pure."""
    settings = read_settings(instance)
    return {name: settings[field] for name, field in NAMES.items()}


def foreseen(instance: Instance, after: t.Mapping[str, t.Any]) -> list[str]:
    """The problems that stay when the options are like that. Pure."""
    raw = {**instance.raw, **{field: after[name] for name, field in NAMES.items()}}
    return unprotected(Instance(instance.name, instance.status, instance.resource, instance.arn, instance.tags, raw))


def check_backups(params: t.Mapping[str, t.Any], prefix: str = "") -> None:
    """InputError for a retention or a window that RDS does not take. Pure."""
    days, window = params["backup_retention"], params["backup_window"]
    if days is not None and not 0 <= days <= LONGEST_RETENTION:
        raise InputError(
            f"{prefix}backup_retention is {days}.", hint=f"RDS keeps automated backups for 1 to {LONGEST_RETENTION} days; 0 is none."
        )
    if window is not None and not _WINDOW.fullmatch(window):
        raise InputError(f"{prefix}backup_window is '{window}'.", hint="Write it in UTC as 02:00-02:30; RDS wants at least half an hour.")


def _change(call: Call, rds: Rds, wanted: t.Mapping[str, t.Any]) -> Instance:
    """The instance, once it shows what RDS took."""
    given = {NAMES[name]: value for name, value in wanted.items()}
    insist(call, rds, rds.name, f"set {', '.join(wanted)} of {rds.name}", "modify_db_instance", ApplyImmediately=True, **given)

    def settled(seen: Instance) -> bool:
        found = protection(seen)
        return all(found[name] == value for name, value in wanted.items())

    return await_instance(call, rds, rds.name, settled=settled)
