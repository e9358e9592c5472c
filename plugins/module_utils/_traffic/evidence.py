# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen of a rollout so far. Plain data for the rules in `analysis`."""

from __future__ import annotations

import dataclasses
import math
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._traffic.distributions import quantile
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.samples import Sample


@dataclasses.dataclass
class Arm:
    """The requests of one slot in this window: milliseconds of reads and of writes apart, because their mix may differ.

    `synthetic` are requests of our own. They count like any other, but for the comparison of two slots: the other has none.
    """

    reads: list[float] = dataclasses.field(default_factory=list)
    writes: list[float] = dataclasses.field(default_factory=list)
    synthetic: list[float] = dataclasses.field(default_factory=list)
    abandoned: list[float] = dataclasses.field(default_factory=list)
    errors: int = 0
    errors_in_a_row: int = 0
    most_in_a_row: int = 0

    def add(self, sample: Sample) -> None:
        """Count a finished request."""
        if sample.was_abandoned:
            self.abandoned.append(sample.ms)
            return
        self._list_for(sample).append(sample.ms)
        self.errors += sample.is_error
        self.errors_in_a_row = self.errors_in_a_row + 1 if sample.is_error else 0
        self.most_in_a_row = max(self.most_in_a_row, self.errors_in_a_row)

    def _list_for(self, sample: Sample) -> list[float]:
        if sample.is_synthetic:
            return self.synthetic
        return self.reads if sample.is_read else self.writes

    @property
    def times(self) -> list[float]:
        """The milliseconds of all answered requests, in order."""
        return sorted(self.reads + self.writes + self.synthetic)

    @property
    def users(self) -> int:
        """Answered requests of users."""
        return len(self.reads) + len(self.writes)

    @property
    def number(self) -> int:
        """Answered requests."""
        return self.users + len(self.synthetic)

    @property
    def error_rate(self) -> float:
        """Share of answered requests that ended with 5xx."""
        return self.errors / self.number if self.number else 0.0

    def figures(self) -> dict[str, t.Any]:
        """For the result."""
        ordered = self.times
        return {
            "samples": self.number,
            "reads": len(self.reads),
            "writes": len(self.writes),
            "synthetic": len(self.synthetic),
            "abandoned": len(self.abandoned),
            "errors": self.errors,
            "error_rate": round(self.error_rate, 6),
            "p50_ms": quantile(ordered, 0.5),
            "p95_ms": quantile(ordered, 0.95),
        }


@dataclasses.dataclass
class Evidence:
    """One window. `baseline` is None when the candidate has all the traffic.

    `overdue` requests have waited longer than the objective and still do; `fallbacks` were answered by the other slot,
    `retries` had to be sent again; `healthy` is false once the router's health check of the candidate failed. `complaint` and
    `doubt` are sentences of our own health checks of the candidate: it must go, or may not pass yet.
    """

    candidate: Arm
    baseline: Arm | None = None
    elapsed: float = 0.0
    healthy: bool = True
    fallbacks: int = 0
    retries: int = 0
    overdue: int = 0
    router_answers: bool = True
    complaint: str = ""
    doubt: str = ""

    def waits(self, objective_ms: float) -> list[float]:
        """All waiting times in order; who still waits beyond the objective, or gave up beyond it, counts as infinite."""
        lost = self.overdue + sum(ms >= objective_ms for ms in self.candidate.abandoned)
        return self.candidate.times + [math.inf] * lost
