from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import Progress
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.analysis import Limits, Objectives
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.evidence import Arm, Evidence
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.telling import MOST_POINTS, Series, Telling, live_line

if t.TYPE_CHECKING:
    from pathlib import Path

LIMITS = Limits(60, 600, 300, 600)


def evidence(elapsed: float = 42.0, **more: t.Any) -> Evidence:
    return Evidence(Arm(reads=[40.0] * 200 + [41.0] * 14), Arm(reads=[38.0] * 20), elapsed=elapsed, **more)


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (evidence(), "214 of 508 requests, errors 0, p95 41 ms, 18 s of 60 s left"),
        (evidence(90), "214 of 508 requests, errors 0, p95 41 ms, still open, 510 s left at most"),
        (evidence(overdue=3), "214 of 508 requests, errors 0, p95 41 ms, 3 wait too long, 18 s of 60 s left"),
        (Evidence(Arm()), "0 of 508 requests, errors 0, p95 unknown, 60 s of 60 s left"),
        (Evidence(Arm(reads=[9.0] * 600, errors=1)), "600 requests, errors 1, p95 9 ms, 60 s of 60 s left"),
    ],
)
def test_the_line_says_samples_errors_p95_and_time_left(seen: Evidence, line: str) -> None:
    assert live_line(seen, 508, LIMITS) == line


def test_whoever_watches_the_task_reads_slot_share_and_figures(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    Telling(Progress(str(path), str), "green", 10, Objectives(), LIMITS).look(evidence())
    assert path.read_text() == "shift green 10 % | 214 of 508 requests, errors 0, p95 41 ms, 18 s of 60 s left"


@pytest.mark.parametrize("looks", [0, 1, 2, 39, 40, 41, 100, 3600])
def test_the_series_is_bounded_rises_and_ends_with_the_newest_look(looks: int) -> None:
    series = Series()
    for look in range(1, looks + 1):
        series.add(evidence(float(look)))
    columns = series.columns()
    assert len(columns.get("elapsed_s", [])) <= MOST_POINTS + 1
    if looks:
        assert columns["elapsed_s"] == sorted(set(columns["elapsed_s"]))
        assert (columns["elapsed_s"][0], columns["elapsed_s"][-1]) == (1.0, looks)
        assert {len(column) for column in columns.values()} == {len(columns["elapsed_s"])}
        assert columns["baseline_p95_ms"][-1] == 38.0


def test_a_window_without_baseline_has_a_series_without_it() -> None:
    series = Series()
    series.add(Evidence(Arm()))
    assert series.columns() == {"elapsed_s": [0.0], "samples": [0], "errors": [0], "p95_ms": [None]}
