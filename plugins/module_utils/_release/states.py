# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the entries of a ledger to the state of a portal. Pure.

A release is `opened`, gets all traffic (`live`), and is `good` once its course ended well. It ends as `failed` when its
course was undone, as `rolled_back` when somebody went back from it later.

Entries of a controller that was fenced off (its number is lower than one seen before) are not counted.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import STEP_EVENTS, Entry
from ansible_collections.holdfast.webops.plugins.module_utils._release.recoveries import follow_recovery

Record = dict[str, t.Any]


@dataclasses.dataclass
class Release:
    """What the ledger tells of one release. `percent` is the last share of traffic that was judged good, `percent_tried` the last begun.

    `backup` is the id of the one from before its migrations; `migrated_at` when expand migrations of it had run, None when it had none.
    """

    id: str
    version: str | None
    commit: str | None
    artifact_sha256: str | None
    slot: str | None
    replaces: str | None
    opened_at: str
    opened_number: int
    status: str = "opened"
    live_at: str | None = None
    completed_at: str | None = None
    ended_at: str | None = None
    reason: str | None = None
    last_event: str = "release.opened"
    last_at: str = ""
    steps_done: list[str] = dataclasses.field(default_factory=list)
    percent: int = 0
    percent_tried: int = 0
    contracted: bool = False
    backup: str | None = None
    migrated_at: str | None = None

    def as_dict(self) -> Record:
        """The documented shape."""
        return dataclasses.asdict(self)


@dataclasses.dataclass
class _Fold:
    """The state while entries are read."""

    releases: dict[str, Release] = dataclasses.field(default_factory=dict)
    live: list[str] = dataclasses.field(default_factory=list)
    open: str | None = None
    contracts: dict[str, Record] = dataclasses.field(default_factory=dict)
    backups: list[Record] = dataclasses.field(default_factory=list)
    # Of each backup, the contracts that its data have: who restores one that an earlier restore has left behind has them again.
    contracts_of: dict[int, dict[str, Record]] = dataclasses.field(default_factory=dict)
    last: dict[str, Record] = dataclasses.field(default_factory=dict)
    approvals: list[Record] = dataclasses.field(default_factory=list)
    scripts: list[str] = dataclasses.field(default_factory=list)
    recovery: Record | None = None
    fencing: int = 0
    ignored: list[int] = dataclasses.field(default_factory=list)


def fold(entries: t.Iterable[Entry]) -> Record:
    """The state of a portal, as release_ledger documents it."""
    state = _Fold()
    for entry in entries:
        if entry.fencing is not None and entry.fencing < state.fencing:
            state.ignored.append(entry.number)
            continue
        state.fencing = max(state.fencing, entry.fencing or 0)
        _count(state, entry)
    return _shown(state)


def _shown(state: _Fold) -> Record:
    good = [name for name in state.live[:-1] if state.releases[name].status == "good"]

    def release(name: str | None) -> Record | None:
        return state.releases[name].as_dict() if name else None

    return {
        "live": release(state.live[-1] if state.live else None),
        "previous": release(good[-1] if good else None),
        "open": release(state.open),
        "releases": [found.as_dict() for found in state.releases.values()],
        "contracts": list(state.contracts.values()),
        "last_backup": state.backups[-1] if state.backups else None,
        "last_proof": state.last.get("proof.recorded"),
        "last_restore": state.last.get("restore.completed"),
        "approvals": state.approvals,
        "scripts": state.scripts,
        "recovery": state.recovery,
        "ignored": state.ignored,
    }


def _count(state: _Fold, entry: Entry) -> None:
    """Let one entry act on the state."""
    subject, _dot, end = entry.event.partition(".")
    release = state.releases.get(entry.release or "")
    if entry.event == "release.opened":
        _opened(state, entry)
    elif entry.event in STEP_EVENTS and release:
        _stepped(state, release, subject, end, entry)
    elif entry.event in _ENDINGS and release:
        _ENDINGS[entry.event](state, release, entry)
    else:
        _noted(state, entry)
    if release:
        release.last_event, release.last_at = entry.event, entry.at


def _opened(state: _Fold, entry: Entry) -> None:
    wanted = entry.data.get("release") or {}
    if not entry.release or entry.release in state.releases:
        return
    unfinished = state.releases.get(state.open or "")
    if unfinished and unfinished.status == "opened":
        _end(unfinished, "failed", entry, f"superseded by {entry.release}")
    state.releases[entry.release] = Release(
        id=entry.release,
        version=wanted.get("version"),
        commit=wanted.get("commit"),
        artifact_sha256=wanted.get("artifact_sha256"),
        slot=entry.data.get("slot"),
        replaces=entry.data.get("replaces") or (state.live[-1] if state.live else None),
        opened_at=entry.at,
        opened_number=entry.number,
        last_at=entry.at,
    )
    state.open = entry.release


def _stepped(state: _Fold, release: Release, step: str, end: str, entry: Entry) -> None:
    if end == "completed" and step not in release.steps_done:
        release.steps_done.append(step)
    if step == "backup" and end == "completed":
        release.backup = entry.data.get("backup_id") or release.backup
    elif step == "expand" and end == "completed" and entry.data.get("applied"):
        release.migrated_at = entry.at
    elif step == "shift":
        percent = int(entry.data.get("percent") or 0)
        release.percent_tried = percent
        release.percent = percent if end == "completed" else release.percent
    elif step == "contract":
        _contracted(state, release, end, entry)
    elif step == "undo" and end == "completed":
        release.percent = release.percent_tried = 0
        release.steps_done = [done for done in release.steps_done if done in ("backup", "expand", "contract")]
        _leave(state, release)


def _contracted(state: _Fold, release: Release, end: str, entry: Entry) -> None:
    """Note what may have changed the schema for good: what was applied, and what was begun and never told how it ended."""
    applied = entry.data.get("applied")
    if (end == "completed" and not applied) or (end == "failed" and applied == []):
        if not release.contracted:
            state.contracts.pop(release.id, None)
        return
    release.contracted = release.contracted or end == "completed"
    before = state.contracts.get(release.id, {})
    state.contracts[release.id] = {
        "release": release.id,
        "version": release.version,
        "number": before.get("number", entry.number),
        "at": before.get("at", entry.at),
        "certain": release.contracted,
        "backup": before.get("backup", state.backups[-1] if state.backups else None),
    }


def _went_live(state: _Fold, release: Release, entry: Entry) -> None:
    release.status, release.live_at, release.percent = "live", entry.at, 100
    _enter(state, release)


def _completed(state: _Fold, release: Release, entry: Entry) -> None:
    release.status, release.completed_at = "good", entry.at
    _enter(state, release)
    if state.open == release.id:
        state.open = None


def _failed(state: _Fold, release: Release, entry: Entry) -> None:
    _end(release, "failed", entry, entry.data.get("reason"))
    _leave(state, release)
    if state.open == release.id:
        state.open = None


def _rolled_back(state: _Fold, release: Release, entry: Entry) -> None:
    """`release` is the one that was left; data.to (an id, or a dict with one) has the traffic now, on data.slot when it moved."""
    if entry.data.get("script"):
        state.scripts.append(str(entry.data["script"]))
    wanted = entry.data.get("to")
    target = state.releases.get(str(wanted.get("id") if isinstance(wanted, dict) else wanted))
    _end(release, "rolled_back", entry, entry.data.get("reason"))
    _leave(state, release)
    if state.open == release.id:
        state.open = None
    if target:
        target.status, target.slot = "good", entry.data.get("slot") or target.slot
        _enter(state, target)


_ENDINGS: dict[str, t.Callable[[_Fold, Release, Entry], None]] = {
    "release.live": _went_live,
    "release.completed": _completed,
    "release.failed": _failed,
    "rollback.completed": _rolled_back,
}


def _end(release: Release, status: str, entry: Entry, reason: str | None) -> None:
    release.status, release.ended_at, release.reason = status, entry.at, reason


def _enter(state: _Fold, release: Release) -> None:
    """Put a release on top of those that had the traffic."""
    if release.id in state.live:
        state.live.remove(release.id)
    state.live.append(release.id)


def _leave(state: _Fold, release: Release) -> None:
    if release.id in state.live:
        state.live.remove(release.id)


def _noted(state: _Fold, entry: Entry) -> None:
    record = {**entry.data, "at": entry.at, "number": entry.number, "by": entry.by, "release": entry.release}
    if entry.event == "backup.recorded":
        state.backups.append(record)
        state.contracts_of[entry.number] = dict(state.contracts)
    elif entry.event == "approval.granted":
        # One that does not say what it covers or until when covers nothing, and ended when it was written.
        unsaid = {"version": None, "commit": None, "artifact_sha256": None, "reason": None, "expires_at": entry.at}
        state.approvals.append({**unsaid, **record, "withdrawn_at": None})
    elif entry.event == "approval.withdrawn":
        _withdrawn(state, entry)
    elif entry.event in ("proof.recorded", "restore.completed"):
        state.last[entry.event] = record
    elif entry.event.startswith("recovery."):
        state.recovery = follow_recovery(state.recovery, entry)
    if entry.event == "restore.completed":
        _restored(state, backup_id(entry.data), entry.data.get("moment"))


def _withdrawn(state: _Fold, entry: Entry) -> None:
    """Who gave an approval takes it back, for what it covered."""
    for approval in state.approvals:
        same = all(approval.get(name) == entry.data.get(name) for name in ("version", "commit", "artifact_sha256"))
        if same and approval["by"] == entry.by and not approval["withdrawn_at"]:
            approval["withdrawn_at"] = entry.at


def _restored(state: _Fold, restored: str | None, moment: str | None) -> None:
    """Data from before a contract migration undo it: the schema is that of the backup, or of the moment, again."""
    taken = [backup["number"] for backup in state.backups if restored and backup_id(backup) == restored]
    if taken:
        state.contracts = dict(state.contracts_of[taken[-1]])
    elif moment:
        # One that had begun by then may have changed the schema already.
        until = parse_iso(moment)
        state.contracts = {name: contract for name, contract in state.contracts.items() if parse_iso(contract["at"]) <= until}


def backup_id(data: t.Mapping[str, t.Any]) -> str | None:
    """The id of the backup that an entry tells of."""
    found = data.get("backup_id") or data.get("id")
    return str(found) if found else None
