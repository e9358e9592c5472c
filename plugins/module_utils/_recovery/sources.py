# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rehearsal saw besides the database: buckets, the whole cluster, the application and its checks. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_size
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record

YOUNGEST, ARCHIVE, SNAPSHOT = "youngest change", "archive", "snapshot"
NO_BUCKETS = "No policy backs up objects, so that there are none to restore."


def bucket_names(policies: t.Mapping[str, Record]) -> list[str]:
    """policy/bucket of each bucket that the policies back up."""
    return [f"{name}/{source['name']}" for name, policy in policies.items() if policy["kind"] == "objects" for source in policy["sources"]]


def misplaced(policies: t.Mapping[str, Record], targets: t.Mapping[str, Record]) -> list[str]:
    """A sentence for each target of a rehearsal that no bucket has, or where production's are: what is restored there is removed again."""
    sources = {source["name"]: source["source"] for one in policies.values() if one["kind"] == "objects" for source in one["sources"]}
    known = ", ".join(sources) or "none"
    found = [f"there is no bucket '{name}'; the policies back up {known}." for name in targets if name not in sources]
    found += [
        f"{name} goes to {target['store']}, where production has its bucket {bucket}; name an empty one elsewhere."
        for name, target in targets.items()
        for bucket, source in sources.items()
        if _overlap(target, source)
    ]
    return [f"portal_rehearse_storage_targets: {one}" for one in found]


def _overlap(one: Record, other: Record) -> bool:
    """Whether one of two stores is the other one, or lies in it."""
    (here, first), (there, second) = _place(one), _place(other)
    return here == there and (first.startswith(second) or second.startswith(first))


def _place(store: Record) -> tuple[str, str]:
    return str(store.get("endpoint") or "").rstrip("/").lower(), f"{str(store['store']).rstrip('/')}/"


def buckets(results: t.Sequence[Record], names: t.Sequence[str]) -> dict[str, t.Any]:
    """What the tasks that restored the buckets say: `buckets`, `ended` (when the last one was), `says`.

    A task that failed says no `backup`; what it says instead is the problem.
    """
    found = [_bucket(result, name) for result, name in zip(results, names)]
    found += [_bucket({}, name) for name in names[len(results) :]]
    ends = [str(result["rehearsal"]["ended"]) for result in results if result.get("rehearsal")]
    whole = len(ends) == len(names)
    return {
        "buckets": found,
        "ended": max(ends, key=parse_iso) if ends and whole else None,
        "says": " ".join(map(_said, found)) or NO_BUCKETS,
    }


def _bucket(result: Record, name: str) -> dict[str, t.Any]:
    backup, proof, rehearsal = result.get("backup") or {}, result.get("proof") or {}, result.get("rehearsal") or {}
    problem = None if backup else str(result.get("msg") or "Nobody knows what became of it: its job left no result.")
    return {
        "name": name,
        "backup": backup.get("id"),
        "at": backup.get("at"),
        "objects": proof.get("objects") if rehearsal else None,
        "bytes": proof.get("bytes") if rehearsal else None,
        "seconds": rehearsal.get("seconds"),
        "samples": list(rehearsal.get("samples") or ()),
        "passed_over": list(rehearsal.get("passed_over") or ()),
        "problem": problem,
    }


def _said(bucket: Record) -> str:
    if bucket["problem"]:
        return f"{bucket['name']} could not be restored: {bucket['problem']}"
    if bucket["objects"] is None:
        return f"Snapshot {bucket['backup']} of {bucket['name']} would be restored."
    size = as_size(bucket["bytes"])
    return f"Snapshot {bucket['backup']} of {bucket['name']} was restored, and equals its source: {bucket['objects']} objects, {size}."


def checks(results: t.Sequence[Record], step: str) -> list[dict[str, t.Any]]:
    """The results of health_check for one step: step, name, passed, says. What only warns passed."""
    return [
        {"step": step, "name": one["name"], "passed": one["status"] != "fail", "status": one["status"], "says": one["reason"]}
        for one in results
    ]


def evidence(seen: Record) -> dict[str, t.Any]:
    """For the record; each key is always there."""
    physical, application = seen.get("physical"), seen.get("application")
    names = ("cluster", "moment", "lost_seconds", "backup", "repository", "size", "checks", "validations", "youngest_change", "duration_s")
    return {
        "chosen": seen.get("chosen"),
        "storage": list(seen.get("buckets") or ()),
        "physical": {name: physical.get(name) for name in names} if physical else None,
        "application": {name: application.get(name) for name in ("version", "artifact")} if application else None,
        "health": list(seen.get("health") or ()),
    }


def newest_physical(seen: Record) -> tuple[str | None, str]:
    """The youngest change in the whole cluster as it was restored, else the moment to which it went back; and which of them that is."""
    physical = seen.get("physical") or {}
    youngest = physical.get("youngest_change")
    return (str(youngest), YOUNGEST) if youngest else (physical.get("moment"), ARCHIVE)


def younger(one: str | None, other: str | None) -> str | None:
    """The later one of two moments."""
    return max((moment for moment in (one, other) if moment), key=parse_iso, default=None)


def findings(seen: Record) -> t.Iterator[str]:
    """Sentences about what somebody should look at, beyond what the steps say."""
    yield from map(str, seen.get("problems") or ())
    yield from map(str, (seen.get("points") or {}).get("problems") or ())
    for bucket in seen.get("buckets") or ():
        for one in bucket["passed_over"]:
            yield f"Snapshot {one['backup']} of {bucket['name']} could not be restored: {one['reason']}"
    for one in seen.get("health") or ():
        if one["status"] == "warn":
            yield f"{one['step']}: {one['name']}: {one['says']}"
