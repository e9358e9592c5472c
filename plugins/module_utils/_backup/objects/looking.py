# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of object_backup_info."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.checking import check_reading
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file
from ansible_collections.holdfast.webops.plugins.module_utils._backup.looking import latest_of
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.asking import check_jobs, check_name
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.shown import described
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.verification import Verification, with_contents
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import verifier
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations


def look(call: Call) -> Outcome:
    """List what is there; changes nothing."""
    params, commands = call.params, Commands()
    _check(params)
    portal, signers = naming.check_portal(params["portal"]), verifier(commands, params)
    stores = open_destinations(params["destinations"])
    found = read_catalog(stores, portal, naming.OBJECTS, verifier=signers)
    named = [one for one in found if params["name"] in (None, one.manifest.get("name"))][: params["newest"]]
    backups = with_contents(named, stores, portal)
    if params["verify"] != "sizes":
        verification = Verification(commands, stores, portal, params["jobs"], Deadline(SystemClock(), params["wait_timeout"]))
        backups = [verification.contents(backup, _key_file(params, backup)) for backup in backups]
    values = {
        "backups": [described(backup) for backup in backups],
        "latest": latest_of(backups),
        "latest_proven": latest_of([backup for backup in backups if backup.proof]),
    }
    return Outcome({}, {}, values, tuple(doubt for backup in backups for doubt in backup.doubts))


def _key_file(params: t.Mapping[str, t.Any], backup: Backup) -> str | None:
    """None where nothing is to be decrypted, "" where nothing is encrypted."""
    if params["verify"] != "full":
        return None
    return check_identity_file(params["identity_file"]) if backup.manifest.get("encrypted") else ""


def _check(params: t.Mapping[str, t.Any]) -> None:
    check_reading(params, "newest")
    check_jobs(params["jobs"])
    if params["name"] is not None:
        check_name(params["name"])
