# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract `recovery_points`: what can be restored, by whatever way, and what would be lost now. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

Backups = t.Sequence[t.Mapping[str, t.Any]]


def sound_moments(backups: Backups) -> list[datetime.datetime]:
    """When the logical backups were taken of which at least one copy is undamaged."""
    for backup in backups:
        if not {"at", "state"} <= set(backup):
            raise InputError("backups: an entry has no 'at' or no 'state'.", hint="Give what holdfast.webops.pg_backup_info returned.")
    return [parse_iso(str(backup["at"])) for backup in backups if backup["state"] != "damaged"]


def together(
    physical: t.Mapping[str, t.Any] | None, logical: t.Sequence[datetime.datetime], backups: Backups, now: datetime.datetime
) -> dict[str, t.Any]:
    """The youngest restorable moment of all ways counts, and the way that has it.

    `physical` are whole servers: oldest, newest, rpo_seconds, problems and whatever else its kind has to say.
    """
    # A host whose clock is ahead made nothing in the future.
    ways = [("logical", min(max(logical), now), min(logical))] if logical else []
    if physical and physical["newest"]:
        ways.append(("physical", parse_iso(physical["newest"]), parse_iso(physical["oldest"])))
    method, newest, _oldest = max(ways, key=lambda way: way[1], default=(None, None, None))
    problems = list(physical["problems"]) if physical else []
    if not ways:
        problems.append("Nothing can be restored: there is no backup.")
    return {
        "newest": iso_or_none(newest),
        "oldest": iso_or_none(min((oldest for _method, _newest, oldest in ways), default=None)),
        "rpo_seconds": physical["rpo_seconds"] if physical and method == "physical" else age(newest, now),
        "method": method,
        "healthy": not problems,
        "problems": problems,
        "backups": list(backups),
        "physical": dict(physical) if physical else None,
    }


def iso_or_none(moment: datetime.datetime | None) -> str | None:
    """None stays None."""
    return iso(moment) if moment else None


def age(moment: datetime.datetime | None, now: datetime.datetime) -> float | None:
    """Seconds from that moment to now, never below zero; None for none."""
    return round(max((now - moment).total_seconds(), 0.0), 1) if moment else None
