# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind rehearsal: how long ago is the last rehearsal of the recovery that went well, as the ledger remembers it?"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.store import RehearsalTarget
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Entry
from ansible_collections.holdfast.webops.plugins.module_utils._release.ledger import Ledger
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._stores.opening import open_store

EVENT, GOOD, HALF = "rehearsal.completed", "recovered", "degraded"
DAY = 86400.0


def prepare(target: RehearsalTarget) -> None:
    """InputError for a URL that names no store, and a name that no portal has."""
    check_portal(target.portal)
    open_store(target.url, target.options)


def look(target: RehearsalTarget, _deadline: Deadline, clock: Clock) -> Finding:
    """One that failed does not make the one before it younger; what was recovered by half counts, and warns."""
    store = open_store(target.url, target.options)
    try:
        entries = [entry for entry in Ledger(store, target.portal, clock).intact().entries if entry.event == EVENT]
    except WebopsError as exc:
        return Finding("", problems=(exc.message.rstrip("."),), figures={"good_days": None}, evidence=Evidence(value=store.url))
    return judged(entries, clock)


def judged(entries: t.Sequence[Entry], clock: Clock) -> Finding:
    """What the rehearsals of a ledger, oldest first, say."""
    good = [entry for entry in entries if entry.data.get("verdict") in (GOOD, HALF)]
    if not good:
        problem = "No rehearsal has shown yet that the portal can be recovered" if not entries else "No rehearsal ever went well"
        return Finding("", problems=(problem,), figures={"good_days": None})
    days = round(max((clock.now() - parse_iso(good[-1].at)).total_seconds(), 0.0) / DAY, 2)
    doubts = [_said(entry) for entry in entries[-1:] if entry.data.get("verdict") != GOOD]
    seen = f"The last good rehearsal is {days:.1f} days old: {good[-1].data.get('rehearsal_id')}"
    return Finding(seen, (), tuple(doubts), figures={"good_days": days}, evidence=Evidence(value=str(good[-1].data.get("rehearsal_id"))))


def _said(entry: Entry) -> str:
    word = "failed" if entry.data.get("verdict") != HALF else "did not keep all that was promised"
    return f"The last one, {entry.data.get('rehearsal_id')}, {word}"
