# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person is told of a window: a sentence while it is open, and afterwards the course of its figures, to be plotted."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import Progress
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.analysis import Limits, Objectives, error_test
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.distributions import quantile
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.evidence import Arm, Evidence

# The series goes into the ledger and into results: enough for a plot, a few kilobytes at most.
MOST_POINTS = 40


class Series:
    """What was known after a look, for at most MOST_POINTS looks: every look at first, then every second one, every fourth, ..."""

    def __init__(self) -> None:
        self._points: list[dict[str, t.Any]] = []
        self._every = 1
        self._looks = 0
        self._newest: dict[str, t.Any] | None = None

    def add(self, evidence: Evidence) -> None:
        """Remember a look. Figures are those of the window so far, as the verdict rests on them."""
        self._newest = {"elapsed_s": round(evidence.elapsed, 1), **_point("", evidence.candidate)}
        if evidence.baseline:
            self._newest.update(_point("baseline_", evidence.baseline))
        if self._looks % self._every == 0:
            self._points.append(self._newest)
        self._looks += 1
        if len(self._points) >= MOST_POINTS:
            self._points, self._every = self._points[::2], self._every * 2

    def columns(self) -> dict[str, list[t.Any]]:
        """The series as columns of equal length, the newest look last."""
        points = [*self._points, *([self._newest] if self._newest and self._newest is not self._points[-1] else [])]
        return {name: [point[name] for point in points] for name in (points[0] if points else ())}


def _point(prefix: str, arm: Arm) -> dict[str, t.Any]:
    p95 = quantile(sorted(arm.reads + arm.writes), 0.95)
    return {f"{prefix}samples": arm.number, f"{prefix}errors": arm.errors, f"{prefix}p95_ms": None if p95 is None else round(p95, 1)}


class Telling:
    """Tells one window to whoever watches the task, and keeps its series."""

    def __init__(self, progress: Progress, slot: str, share: int, objectives: Objectives, limits: Limits) -> None:
        self._progress = progress
        self._where = f"shift {slot} {share} %"
        self._objectives = objectives
        self._limits = limits
        self._series = Series()

    def course(self) -> dict[str, t.Any]:
        """What the figures of the verdict get for a plot."""
        return {"latency_objective_ms": self._objectives.latency_p95_ms, "series": self._series.columns()}

    def look(self, evidence: Evidence) -> None:
        """After each look."""
        self._series.add(evidence)
        if self._progress.due:
            needed = max(self._limits.min_samples, error_test(evidence, self._objectives).needed(evidence.candidate.errors))
            self._progress.show(f"{self._where} | {live_line(evidence, needed, self._limits)}")


def live_line(evidence: Evidence, needed: int, limits: Limits) -> str:
    """214 of 508 requests, errors 0, p95 41 ms, 18 s of 60 s left."""
    arm = evidence.candidate
    p95 = quantile(sorted(arm.reads + arm.writes), 0.95)
    parts = [
        f"{arm.number} of {needed} requests" if arm.number < needed else f"{arm.number} requests",
        f"errors {arm.errors}",
        "p95 unknown" if p95 is None else f"p95 {p95:.0f} ms",
        *([f"{evidence.overdue} wait too long"] if evidence.overdue else []),
        *([evidence.doubt] if evidence.doubt else []),
        _time_left(evidence.elapsed, limits),
    ]
    return ", ".join(parts)


def _time_left(elapsed: float, limits: Limits) -> str:
    if elapsed < limits.window:
        return f"{limits.window - elapsed:.0f} s of {limits.window:.0f} s left"
    return f"still open, {max(limits.max_window - elapsed, 0):.0f} s left at most"
