"""How often the rules are wrong, simulated second by second. docs/guides/traffic.md documents these levels."""

from __future__ import annotations

import collections
import random

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._traffic.analysis import Limits, Objectives, Verdict, judge
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.distributions import SequentialTest
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.evidence import Arm, Evidence
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.samples import Sample

RUNS = 150
WINDOW, MAX_WINDOW = 10, 40


def request(chance: random.Random, slot: str, *, errors: float, median: float) -> Sample:
    """Log-normal latency: the p95 is 2.3 times the median."""
    return Sample(slot, slot, 500 if chance.random() < errors else 200, median * chance.lognormvariate(0, 0.5), chance.random() < 0.8)


def rollout(chance: random.Random, *, per_second: int, errors: float, median: float, live_errors: float = 0.0) -> Verdict:
    """One window with as much traffic on the live slot, looked at each second."""
    live = Arm()
    evidence = Evidence(Arm(), live)
    limits = Limits(WINDOW, MAX_WINDOW, 100, MAX_WINDOW)
    verdict = None
    while verdict is None:
        for _number in range(per_second):
            evidence.candidate.add(request(chance, "green", errors=errors, median=median))
            live.add(request(chance, "blue", errors=live_errors, median=300.0))
        evidence.elapsed += 1
        verdict = judge(evidence, Objectives(), limits, look=int(evidence.elapsed))
    return verdict


def share_of(verdict: str, *, errors: float, median: float, live_errors: float = 0.0, seed: int = 11) -> float:
    chance = random.Random(seed)
    verdicts = (rollout(chance, per_second=50, errors=errors, median=median, live_errors=live_errors) for _number in range(RUNS))
    counted = collections.Counter(verdict.verdict for verdict in verdicts)
    return counted[verdict] / RUNS


def test_a_good_release_is_aborted_at_most_once_in_fifty() -> None:
    assert share_of("abort", errors=0.001, median=300.0, live_errors=0.001) <= 0.02
    assert share_of("pass", errors=0.0, median=300.0) >= 0.98


def test_a_release_with_one_percent_of_errors_passes_at_most_once_in_fifty() -> None:
    assert share_of("pass", errors=0.01, median=300.0) <= 0.02


def test_a_release_with_five_percent_of_errors_never_passes() -> None:
    assert share_of("abort", errors=0.05, median=300.0) == 1.0


def test_a_release_a_tenth_slower_is_not_stopped_for_it() -> None:
    assert share_of("abort", errors=0.0, median=330.0) <= 0.03


def test_a_release_half_as_slow_again_is_caught() -> None:
    assert share_of("abort", errors=0.0, median=450.0) >= 0.98


def test_a_release_beyond_the_objective_is_caught() -> None:
    assert share_of("abort", errors=0.0, median=1200.0) == 1.0


@pytest.mark.parametrize(("rate", "most_aborts", "most_passes"), [(0.001, 0.01, 1.0), (0.01, 1.0, 0.02), (0.05, 1.0, 0.002)])
def test_the_test_of_the_error_rate_is_wrong_as_seldom_as_promised(rate: float, most_aborts: float, most_passes: float) -> None:
    chance, answers = random.Random(3), collections.Counter[str]()
    test = SequentialTest(p0=0.001, p1=0.01, risk=0.01)
    for _number in range(1500):
        number = hits = 0
        while abs(test.score(number, hits)) < test.bound and number < 20_000:
            number += 1
            hits += chance.random() < rate
        answers["abort" if test.score(number, hits) > 0 else "pass"] += 1
    assert answers["abort"] / 1500 <= most_aborts
    assert answers["pass"] / 1500 <= most_passes


def test_a_release_that_queues_is_caught_within_twelve_seconds_at_25_requests_a_second() -> None:
    """All requests succeed, one after the other, 60 ms each; 25 a second arrive, so the queue grows by half a second each second."""
    arrivals = [index / 25 for index in range(25 * MAX_WINDOW)]
    finished, free_at = [], 0.0
    for arrival in arrivals:
        free_at = max(free_at, arrival) + 0.06
        finished.append((arrival, free_at))
    limits = Limits(WINDOW, MAX_WINDOW, 100, MAX_WINDOW)
    for second in range(1, MAX_WINDOW):
        evidence = Evidence(Arm(), elapsed=second)
        for arrival, end in finished:
            if end <= second:
                evidence.candidate.add(Sample("green", "green", 200, (end - arrival) * 1000, True))
            else:
                evidence.overdue += arrival <= second - 2.0
        verdict = judge(evidence, Objectives(error_rate_bad=0.05), limits, look=second)
        if verdict:
            assert (verdict.verdict, verdict.rule) == ("abort", "latency_objective")
            assert second <= 12
            return
    pytest.fail("never caught")
