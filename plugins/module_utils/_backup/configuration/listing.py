# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of config_backup_info."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.request import check_name
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.shown import described_configuration
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.unpacking import read_archive
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fetching import plain_archive
from ansible_collections.holdfast.webops.plugins.module_utils._backup.looking import catalogued, latest_of
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import of_backup
from ansible_collections.holdfast.webops.plugins.module_utils._backup.verification import ReadArchive
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome


def look(call: Call) -> Outcome:
    """List what is there; changes nothing."""
    name = None if call.params["name"] is None else check_name(call.params["name"])
    backups = catalogued(call.params, naming.CONFIGURATION, _reader, name)
    values = {"backups": [described_configuration(backup) for backup in backups], "latest": latest_of(backups)}
    return Outcome({}, {}, values, tuple(doubt for backup in backups for doubt in backup.doubts))


def _reader(params: t.Mapping[str, t.Any], commands: Commands) -> ReadArchive:
    return functools.partial(_read_archive, commands, params, Deadline(SystemClock(), params["wait_timeout"]))


def _read_archive(commands: Commands, params: t.Mapping[str, t.Any], deadline: Deadline, backup: Backup) -> None:
    """Every file of a backup that has one copy, against the digests that lie in the archive."""
    encrypted = backup.manifest["archive"]["encrypted"]
    supply = of_backup(backup, check_identity_file(params["identity_file"]) if encrypted else "")
    with plain_archive(commands, supply, params["scratch_dir"], deadline) as archive:
        read_archive(archive.path)
