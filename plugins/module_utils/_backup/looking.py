# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of pg_backup_info."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import read_catalog, verify
from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._backup.shown import described
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations


def look(call: Call) -> Outcome:
    """List what is there; changes nothing."""
    portal, newest = check_portal(call.params["portal"]), call.params["newest"]
    if newest is not None and newest < 1:
        raise InputError(f"newest is {newest}.", hint="Give a number above 0, or leave it out for all.")
    if not call.params["destinations"]:
        raise InputError("destinations is empty.", hint="Name the stores that hold the backups.")
    backups = read_catalog(open_destinations(call.params["destinations"]), portal)[:newest]
    if call.params["verify"] == "full":
        backups = [verify(backup) for backup in backups]
    usable = [backup for backup in backups if backup.sound]
    values = {
        "backups": [described(backup) for backup in backups],
        "latest": next((backup.id for backup in usable), None),
        "latest_proven": next((backup.id for backup in usable if backup.proof), None),
    }
    return Outcome({}, {}, values)
