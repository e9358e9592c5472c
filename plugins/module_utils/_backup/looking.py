# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of pg_backup_info."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file
from ansible_collections.holdfast.webops.plugins.module_utils._backup.loading import read_through
from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._backup.shown import described
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import verifier
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import of_backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.verification import verify_archives, verify_digests
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client, find_clients
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations


def look(call: Call) -> Outcome:
    """List what is there; changes nothing."""
    params, commands = call.params, Commands()
    portal = check_portal(params["portal"])
    _check(params)
    signers = verifier(commands, params)
    check = _verification(params, commands)
    catalog = read_catalog(open_destinations(params["destinations"]), portal, newest=params["newest"], verifier=signers)
    backups = [check(backup) for backup in catalog]
    usable = [backup for backup in backups if backup.sound]
    values = {
        "backups": [described(backup) for backup in backups],
        "latest": next((backup.id for backup in usable), None),
        "latest_proven": next((backup.id for backup in usable if backup.proof), None),
    }
    return Outcome({}, {}, values, tuple(doubt for backup in backups for doubt in backup.doubts))


def _check(params: t.Mapping[str, t.Any]) -> None:
    if params["newest"] is not None and params["newest"] < 1:
        raise InputError(f"newest is {params['newest']}.", hint="Give a number above 0, or leave it out for all.")
    if not params["destinations"]:
        raise InputError("destinations is empty.", hint="Name the stores that hold the backups.")
    if params["wait_timeout"] <= 0:
        raise InputError(f"wait_timeout is {params['wait_timeout']}.", hint="Give a number of seconds above 0.")
    if params["identity_file"] is not None:
        check_identity_file(params["identity_file"])


def _verification(params: t.Mapping[str, t.Any], commands: Commands) -> t.Callable[[Backup], Backup]:
    """What is done with each backup beyond comparing sizes."""
    if params["verify"] == "sizes":
        return lambda backup: backup
    if params["verify"] == "quick":
        return verify_digests
    client = max(find_clients(commands, params["pg_bin_dir"]), key=lambda one: one.major)
    read = functools.partial(_read_archive, commands, client, params, Deadline(SystemClock(), params["wait_timeout"]))
    return lambda backup: verify_archives(backup, read)


def _read_archive(commands: Commands, client: Client, params: t.Mapping[str, t.Any], deadline: Deadline, backup: Backup) -> None:
    """Read the archive of a backup that has one copy."""
    encrypted = backup.manifest["archive"]["encrypted"]
    supply = of_backup(backup, check_identity_file(params["identity_file"]) if encrypted else "")
    read_through(commands, client, supply, supply.origins[0], params["scratch_dir"], deadline)
