"""What is counted: pure arithmetic, no clock, no files."""

from __future__ import annotations

import math
import typing as t
from collections import Counter

if t.TYPE_CHECKING:
    from collections.abc import Iterable

GROWTH = 1.05
FIRST_FAILURES = 50
SLOW_ON_PURPOSE = frozenset({"slow"})
"""Kinds of visits whose duration says nothing about the portal: they are counted, but not in the percentiles."""


class Failure(t.NamedTuple):
    """A request that failed. Times are seconds since the epoch."""

    started: float
    ended: float
    kind: str
    what: str
    status: int | None
    version: str | None


class Latencies:
    """Durations in buckets that grow by 5 %, so that any percentile is within 5 % of the truth at constant memory."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self._longest = 0.0

    def add(self, milliseconds: float) -> None:
        self._longest = max(self._longest, milliseconds)
        self._buckets[math.ceil(math.log(max(milliseconds, 0.01), GROWTH))] += 1

    def percentile(self, share: float) -> float | None:
        """Milliseconds that `share` (0..1) of all requests did not exceed; None when there were none."""
        wanted = share * self._buckets.total()
        seen = 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= wanted:
                return round(min(GROWTH**bucket, self._longest), 1)
        return None

    @property
    def longest(self) -> float:
        return round(self._longest, 1)


class Tally:
    """Counts of one run."""

    def __init__(self) -> None:
        self.sent = 0
        self.ok = 0
        self.reconnects = 0
        self.acknowledged_orders = 0
        self.failures: list[Failure] = []
        self._failed = 0
        self._statuses: Counter[str] = Counter()
        self._versions: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._latencies = Latencies()

    def succeed(self, kind: str, status: int, version: str, milliseconds: float) -> None:
        self.ok += 1
        self._count(kind, str(status), version, milliseconds)

    def fail(self, kind: str, failure: Failure) -> None:
        self._failed += 1
        if len(self.failures) < FIRST_FAILURES:
            self.failures.append(failure)
        self._count(kind, str(failure.status or failure.kind), failure.version or "none", (failure.ended - failure.started) * 1000)

    def report(self, elapsed: float) -> dict[str, t.Any]:
        return {
            "elapsed": round(elapsed, 1),
            "sent": self.sent,
            "ok": self.ok,
            "failed": self._failed,
            "in_flight": self.sent - self.ok - self._failed,
            "rate": round(self.sent / elapsed, 1) if elapsed > 0 else 0.0,
            "p50": self._latencies.percentile(0.50),
            "p95": self._latencies.percentile(0.95),
            "p99": self._latencies.percentile(0.99),
            "longest": self._latencies.longest,
            "by_status": dict(sorted(self._statuses.items())),
            "by_version": dict(sorted(self._versions.items())),
            "by_kind": dict(sorted(self._kinds.items())),
            "acknowledged_orders": self.acknowledged_orders,
            "reconnects": self.reconnects,
            "failures": [failure._asdict() for failure in self.failures],
        }

    def _count(self, kind: str, status: str, version: str, milliseconds: float) -> None:
        self._kinds[kind] += 1
        self._statuses[status] += 1
        self._versions[version] += 1
        if kind not in SLOW_ON_PURPOSE:
            self._latencies.add(milliseconds)


def outside(failures: Iterable[Failure], windows: Iterable[tuple[float, float]]) -> list[Failure]:
    """The failures that no window (from, until) explains: those that did not run at any moment of one."""
    spans = list(windows)
    return [failure for failure in failures if not any(failure.started <= until and failure.ended >= start for start, until in spans)]
