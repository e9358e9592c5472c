# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report says of a rehearsal in tables and sentences, in the order of reading; HTML and Markdown are two dresses of it. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration, as_size
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Record

Rows = t.List[t.Tuple[str, str]]


def title(story: Record) -> str:
    """One line that names it."""
    portal = f"{story['portal']} {story['environment']}".strip()
    return f"{story['rehearsal']['id']} · {portal}"


def summary(story: Record) -> str:
    """How it stands, for somebody who reads nothing else."""
    return " ".join(story["rehearsal"]["summary"])


def facts(story: Record) -> Rows:
    """Who, when, from what."""
    rehearsal, backup = story["rehearsal"], story["rehearsal"]["backup"]
    found = [
        ("began", rehearsal["began"]),
        ("ended", rehearsal["ended"]),
        ("by", story["by"]),
        ("live release", story["release"] or "none"),
    ]
    chosen = rehearsal.get("chosen")
    if chosen:
        found.append(("went back to", ", ".join(dict.fromkeys((chosen["target"], chosen["moment"])))))
    if backup:
        encrypted = "encrypted" if backup["encrypted"] else "not encrypted"
        found.append(("backup", f"{backup['id']} of {backup['at']}, {as_size(backup['size'] or 0)}, {encrypted}"))
        found.append(("SHA-256 of the backup", str(backup["sha256"])))
    application = rehearsal.get("application")
    if application:
        kept = "" if application["artifact"] == "given" else ", from the host itself"
        found.append(("started release", f"{application['version']}{kept}"))
    return [*found, *((name, str(value)) for name, value in rehearsal["versions"].items())]


def points(story: Record) -> Rows:
    """What could be restored, destination by destination."""
    found = []
    for point in story["rehearsal"]["points"]:
        proven = "proven before" if point["proven"] else "never proven before"
        newest = f"{point['backup']} of {point['at']}, {as_duration(point['lost_s'])} old, {proven}" if point["backup"] else "nothing"
        damaged = f"; {point['newer_damaged']} newer ones are damaged" if point["newer_damaged"] else ""
        found.append((point["store"], newest + damaged))
    return found


def step_line(step: Record) -> str:
    """How long one step took against its estimate."""
    estimate = f"estimated {as_duration(step['estimate_s'])}"
    return estimate if step["seconds"] is None else f"{as_duration(step['seconds'])}, {estimate}"


def durations(story: Record) -> Rows:
    """What the database's step was made of."""
    rehearsal = story["rehearsal"]["rehearsal"]
    if not rehearsal:
        return []
    names = {"restore_s": "restore", "compare_s": "compare with the source", "validate_s": "questions of the business"}
    return [(shown, as_duration(rehearsal[name])) for name, shown in names.items() if rehearsal[name] is not None]


def answers(story: Record) -> list[t.Tuple[str, bool, str]]:
    """Each question of the business, whether its answer was right, and what it was."""
    restored, whole = story["rehearsal"]["rehearsal"] or {}, story["rehearsal"].get("physical") or {}
    found = [(one["name"], one) for one in restored.get("validations") or ()]
    found += [(f"whole cluster: {one['name']}", one) for one in whole.get("validations") or ()]
    return [(name, bool(one["passed"]), one["says"]) for name, one in found]


def other_sources(story: Record) -> Rows:
    """What was restored besides the database: the whole cluster, and each bucket. An older record knows none of them."""
    rehearsal = story["rehearsal"]
    physical = rehearsal.get("physical")
    found = [] if not physical else [("whole cluster", _cluster(physical))]
    return [*found, *((one["name"], _bucket(one)) for one in rehearsal.get("storage") or ())]


def _cluster(physical: Record) -> str:
    took = as_duration(physical["duration_s"]) if physical["duration_s"] is not None else "unknown"
    source = f", from backup {physical['backup']}" if physical["backup"] else ""  # a hosted one does not say with which it begins
    return f"to {physical['moment']}{source}, {as_size(physical['size'] or 0)}, in {took}"


def _bucket(one: Record) -> str:
    if one["problem"]:
        return str(one["problem"])
    samples = ", ".join(sample["sha256"][:12] for sample in one["samples"])
    taken = f"{one['objects']} objects, {as_size(one['bytes'] or 0)}, in {as_duration(one['seconds'] or 0)}"
    return f"{one['backup']} of {one['at']}: {taken}, each compared; such as {samples or 'none'}"


def health(story: Record) -> list[t.Tuple[str, bool, str]]:
    """Each check of the application that was started, whether it passed, and what it saw."""
    return [(f"{one['step']}: {one['name']}", bool(one["passed"]), str(one["says"])) for one in story["rehearsal"].get("health") or ()]


def comparisons(story: Record) -> list[t.Tuple[str, bool, str]]:
    """What was compared with the source: name, whether it was equal, rows and digest."""
    rehearsal = story["rehearsal"]["rehearsal"] or {}
    return [(f"{one['what']} {one['name']}", bool(one["equal"]), _mark(one["restored"])) for one in rehearsal.get("comparisons") or ()]


def _mark(value: t.Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    rows_first = sorted(value.items(), key=lambda one: one[0] != "rows")
    return ", ".join(f"{name} {inner}" for name, inner in rows_first if inner is not None)


def trend(story: Record) -> Rows:
    """Each rehearsal so far in words; one of them is no trend."""
    points = story["trend"] if len(story["trend"]) > 1 else []
    return [
        (f"{point['began']}: {point['verdict']}", f"RTO {_of(point, 'total_s', 'rto_s')}, RPO {_of(point, 'lost_s', 'rpo_s')}")
        for point in points
    ]


def _of(point: Record, value: str, limit: str) -> str:
    measured = "unknown" if point[value] is None else as_duration(point[value])
    return f"{measured} of {as_duration(point[limit])}"


def projection(story: Record) -> Rows:
    """How long larger databases would take."""
    return [
        (f"{one['gigabytes']} GB", f"{as_duration(one['seconds'])}, {'within' if one['met'] else 'beyond'} the RTO")
        for one in story["rehearsal"]["projection"]
    ]


def projection_note(story: Record) -> str:
    """What was measured, and what is assumed."""
    loaded = story["rehearsal"].get("loaded")
    if not loaded:
        return _ASSUMED
    rate = as_size(loaded["bytes"] / max(loaded["seconds"], 0.001))
    return f"Measured: {as_size(loaded['bytes'])} in {as_duration(loaded['seconds'])}, {rate}/s. {_ASSUMED}"


_ASSUMED = (
    "Assumed: restoring and comparing take as long per byte as they did here, on the same machine and line, and everything else stays what"
    " it was. What a small database shows of a large one is not much."
)


def ledger(story: Record) -> Rows:
    """How to check all of it."""
    rehearsal, entry = story["rehearsal"], story["entry"]
    intact = "matches" if rehearsal["evidence_intact"] else "does NOT match: the evidence was changed"
    chain = story["ledger"]
    return [
        ("entry", f"{entry['number']} of {chain['length']}, written {entry['at']}"),
        ("hash of the entry", entry["hash"]),
        ("hash of the entry before", str(entry["previous"])),
        ("SHA-256 of the evidence", f"{rehearsal['evidence_sha256']} ({intact})"),
        ("chain", "intact" if chain["intact"] else f"damaged: {chain['problem']}"),
    ]
