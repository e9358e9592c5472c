# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Are the backups as their policies want them? Decided from what the ledger remembers, so that a run that never began shows too. Pure."""

from __future__ import annotations

import dataclasses
import datetime
import statistics
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.limits import DATABASE, Watched
from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import is_id, moment_of
from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_ago, as_duration, as_size
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Entry

LATE, UNPROVEN, GREW, SHRANK = "late", "unproven", "grew", "shrank"
SEVERITIES = {LATE: "error", UNPROVEN: "warning", GREW: "warning", SHRANK: "warning"}
# Fewer backups before it have no usual size.
FEWEST = 3
Data = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Made:
    """A backup that the ledger remembers."""

    id: str
    at: datetime.datetime
    bytes: t.Optional[int]


@dataclasses.dataclass(frozen=True)
class Proven:
    """A restore that was found equal to its source."""

    backup_id: str
    at: datetime.datetime
    bytes: t.Optional[int]
    duration_s: t.Optional[float]

    def says(self, now: datetime.datetime) -> str:
        """last proven restore: 3 hours ago, 12.0 GB in 4 min 0 s"""
        what = f", {as_size(self.bytes)}" if self.bytes is not None else ""
        took = f" in {as_duration(round(self.duration_s, 1))}" if what and self.duration_s is not None else ""
        return f"last proven restore: {as_ago((now - self.at).total_seconds())}{what}{took}"


@dataclasses.dataclass(frozen=True)
class History:
    """What the ledger says of one policy, the oldest first; `failure` is the last run when that one failed."""

    made: tuple[Made, ...]
    proven: tuple[Proven, ...]
    failure: t.Optional[tuple[datetime.datetime, str]] = None


def history_of(policy: Watched, entries: t.Iterable[Entry]) -> History:
    """Deploys make backups of the database too, and name no policy."""
    made: list[Made] = []
    proven: list[Proven] = []
    failure = None
    for entry in entries:
        if not _is_about(policy, entry):
            continue
        if entry.event == "backup.recorded":
            made.append(_made(entry))
            failure = None
        elif entry.event == "proof.recorded":
            proven.append(_proven(entry))
        elif entry.event == "backup.failed":
            # By itself `backup.failed` of a release has no policy, and is told by that release.
            failure = (parse_iso(entry.at), str(entry.data.get("reason") or "")) if entry.data.get("policy") else failure
    return History(tuple(sorted(made, key=lambda one: one.at)), tuple(sorted(proven, key=lambda one: one.at)), failure)


def _is_about(policy: Watched, entry: Entry) -> bool:
    """A failure of a policy is one of all its parts."""
    said = entry.data.get("policy")
    if not said:
        return policy.kind == DATABASE
    return bool(said == policy.policy) and (entry.event == "backup.failed" or (entry.data.get("part") or "") == policy.part)


def _made(entry: Entry) -> Made:
    return Made(str(entry.data.get("backup_id")), _moment(entry, "taken_at"), entry.data.get("bytes"))


def _proven(entry: Entry) -> Proven:
    data = entry.data
    return Proven(str(data.get("backup_id")), _moment(entry, "proven_at"), data.get("bytes"), data.get("duration_s"))


def _moment(entry: Entry, key: str) -> datetime.datetime:
    """What the entry says itself; else the moment in the backup's name, or that of the entry."""
    if entry.data.get(key):
        return parse_iso(str(entry.data[key]))
    name = str(entry.data.get("backup_id") or "")
    return moment_of(name) if entry.event == "backup.recorded" and is_id(name) else parse_iso(entry.at)


def judge(policies: t.Sequence[Watched], entries: t.Sequence[Entry], now: datetime.datetime) -> dict[str, t.Any]:
    """`policies`, `alerts` and `lines` as backup_status documents them."""
    found = [_judged(policy, history_of(policy, entries), now) for policy in policies]
    alerts = [alert for one in found for alert in one.pop("alerts")]
    lines = [*(f"{one['name']}: {one['says']}" for one in found), *(f"{alert['name']}: {alert['says']}" for alert in alerts)]
    return {"policies": found, "alerts": alerts, "lines": lines}


def _judged(policy: Watched, history: History, now: datetime.datetime) -> dict[str, t.Any]:
    newest = history.made[-1] if history.made else None
    proof = history.proven[-1] if history.proven else None
    alerts = {**_late(policy, history, now), **_size(policy, history), **_unproven(policy, proof, now)}
    return {
        "name": policy.name,
        "policy": policy.policy,
        "kind": policy.kind,
        "newest": {"backup_id": newest.id, "at": iso(newest.at), "bytes": newest.bytes} if newest else None,
        "proof": {**vars(proof), "at": iso(proof.at)} if proof else None,
        "failure": {"at": iso(history.failure[0]), "reason": history.failure[1]} if history.failure else None,
        "says": _says(newest, proof, now) + _failed(history, now),
        "alerts": [
            {"policy": policy.policy, "name": policy.name, "alert": name, "severity": SEVERITIES[name], "says": text}
            for name, text in alerts.items()
        ],
    }


def _says(newest: t.Optional[Made], proof: t.Optional[Proven], now: datetime.datetime) -> str:
    if newest is None:
        return "there is no backup yet."
    size = f", {as_size(newest.bytes)}" if newest.bytes is not None else ""
    proven = f"; {proof.says(now)}" if proof else ""
    return f"newest backup: {as_ago((now - newest.at).total_seconds())}{size}{proven}."


def _failed(history: History, now: datetime.datetime) -> str:
    if not history.failure:
        return ""
    return f" The last run, {as_ago((now - history.failure[0]).total_seconds())}, failed: {history.failure[1]}"


def _late(policy: Watched, history: History, now: datetime.datetime) -> dict[str, str]:
    limit = policy.limits.late_hours
    newest = history.made[-1] if history.made else None
    if limit is None or (newest and (now - newest.at).total_seconds() <= limit * 3600):
        return {}
    why = _failed(history, now)
    if newest is None:
        return {LATE: f"there is no good backup at all; there should be one at least every {limit:g} hours.{why}"}
    age = as_ago((now - newest.at).total_seconds())
    return {LATE: f"the newest good backup is of {iso(newest.at)}, {age}; the limit is {limit:g} hours.{why}"}


def _size(policy: Watched, history: History) -> dict[str, str]:
    sizes = [one.bytes for one in history.made if one.bytes is not None]
    before = sizes[:-1][-policy.limits.of_last :]
    if len(before) < FEWEST or history.made[-1].bytes is None:
        return {}
    usual, size = statistics.median(before), sizes[-1]
    said = f"the newest backup, {history.made[-1].id}, has {as_size(size)}, the {len(before)} before it about {as_size(usual)};"
    if policy.limits.grew and size > usual * policy.limits.grew:
        return {GREW: f"{said} that is more than {policy.limits.grew:g} times as much."}
    if size < usual * policy.limits.shrank:
        return {SHRANK: f"{said} that is less than {policy.limits.shrank:g} of it. Look whether rows are gone before older backups go."}
    return {}


def _unproven(policy: Watched, proof: t.Optional[Proven], now: datetime.datetime) -> dict[str, str]:
    limit = policy.limits.proof_hours
    if limit is None or (proof and (now - proof.at).total_seconds() <= limit * 3600):
        return {}
    if proof is None:
        return {UNPROVEN: f"no backup was proven by a restore; there should be a proof at least every {limit:g} hours."}
    return {UNPROVEN: f"{proof.says(now)}; the limit is {limit:g} hours."}
