# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the database's step of a real recovery saw, in the shape in which a rehearsal tells it, so that one report shows both. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record


def recovered(restore: Record, examination: Record) -> dict[str, t.Any]:
    """`backup`, `moment`, `proof`, `rehearsal` and `says`. `restore` is the contract's fact, `examination` what pg_examination returned.

    After a run that was killed, `restore` may only know which backup or moment the database holds.
    """
    physical, backup, done = restore.get("physical") or {}, restore.get("backup"), restore.get("restored") or {}
    return {
        "backup": backup,
        "moment": physical.get("moment"),
        "proof": None,
        "rehearsal": {
            "restore_s": physical.get("duration_s", done.get("duration_s")),
            "compare_s": None,
            "validate_s": examination["seconds"],
            "validations": examination["answers"],
            "youngest_change": examination["youngest_change"],
            "passed_over": [],
            "comparisons": [],
        },
        "says": _says(physical, backup or {}, done),
    }


def _says(physical: Record, backup: Record, done: Record) -> str:
    if physical:
        return f"The cluster is back at {physical['moment']}.{_kept('The old one', physical.get('kept'))}"
    return f"The database holds backup {backup['id']} of {backup['at']}.{_kept('The old one', done.get('replaced_database'))}"


def _kept(what: str, where: t.Any) -> str:
    return f" {what} is kept as {where}." if where else ""
