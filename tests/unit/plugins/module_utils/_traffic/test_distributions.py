"""The statistics, against the same quantities worked out another way: by exact fractions, by permutation, by simulation."""

from __future__ import annotations

import fractions
import itertools
import math
import random

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._traffic.distributions import (
    SequentialTest,
    binomial_masses,
    mann_whitney,
    quantile,
    quantile_bounds,
)


@pytest.mark.parametrize(("p1", "needed"), [(0.01, 508), (0.02, 240), (0.05, 92)])
def test_the_number_of_clean_samples_that_rule_out_a_rate(p1: float, needed: int) -> None:
    test = SequentialTest(p0=0.001, p1=p1, risk=0.01)
    assert test.needed(0) == needed
    assert test.score(needed, 0) <= -test.bound < test.score(needed - 1, 0)


def test_the_sequential_test_leans_to_the_rate_that_was_seen() -> None:
    test = SequentialTest(p0=0.001, p1=0.01, risk=0.01)
    assert test.score(300, 10) > test.bound
    assert test.score(1000, 0) < -test.bound
    assert -test.bound < test.score(1000, 3) < test.bound


@pytest.mark.parametrize(("number", "chance"), [(1, 0.5), (20, 0.95), (100_000, 0.95)])
def test_binomial_masses_make_one(number: int, chance: float) -> None:
    assert sum(binomial_masses(number, chance)[1]) == pytest.approx(1.0, abs=1e-7)


def test_a_finite_upper_bound_of_p95_needs_72_samples() -> None:
    assert quantile_bounds([1.0] * 71, 0.95, 0.025)[1] is None
    assert quantile_bounds([1.0] * 72, 0.95, 0.025)[1] == 1.0


def exact_chance(count: int, number: int) -> float:
    """P(at most `count` of `number` samples lie below the 95 % quantile), in whole numbers."""
    below = sum(math.comb(number, k) * 19**k for k in range(count + 1))
    return float(fractions.Fraction(below, 20**number))


def test_the_bounds_of_a_quantile_are_the_order_statistics_at_the_edges() -> None:
    lower, upper = quantile_bounds([float(rank) for rank in range(1, 1001)], 0.95, 0.025)
    assert (lower, upper) == (936.0, 964.0)
    assert exact_chance(935, 1000) <= 0.025 < exact_chance(936, 1000)
    assert exact_chance(962, 1000) < 0.975 <= exact_chance(963, 1000)


def test_the_bounds_hold_the_true_quantile_as_often_as_they_say() -> None:
    chance = random.Random(7)
    misses = 0
    for _number in range(1000):
        lower, upper = quantile_bounds(sorted(chance.random() for _number in range(200)), 0.95, 0.025)
        assert lower is not None
        assert upper is not None
        misses += not lower <= 0.95 <= upper
    assert misses <= 65


def test_a_quantile_is_a_sample() -> None:
    assert quantile([], 0.95) is None
    assert quantile([3.0], 0.95) == 3.0
    assert quantile([float(number) for number in range(1, 101)], 0.95) == 95.0


def test_mann_whitney_agrees_with_all_permutations() -> None:
    slower, faster = [19, 22, 16, 29, 24, 31, 40, 22], [20, 11, 17, 12, 22, 18, 9]

    def wins(chosen: tuple[int, ...], rest: list[int]) -> float:
        return sum((mine > theirs) + 0.5 * (mine == theirs) for mine in chosen for theirs in rest)

    pooled = slower + faster
    seen = wins(tuple(slower), faster)
    splits = list(itertools.combinations(range(len(pooled)), len(slower)))
    as_extreme = sum(
        wins(tuple(pooled[i] for i in split), [value for i, value in enumerate(pooled) if i not in split]) >= seen for split in splits
    )
    assert mann_whitney(slower, faster) == pytest.approx(as_extreme / len(splits), abs=0.003)


def test_mann_whitney_of_equal_or_missing_samples_says_nothing() -> None:
    assert mann_whitney([5.0] * 60, [5.0] * 60) == 1.0
    assert mann_whitney([], [1.0]) == 1.0
