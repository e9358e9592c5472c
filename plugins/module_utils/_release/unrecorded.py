# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A way back that was made on the router's host, when there was no controller to write it into the ledger. Pure.

The platform remembers the last one in `platform_status.rolled_back`; the ledger shows by its id that it knows it. Until it is
written down, nothing may be decided on what the ledger says is live.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._release.course import check_platform

Record = t.Mapping[str, t.Any]


def unrecorded(state: Record, platform: Record) -> Record | None:
    """What the platform remembers and the ledger does not know; None when there is nothing."""
    check_platform(platform)
    last = platform.get("rolled_back")
    return last if last and last["id"] not in state["scripts"] else None


def entries_for(state: Record, platform: Record) -> list[dict[str, t.Any]]:
    """The entry that writes it down, in a list; none when there is nothing, or when the ledger does not know the release that was left."""
    last = unrecorded(state, platform)
    left = _left(state, platform, last) if last else None
    if not last or not left:
        return []
    data = {name: last.get(name) for name in ("by", "at", "reason")}
    target = (platform["slots"].get(last["to_slot"]) or {}).get("release_id")
    return [
        {
            "event": "rollback.completed",
            "release": left,
            "data": {**data, "to": target, "slot": last["to_slot"], "script": last["id"]},
        }
    ]


def _left(state: Record, platform: Record, last: Record) -> str | None:
    """The release on the slot that was left; where that holds none any more, the one that the ledger takes for live or under way."""
    known = {release["id"] for release in state["releases"]}
    holds = (platform["slots"].get(last["from_slot"]) or {}).get("release_id")
    believed = state["open"] or state["live"]
    return str(holds) if holds in known else believed["id"] if believed else None
