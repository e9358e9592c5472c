# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be restored, destination by destination, from the backups that pg_backup_info listed. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record


def points(backups: t.Sequence[Record], now: datetime.datetime) -> list[dict[str, t.Any]]:
    """Of each destination, the newest backup that is undamaged there: store, backup, at, lost_s, proven, newer_damaged.

    `lost_s` are the seconds that would be lost with it now. A destination that has none is there with nulls.
    """
    ordered = sorted(backups, key=lambda backup: parse_iso(str(backup["at"])), reverse=True)
    stores = {store for backup in ordered for store in (*(copy["store"] for copy in backup["copies"]), *backup["missing"])}
    return [_newest(store, ordered, now) for store in sorted(stores)]


def _newest(store: str, backups: t.Sequence[Record], now: datetime.datetime) -> dict[str, t.Any]:
    damaged = 0
    for backup in backups:
        copy = next((copy for copy in backup["copies"] if copy["store"] == store), None)
        if copy is not None and not copy["damage"]:
            lost = max((now - parse_iso(str(backup["at"]))).total_seconds(), 0.0)
            proven = bool(backup.get("proof"))
            return {
                "store": store,
                "backup": backup["id"],
                "at": backup["at"],
                "lost_s": round(lost, 1),
                "proven": proven,
                "newer_damaged": damaged,
            }
        damaged += copy is not None
    return {"store": store, "backup": None, "at": None, "lost_s": None, "proven": False, "newer_damaged": damaged}
