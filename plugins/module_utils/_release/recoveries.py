# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recovery that has begun and not ended, as the ledger tells it: what the next run of the same command goes on with. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Entry

Record = dict[str, t.Any]
STARTED, STEPPED, COMPLETED = "recovery.started", "recovery.stepped", "recovery.completed"


def follow_recovery(under_way: Record | None, entry: Entry) -> Record | None:
    """What is under way after one more entry whose event begins with `recovery.`."""
    if entry.event == STARTED:
        return {**entry.data, "at": entry.at, "number": entry.number, "by": entry.by, "done": []}
    if entry.event == COMPLETED:
        return None
    if entry.event == STEPPED and under_way and entry.data.get("recovery_id") == under_way.get("recovery_id"):
        others = [step for step in under_way["done"] if step["id"] != entry.data.get("id")]
        return {**under_way, "done": [*others, entry.data]}
    return under_way
