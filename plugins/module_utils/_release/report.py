# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person wants to know of a portal, from what its ledger says and what its platform shows. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.judging import Proven
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._release.approvals import standing
from ansible_collections.holdfast.webops.plugins.module_utils._release.course import SLOTS, check_platform, disagreement, share
from ansible_collections.holdfast.webops.plugins.module_utils._release.promotion import describe
from ansible_collections.holdfast.webops.plugins.module_utils._release.unrecorded import unrecorded

Record = t.Mapping[str, t.Any]


def report(ledger: Record, platform: Record, last: int, now: datetime.datetime) -> dict[str, t.Any]:
    """What is live since when, what is under way, who approved what, the last releases, the lease, the ledger; `lines` say it to a person.

    `ledger` is what release_ledger_info returned; `last` is how many releases are listed, newest first.
    """
    check_platform(platform)
    state = ledger["state"]
    live, unfinished = state["live"], state["open"]
    releases = [_listed(release) for release in reversed(state["releases"])][:last]
    found = {
        "live": _listed(live) if live else None,
        "under_way": _listed(unfinished) if unfinished else None,
        "recovery": _recovery(state.get("recovery")),
        "disagreement": disagreement(live, platform) if live and not unfinished else None,
        "weights": dict(platform["weights"] or {}),
        "slots": {slot: dict(platform["slots"].get(slot) or {}) for slot in SLOTS},
        "servers": {slot: dict((platform.get("servers") or {}).get(slot) or {}) for slot in SLOTS},
        "unrecorded": dict(unrecorded(state, platform) or {}) or None,
        "disagreements": list(platform.get("disagreements") or []),
        "approvals": [_approval(given) for given in standing(state["approvals"], now)],
        "releases": releases,
        "proof": last_proof(state["last_proof"], now),
        "lease": dict(ledger["lease"]),
        "ledger": dict(ledger["chain"]),
    }
    return {
        **found,
        "lines": [*_standing(found, unfinished), *_slots(found, platform), *_memory(found), *_approvals(found), *_history(releases)],
    }


def describe_lease(lease: Record) -> str:
    """Who holds a lease, in a sentence."""
    if not lease["held"]:
        return f"Lease: free (last number {lease['fencing']})."
    return f"Lease: held by {lease['owner']} ({lease['purpose']}), since {lease['taken_at']}, until {lease['expires_at']}."


def last_proof(record: Record | None, now: datetime.datetime) -> str | None:
    """last proven restore: 3 hours ago, 12.0 GB in 4 min 0 s"""
    if not record:
        return None
    at = parse_iso(str(record.get("proven_at") or record["at"]))
    return Proven(str(record.get("backup_id")), at, record.get("bytes"), record.get("duration_s")).says(now)


def _listed(release: Record) -> dict[str, t.Any]:
    names = ("id", "version", "commit", "artifact_sha256", "slot", "status", "opened_at", "live_at", "ended_at", "reason", "replaces")
    return {**{name: release[name] for name in names}, "last_event": release["last_event"], "last_at": release["last_at"]}


def _recovery(begun: Record | None) -> dict[str, t.Any] | None:
    done = [step["id"] for step in begun["done"] if step["status"] == "completed"] if begun else []
    return {**{name: begun[name] for name in ("recovery_id", "at", "by")}, "done": done} if begun else None


def _standing(found: Record, unfinished: Record | None) -> list[str]:
    live = found["live"]
    lines = [f"Live: {live['id']} on {live['slot']} since {live['live_at']}, {live['status']}." if live else "Live: no release."]
    if unfinished:
        lines.append(f"Under way: {unfinished['id']} on {unfinished['slot']}, last at {unfinished['last_event']} {unfinished['last_at']}.")
    begun = found["recovery"]
    if begun:
        done = ", ".join(begun["done"]) or "nothing"
        lines.append(
            f"Recovery under way: {begun['recovery_id']} by {begun['by']} since {begun['at']}, with {done} done."
            " Run the same command again, or give it up: holdfast.webops.recover -e portal_recover_state=abandoned"
        )
    back = found["unrecorded"]
    if back:
        why = f" ({back['reason']})" if back.get("reason") else ""
        lines.append(
            f"Taken back to {back['to_slot']} on the router's host at {back['at']} by {back['by']}{why}; the next run writes it down."
        )
    lines += [f"On the platform: {text}" for text in found["disagreements"]]
    if found["disagreement"] and not back:
        lines.append(f"The platform disagrees: {found['disagreement']}. The next deploy mends it.")
    return lines


def _slots(found: Record, platform: Record) -> list[str]:
    lines = []
    for slot, shown in found["slots"].items():
        since = f" since {shown['started_at']}" if shown.get("started_at") else ""
        what = f"{shown['release_id']}, {shown.get('state') or 'state unknown'}{since}" if shown.get("release_id") else "empty"
        lines.append(f"Slot {slot}: {what}, {share(platform, slot)} % of the traffic{_seen_by_router(shown, found['servers'][slot])}.")
    return lines


def _seen_by_router(shown: Record, server: Record) -> str:
    """What a person should know of a slot that died: the users did not notice, the router did."""
    ill = "; the router finds it ill" if shown.get("state") == "running" and server.get("healthy") is False else ""
    fallbacks = server.get("fallbacks") or 0
    return ill + (f"; the other slot answered {fallbacks} requests in its place since the router's start" if fallbacks else "")


def _memory(found: Record) -> list[str]:
    chain = found["ledger"]
    proof = [f"{found['proof'][:1].upper()}{found['proof'][1:]}."] if found["proof"] else []
    return [describe_lease(found["lease"]), f"Ledger: {chain['length']} entries, {chain['problem'] or 'intact.'}", *proof]


def _approval(given: Record) -> dict[str, t.Any]:
    return {name: given[name] for name in ("version", "commit", "artifact_sha256", "by", "at", "reason", "expires_at")}


def _approvals(found: Record) -> list[str]:
    return [
        f"Approved: {describe(given)} by {given['by']} at {given['at']}, until {given['expires_at']}: {given['reason']}"
        for given in found["approvals"]
    ]


def _history(releases: t.Sequence[Record]) -> list[str]:
    lines = []
    for release in releases:
        ended = f", {release['status']} {release['ended_at']}" if release["ended_at"] else f", {release['status']}"
        why = f": {release['reason']}" if release["reason"] else ""
        lines.append(f"Release {release['id']}: opened {release['opened_at']}{ended}{why}")
    return lines
