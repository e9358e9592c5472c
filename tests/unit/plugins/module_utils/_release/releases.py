"""Ledgers of releases that went well and ill, as the playbooks write them."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Chain, Entry

A, B, C = "1.0-20261120T101500Z", "1.1-20261121T223000Z", "1.2-20261122T050000Z"
SHA = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
SERIES = {
    "elapsed_s": [1.0, 2.0, 3.0],
    "samples": [0, 20, 60],
    "errors": [0, 0, 3],
    "p95_ms": [None, 41.0, 2300.5],
    "baseline_samples": [90, 190, 280],
    "baseline_errors": [0, 0, 0],
    "baseline_p95_ms": [38.0, 39.0, 38.5],
}


def verdict(word: str = "pass", rule: str = "healthy", **given: t.Any) -> dict[str, t.Any]:
    figures = {
        "elapsed_s": 3.0,
        "candidate": {"samples": 60, "errors": 3, "p95_ms": 2300.5},
        "baseline": {"samples": 280, "errors": 0, "p95_ms": 38.5},
        "error_rate_bad": 0.01,
        "latency_objective_ms": 2000.0,
        "series": SERIES,
    }
    return {"verdict": word, "rule": rule, "reason": "60 requests were seen.", "figures": figures, **given}


def opened(release: str, slot: str, replaces: str | None = None) -> tuple[str, str, dict[str, t.Any]]:
    wanted = {"version": release.partition("-")[0], "commit": "3f2c1ab", "artifact_sha256": SHA}
    return ("release.opened", release, {"release": wanted, "slot": slot, "replaces": replaces})


def good(release: str, slot: str, replaces: str | None = None) -> list[tuple[str, str | None, dict[str, t.Any]]]:
    """All entries of a release that went live in two steps."""
    return [
        opened(release, slot, replaces),
        ("backup.started", release, {}),
        ("backup.recorded", release, {"backup_id": f"backup-of-{release}"}),
        ("backup.completed", release, {"backup_id": f"backup-of-{release}"}),
        ("verify.started", release, {}),
        ("verify.completed", release, {"verdict": "healthy", "summary": "healthy: 4 checks passed."}),
        ("shift.started", release, {"percent": 10}),
        ("shift.completed", release, {"percent": 10, "verdict": verdict()}),
        ("shift.started", release, {"percent": 100}),
        ("shift.completed", release, {"percent": 100, "verdict": None}),
        ("release.live", release, {"slot": slot}),
        ("contract.started", release, {}),
        ("contract.completed", release, {"applied": []}),
        ("release.completed", release, {}),
    ]


def aborted(release: str, slot: str, replaces: str) -> list[tuple[str, str | None, dict[str, t.Any]]]:
    """All entries of a release that users did not like."""
    why = "At 10 % the analysis says abort: 3 of 60 requests failed."
    return [
        opened(release, slot, replaces),
        ("shift.started", release, {"percent": 10}),
        ("shift.failed", release, {"percent": 10, "reason": why, "verdict": verdict("abort", "error_rate")}),
        ("undo.started", release, {}),
        ("undo.completed", release, {}),
        ("release.failed", release, {"reason": why, "undone": True}),
    ]


def chain(*events: tuple[str, str | None, dict[str, t.Any]], by: str = "ann", problem: str | None = None) -> Chain:
    """A chain with one entry every two seconds."""
    entries: list[Entry] = []
    for number, (event, release, data) in enumerate(events, 1):
        at = f"2026-11-22T05:{number * 2 // 60:02}:{number * 2 % 60:02}Z"
        entries.append(Entry(number, at, event, release, data, 7, by, entries[-1].hash if entries else None).sealed())
    return Chain(tuple(entries), problem)
