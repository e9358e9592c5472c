# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statistics that a rollout is judged by, in plain Python: exact where it is cheap, normal where samples are many.

Sources: A. Wald, Sequential Tests of Statistical Hypotheses, 1945 (sequential probability ratio test); H. B. Mann and D. R. Whitney,
On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other, 1947; distribution-free bounds of a
quantile by order statistics: H. A. David, Order Statistics, section 7.1.
"""

from __future__ import annotations

import dataclasses
import math
import typing as t


@dataclasses.dataclass(frozen=True)
class SequentialTest:
    """Wald's test of "the rate is p0" against "it is p1", with the same risk for both wrong answers."""

    p0: float
    p1: float
    risk: float

    @property
    def bound(self) -> float:
        """The score at which the test answers "p1", and below zero "p0"."""
        return math.log((1 - self.risk) / self.risk)

    def score(self, number: int, hits: int) -> float:
        """The logarithm of the likelihood ratio after `hits` of `number`."""
        return hits * math.log(self.p1 / self.p0) + (number - hits) * math.log((1 - self.p1) / (1 - self.p0))

    def needed(self, hits: int) -> int:
        """How many samples answer "p0" when no further hit comes."""
        per_miss = math.log((1 - self.p0) / (1 - self.p1))
        return hits + math.ceil((self.bound + hits * math.log(self.p1 / self.p0)) / per_miss)


def binomial_masses(number: int, chance: float) -> tuple[int, list[float]]:
    """The probabilities of a binomial distribution around its mean (12 standard deviations); the first count, then the masses."""
    mean, deviation = number * chance, math.sqrt(number * chance * (1 - chance))
    first, last = max(0, int(mean - 12 * deviation - 2)), min(number, int(mean + 12 * deviation + 2))
    total = math.lgamma(number + 1)
    log_hit, log_miss = math.log(chance), math.log(1 - chance)
    return first, [
        math.exp(total - math.lgamma(k + 1) - math.lgamma(number - k + 1) + k * log_hit + (number - k) * log_miss)
        for k in range(first, last + 1)
    ]


def quantile_bounds(ordered: t.Sequence[float], quantile: float, doubt: float) -> tuple[float | None, float | None]:
    """Bounds that each hold a quantile but for a probability of `doubt`, whatever the distribution; None when samples are too few.

    The number of samples below the true quantile is binomial: the bounds are the order statistics at its outer edges.
    """
    number = len(ordered)
    if number == 0:
        return None, None
    first, masses = binomial_masses(number, quantile)
    below, low, high = 0.0, 0, None
    for count, mass in enumerate(masses, start=first):
        below += mass
        if below <= doubt:
            low = count + 1
        if high is None and below >= 1 - doubt:
            high = count + 1
    lower = ordered[low - 1] if low >= 1 else None
    upper = ordered[high - 1] if high is not None and high <= number else None
    return lower, upper


def quantile(ordered: t.Sequence[float], share: float) -> float | None:
    """The smallest sample that `share` of all samples do not exceed; None without samples."""
    if not ordered:
        return None
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def mann_whitney(slower: t.Sequence[float], faster: t.Sequence[float]) -> float:
    """The probability that a difference like this is chance, if both come from one distribution (one-sided, normal, ties corrected)."""
    n, m = len(slower), len(faster)
    if not n or not m:
        return 1.0
    pooled = sorted([(value, 1) for value in slower] + [(value, 0) for value in faster])
    rank_sum, ties, start = 0.0, 0.0, 0
    while start < n + m:
        end = start
        while end < n + m and pooled[end][0] == pooled[start][0]:
            end += 1
        rank_sum += (start + 1 + end) / 2 * sum(arm for _value, arm in pooled[start:end])
        ties += (end - start) ** 3 - (end - start)
        start = end
    spread = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
    if spread <= 0:
        return 1.0
    excess = rank_sum - n * (n + 1) / 2 - n * m / 2 - 0.5
    return 0.5 * math.erfc(excess / math.sqrt(2 * spread))
