# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The story of one rehearsal or recovery, as its ledger tells it, with those before it. Pure; what its report shows."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.record import digest
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Chain, Entry
from ansible_collections.holdfast.webops.plugins.module_utils._release.states import fold

EVENTS = ("rehearsal.completed", "recovery.completed")
KEYS = {"rehearsal_id", "verdict", "evidence", "evidence_sha256"}
NEWEST = "newest"
TREND = 24  # two years of monthly rehearsals


def tell(chain: Chain, wanted: str) -> dict[str, t.Any]:
    """All that is known of the rehearsal `wanted`, an id or `newest`: rehearsal, by, entry, release, trend, ledger.

    NotFoundError when the ledger has no such rehearsal.
    """
    rehearsals = [entry for entry in chain.entries if entry.event in EVENTS and set(entry.data) >= KEYS]
    entry = _chosen(rehearsals, wanted)
    evidence = entry.data["evidence"]
    live = fold(chain.entries[: entry.number])["live"]
    return {
        "rehearsal": {
            "id": entry.data["rehearsal_id"],
            "verdict": entry.data["verdict"],
            "evidence_sha256": entry.data["evidence_sha256"],
            "evidence_intact": digest(evidence) == entry.data["evidence_sha256"],
            **evidence,
        },
        "by": entry.by,
        "entry": {name: getattr(entry, name) for name in ("number", "at", "previous", "hash")},
        "release": live["id"] if live else None,
        "trend": [_point(each) for each in rehearsals[: rehearsals.index(entry) + 1] if each.event == entry.event == EVENTS[0]][-TREND:],
        "ledger": chain.shown(),
    }


def _chosen(rehearsals: t.Sequence[Entry], wanted: str) -> Entry:
    for entry in reversed(rehearsals):
        if wanted in (NEWEST, entry.data["rehearsal_id"]):
            return entry
    known = ", ".join(str(entry.data["rehearsal_id"]) for entry in rehearsals[-10:]) or "none"
    raise NotFoundError(f"The ledger has no rehearsal '{wanted}'.", hint=f"Its newest are: {known}.")


def _point(entry: Entry) -> Record:
    evidence = entry.data["evidence"]
    return {
        "id": entry.data["rehearsal_id"],
        "verdict": entry.data["verdict"],
        "began": evidence["began"],
        "measured_s": evidence["rto"]["measured_s"],
        "total_s": evidence["rto"]["total_s"],
        "rto_s": evidence["rto"]["target_s"],
        "lost_s": evidence["rpo"]["lost_s"],
        "rpo_s": evidence["rpo"]["target_s"],
    }
