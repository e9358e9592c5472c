from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Result
from ansible_collections.holdfast.webops.plugins.module_utils._health.verdict import is_failure, summary_of, verdict_of, worst_of

Make = t.Callable[..., Result]


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ([("pass", True), ("pass", False)], "healthy"),
        ([("pass", True), ("warn", True)], "degraded"),
        ([("pass", True), ("fail", False)], "degraded"),
        ([("warn", False), ("fail", True)], "critical"),
        ([("fail", False), ("fail", True)], "critical"),
    ],
)
def test_the_worst_check_decides(result: Make, results: list[tuple[str, bool]], verdict: str) -> None:
    assert verdict_of(result(status=status, critical=critical) for status, critical in results) == verdict


@pytest.mark.parametrize(("fail_on", "failing"), [("critical", ["critical"]), ("degraded", ["degraded", "critical"]), ("never", [])])
def test_the_task_fails_from_the_wanted_verdict_on(fail_on: str, failing: list[str]) -> None:
    assert [verdict for verdict in ("healthy", "degraded", "critical") if is_failure(verdict, fail_on)] == failing


def test_of_several_rounds_each_check_shows_its_worst_the_latest_of_equals(result: Make) -> None:
    first = (result("a", "fail"), result("b", reason="First."))
    second = (result("a", "warn"), result("b", reason="Second."))
    assert [(each.status, each.reason) for each in worst_of([first, second])] == [("fail", "Seen."), ("pass", "Second.")]


def test_the_summary_names_what_is_wrong_failures_first(result: Make) -> None:
    results = [result("a"), result("b", "warn", reason="Slow."), result("c", "fail", reason="Gone.")]
    assert summary_of(results, "critical") == "critical: 1 of 3 checks passed. c: Gone; b: Slow."


def test_the_summary_of_a_great_failure_stays_readable(result: Make) -> None:
    results = [result(f"c{number:02}", "fail", reason="Gone.") for number in range(40)]
    assert summary_of(results, "critical").endswith("c04: Gone; and 35 more.")


def test_the_summary_of_good_health_is_short(result: Make) -> None:
    assert summary_of([result()], "healthy") == "healthy: 1 check passed."
