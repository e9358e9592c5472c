# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The story of one release, as its ledger tells it: stages, traffic, verdicts, who and why. Pure; what the release page shows."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Chain, Entry
from ansible_collections.holdfast.webops.plugins.module_utils._release.states import Record, backup_id, fold

NEWEST = "newest"
ENDS: t.Final = {"completed": "done", "failed": "failed"}


def tell(chain: Chain, wanted: str) -> Record:
    """All that is known of the release `wanted`: an id, a version (its newest release), or `newest`.

    Keys: release (as in the state), by, stages, traffic, windows, approvals, gates, backup, proofs, undone, entries, ledger.
    NotFoundError when the ledger has no such release.
    """
    state = fold(chain.entries)
    release = _chosen(state["releases"], wanted)
    own = [entry for entry in chain.entries if _is_about(entry, release["id"])]
    backups = {backup_id(entry.data) for entry in own} - {None}
    about = [entry for entry in chain.entries if entry in own or _is_proof(entry, backups) or _is_approval(entry, release)]
    opened = next((entry for entry in own if entry.event == "release.opened"), None)
    return {
        "release": release,
        "by": sorted({entry.by for entry in own}),
        "stages": stages(own),
        "traffic": traffic(own, release["id"]),
        "windows": windows(own),
        "gates": (opened.data.get("gates") if opened else None) or [],
        "approvals": [{**entry.data, "at": entry.at, "by": entry.by} for entry in about if entry.event.startswith("approval.")],
        "proofs": [{**entry.data, "at": entry.at} for entry in about if entry.event == "proof.recorded"],
        "undone": [stage for stage in stages(own) if stage["name"] == "undo"],
        "entries": [_listed(entry) for entry in about],
        "ledger": chain.shown(),
    }


def _chosen(releases: t.Sequence[Record], wanted: str) -> Record:
    if wanted == NEWEST and releases:
        return releases[-1]
    for name in ("id", "version"):
        for release in reversed(releases):
            if release[name] == wanted:
                return release
    known = ", ".join(release["id"] for release in releases[-10:]) or "none"
    raise NotFoundError(f"The ledger has no release '{wanted}'.", hint=f"Its newest are: {known}.")


def _is_about(entry: Entry, release: str) -> bool:
    """Its own entries, and those by which another release handed the traffic back to it."""
    target = entry.data.get("to")
    return release in (entry.release, target.get("id") if isinstance(target, dict) else target)


def _is_proof(entry: Entry, backups: t.Collection[t.Any]) -> bool:
    return entry.event == "proof.recorded" and backup_id(entry.data) in backups


def _is_approval(entry: Entry, release: Record) -> bool:
    """An approval is of a version or an artefact, before there is a release of it."""
    if not entry.event.startswith("approval.") or entry.release:
        return False
    artifact = entry.data.get("artifact_sha256")
    if artifact and release["artifact_sha256"]:
        return bool(artifact == release["artifact_sha256"])
    return bool(entry.data.get("version") == release["version"])


def stages(entries: t.Iterable[Entry]) -> list[Record]:
    """Each stage with began, ended (null while it runs), status, says, by; one that a killed run left is `cut off`."""
    found: list[Record] = []
    for entry in entries:
        subject, _dot, end = entry.event.partition(".")
        running = found[-1] if found and found[-1]["status"] == "under way" else None
        if end == "started":
            if running:
                running.update(status="cut off", ended=entry.at)
            found.append(_begun(subject, entry))
        elif end in ENDS and running and running["name"] == subject:
            running.update(_ended(end, entry))
        elif entry.event == "rollback.completed":
            found.append({**_begun(subject, entry), **_ended(end, entry)})
    return found


def _begun(name: str, entry: Entry) -> Record:
    return {
        "name": name,
        "percent": entry.data.get("percent"),
        "began": entry.at,
        "ended": None,
        "status": "under way",
        "says": "",
        "by": entry.by,
        "number": entry.number,
    }


def _ended(end: str, entry: Entry) -> Record:
    says = _said_of_rollback(entry) if entry.event == "rollback.completed" else _said(entry.data)
    return {"status": ENDS[end], "ended": entry.at, "says": says, "number": entry.number}


def _said(data: Record) -> str:
    if data.get("reason"):
        return str(data["reason"])
    if isinstance(data.get("verdict"), dict):
        return f"{data['verdict'].get('verdict')}: {data['verdict'].get('reason')}"
    if "applied" in data:
        applied = data["applied"] or []
        return f"migrations applied: {', '.join(map(str, applied))}" if applied else "no migrations"
    if data.get("backup_id"):
        return f"backup {data['backup_id']}"
    return str(data.get("summary") or data.get("state") or "")


def _said_of_rollback(entry: Entry) -> str:
    target = entry.data.get("to")
    name = target.get("id") if isinstance(target, dict) else target
    why = f": {entry.data['reason']}" if entry.data.get("reason") else ""
    return f"from {entry.release} to {name}, slot {entry.data.get('slot')}{why}"


def traffic(entries: t.Iterable[Entry], release: str) -> list[Record]:
    """The share of all traffic that the release had from each moment on, in percent."""
    shares: list[Record] = []
    for entry in entries:
        share = _share_after(entry, release)
        if share is not None and (not shares or shares[-1]["percent"] != share):
            shares.append({"at": entry.at, "percent": share})
    return shares


def _share_after(entry: Entry, release: str) -> int | None:
    if entry.event == "release.opened":
        return 0
    if entry.event == "shift.started":
        return int(entry.data.get("percent") or 0)
    if entry.event == "release.live":
        return 100
    if entry.event in ("undo.completed", "release.failed"):
        return 0
    if entry.event == "rollback.completed":
        return 0 if entry.release == release else 100
    return None


def windows(entries: t.Iterable[Entry]) -> list[Record]:
    """The observation windows: share, moment of the verdict, verdict with rule, reason and figures."""
    judged = [
        entry for entry in entries if entry.event in ("shift.completed", "shift.failed") and isinstance(entry.data.get("verdict"), dict)
    ]
    return [{"percent": entry.data.get("percent"), "at": entry.at, **entry.data["verdict"]} for entry in judged]


def _listed(entry: Entry) -> Record:
    names = ("number", "at", "event", "release", "by", "fencing", "previous", "hash")
    return {name: getattr(entry, name) for name in names}
