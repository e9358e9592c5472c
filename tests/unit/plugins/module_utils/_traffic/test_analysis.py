"""Each rule with evidence made for it."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._traffic.analysis import Limits, Objectives, Verdict, judge
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.evidence import Arm, Evidence
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.samples import Sample

LIMITS = Limits(window=10, max_window=60, min_samples=100, looks=60)
OBJECTIVES = Objectives()


def arm(number: int, *, ms: float = 20.0, errors: int = 0, writes: int = 0) -> Arm:
    """`number` requests of about `ms`, the last of which failed."""
    made = Arm()
    for index in range(number):
        status = 500 if index % 7 == 6 and made.errors < errors else 200
        made.add(Sample("green", "green", status, ms + index % 10, index >= writes))
    return made


def verdict_of(look: int = 5, limits: Limits = LIMITS, objectives: Objectives = OBJECTIVES, **seen: t.Any) -> Verdict | None:
    return judge(Evidence(**seen), objectives, limits, look=look)


def rule_of(**seen: t.Any) -> str | None:
    verdict = verdict_of(**seen)
    return verdict.rule if verdict else None


def test_a_good_release_passes_when_the_window_is_over_and_not_before() -> None:
    assert verdict_of(candidate=arm(600), elapsed=9.9) is None
    verdict = verdict_of(candidate=arm(600), elapsed=10)
    assert verdict is not None
    assert (verdict.verdict, verdict.rule) == ("pass", "healthy")
    assert verdict.reason == "600 requests, 0 errors, p95 29 ms (at most 29 ms)."


@pytest.mark.parametrize(
    ("seen", "missing"),
    [
        ({"candidate": arm(99)}, "99 of 100 requests seen"),
        ({"candidate": arm(300)}, "0 errors in 300 requests, of 508 that are needed to rule out 1 %"),
        ({"candidate": arm(600, errors=1)}, "1 errors in 600 requests, of"),
        ({"candidate": arm(0)}, "upper bound unknown"),
        ({"candidate": arm(600), "doubt": "no round of the health checks has ended yet"}, "no round of the health checks has ended yet"),
    ],
)
def test_what_is_not_proved_stays_open_and_is_named_at_the_deadline(seen: dict[str, t.Any], missing: str) -> None:
    assert verdict_of(elapsed=59, **seen) is None
    verdict = verdict_of(elapsed=60, **seen)
    assert verdict is not None
    assert (verdict.verdict, verdict.rule) == ("inconclusive", "undecided")
    assert missing in verdict.reason


def test_health_checks_that_are_in_doubt_are_no_silence_to_be_accepted() -> None:
    lenient = Limits(window=10, max_window=60, min_samples=100, looks=60, accepts_undecided=True)
    accepted = verdict_of(limits=lenient, candidate=arm(50), elapsed=60)
    doubtful = verdict_of(limits=lenient, candidate=arm(50), elapsed=60, doubt="the last round says critical")
    assert accepted is not None
    assert doubtful is not None
    assert (accepted.rule, doubtful.rule) == ("undecided_accepted", "undecided")


def test_requests_of_our_own_count_but_are_not_compared_with_the_live_slot() -> None:
    """Slow paths of our own must not look like a regression of users' fast ones."""
    mixed = arm(400)
    for _number in range(400):
        mixed.add(Sample("green", "green", 200, 900.0, True, is_synthetic=True))
    verdict = verdict_of(candidate=mixed, baseline=arm(400), elapsed=10)
    assert verdict is not None
    assert verdict.rule == "healthy"
    shown = verdict.figures["candidate"]
    assert (shown["samples"], shown["reads"], shown["synthetic"], shown["p95_ms"]) == (800, 400, 400, 900.0)


@pytest.mark.parametrize(
    ("seen", "rule"),
    [
        ({"healthy": False}, "health_lost"),
        ({"router_answers": False}, "router_lost"),
        ({"complaint": "The candidate's own health checks say: critical."}, "health_critical"),
        ({"fallbacks": 1}, "fallback_used"),
        ({"retries": 1}, "fallback_used"),
    ],
)
def test_hard_stops_need_no_samples(seen: dict[str, t.Any], rule: str) -> None:
    verdict = verdict_of(look=1, candidate=Arm(), elapsed=1, **seen)
    assert verdict is not None
    assert (verdict.verdict, verdict.rule) == ("abort", rule)


def test_five_errors_in_a_row_stop_and_four_do_not() -> None:
    def failing(number: int) -> Arm:
        made = arm(1000)
        for _number in range(number):
            made.add(Sample("green", "green", 503, 1.0, True))
        made.add(Sample("green", "green", 200, 1.0, True))
        return made

    assert rule_of(candidate=failing(5), elapsed=1) == "consecutive_errors"
    assert rule_of(candidate=failing(4), elapsed=1) is None


def test_too_many_errors_abort() -> None:
    verdict = verdict_of(candidate=arm(300, errors=9), elapsed=3)
    assert verdict is not None
    assert (verdict.rule, verdict.reason) == ("error_rate", "9 of 300 requests failed (3.00%); 0.1 % would be good.")


def test_errors_that_the_live_slot_has_too_are_no_fault_of_the_candidate() -> None:
    assert rule_of(candidate=arm(300, errors=9), baseline=arm(3000, errors=90), elapsed=3) is None
    assert rule_of(candidate=arm(300, errors=9), baseline=arm(50, errors=3), elapsed=3) == "error_rate"


def test_a_baseline_that_always_fails_is_still_a_test() -> None:
    assert rule_of(candidate=arm(300), baseline=arm(700, errors=100), elapsed=60) == "healthy"


def test_requests_beyond_the_objective_abort_beyond_chance() -> None:
    slow = arm(100)
    for _number in range(30):
        slow.add(Sample("green", "green", 200, 2500.0, True))
    verdict = verdict_of(candidate=slow, elapsed=5)
    assert verdict is not None
    assert (verdict.rule, verdict.figures["slow"]) == ("latency_objective", 30)


def test_a_few_slow_requests_are_what_5_percent_means() -> None:
    slow = arm(600)
    for _number in range(20):
        slow.add(Sample("green", "green", 200, 2500.0, True))
    assert rule_of(candidate=slow, elapsed=10) == "healthy"


def test_silence_is_not_taken_for_health() -> None:
    assert rule_of(candidate=Arm(), overdue=10, elapsed=3) == "nothing_answers"
    assert rule_of(candidate=arm(40), overdue=25, elapsed=3) == "latency_objective"
    assert rule_of(candidate=Arm(), overdue=9, elapsed=3) is None


def test_clients_that_gave_up_after_the_objective_count_as_slow_and_early_ones_do_not() -> None:
    impatient, hurried = arm(60), arm(600)
    for _number in range(25):
        impatient.add(Sample("green", "green", -1, 2400.0, True))
        hurried.add(Sample("green", "green", -1, 15.0, True))
    assert rule_of(candidate=impatient, elapsed=5) == "latency_objective"
    assert rule_of(candidate=hurried, elapsed=10) == "healthy"


def test_a_release_slower_than_the_live_one_aborts_when_it_matters() -> None:
    assert rule_of(candidate=arm(400, ms=400), baseline=arm(800, ms=200), elapsed=5) == "latency_regression"
    assert rule_of(candidate=arm(400, ms=60), baseline=arm(800, ms=20), elapsed=5) is None
    assert rule_of(candidate=arm(400, ms=210), baseline=arm(800, ms=200), elapsed=5) is None


def test_reads_and_writes_are_compared_apart() -> None:
    mine, theirs = arm(600, ms=20), arm(600, ms=20)
    for _number in range(400):
        mine.add(Sample("green", "green", 200, 600.0, False))
    for _number in range(310):
        theirs.add(Sample("blue", "blue", 200, 600.0, False))
    assert rule_of(candidate=mine, baseline=theirs, elapsed=10) == "healthy"


def test_a_pass_is_never_given_without_the_comparison() -> None:
    assert rule_of(look=11, candidate=arm(600, ms=400), baseline=arm(800, ms=200), elapsed=11) == "latency_regression"


def test_figures_are_complete_and_plain_data() -> None:
    verdict = verdict_of(candidate=Arm(), baseline=Arm(), overdue=12, elapsed=60)
    assert verdict is not None
    figures = json.loads(json.dumps(verdict.figures, allow_nan=False))
    assert figures["candidate"]["p95_ms"] is None
    assert set(figures["candidate"]) - set(figures["baseline"]) == {"p95_lower_ms", "p95_upper_ms"}
    assert figures["samples_needed"] == 508
