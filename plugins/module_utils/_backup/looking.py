# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of pg_backup_info."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.checking import check_reading
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file
from ansible_collections.holdfast.webops.plugins.module_utils._backup.loading import read_through
from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import DATABASE, check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._backup.shown import described
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import verifier
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import of_backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.verification import ReadArchive, verify_archives, verify_digests
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client, find_clients
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations

# What reads an archive of its kind to the end, made of the options once, and only where it is needed.
MakeReader = t.Callable[[t.Mapping[str, t.Any], Commands], ReadArchive]


def look(call: Call) -> Outcome:
    """List what is there; changes nothing."""
    unread: list[str] = []
    backups = catalogued(call.params, DATABASE, _reader, unread=unread)
    values = {
        "backups": [described(backup) for backup in backups],
        "latest": latest_of(backups),
        "latest_proven": latest_of([backup for backup in backups if backup.proof]),
    }
    return Outcome({}, {}, values, (*unread, *(doubt for backup in backups for doubt in backup.doubts)))


def catalogued(
    params: t.Mapping[str, t.Any], kind: str, reader: MakeReader, name: str | None = None, unread: list[str] | None = None
) -> list[Backup]:
    """The backups of one kind, the newest first, verified as the options say; only those of one `name` where it is given.

    `unread` as `read_catalog` takes it.
    """
    commands, portal = Commands(), check_portal(params["portal"])
    check_reading(params, "newest")
    signers = verifier(commands, params)
    check = _verification(params, commands, reader)
    stores, newest = open_destinations(params["destinations"]), params["newest"]
    catalog = read_catalog(stores, portal, kind, newest=None if name else newest, verifier=signers, unread=unread)
    return [check(backup) for backup in [backup for backup in catalog if name in (None, backup.manifest.get("name"))][:newest]]


def latest_of(backups: t.Sequence[Backup]) -> str | None:
    """The id of the first one that can be restored."""
    return next((backup.id for backup in backups if backup.sound), None)


def _verification(params: t.Mapping[str, t.Any], commands: Commands, reader: MakeReader) -> t.Callable[[Backup], Backup]:
    """What is done with each backup beyond comparing sizes."""
    if params["verify"] == "sizes":
        return lambda backup: backup
    if params["verify"] == "quick":
        return verify_digests
    read = reader(params, commands)
    return lambda backup: verify_archives(backup, read)


def _reader(params: t.Mapping[str, t.Any], commands: Commands) -> ReadArchive:
    client = max(find_clients(commands, params["pg_bin_dir"]), key=lambda one: one.major)
    return functools.partial(_read_archive, commands, client, params, Deadline(SystemClock(), params["wait_timeout"]))


def _read_archive(commands: Commands, client: Client, params: t.Mapping[str, t.Any], deadline: Deadline, backup: Backup) -> None:
    """Read the archive of a backup that has one copy."""
    encrypted = backup.manifest["archive"]["encrypted"]
    supply = of_backup(backup, check_identity_file(params["identity_file"]) if encrypted else "")
    read_through(commands, client, supply, supply.origins[0], params["scratch_dir"], deadline)
