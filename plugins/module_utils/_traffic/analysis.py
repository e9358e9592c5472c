# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules by which a rollout step passes, is aborted, or stays open. Pure: evidence in, verdict out.

Simulated error levels are in docs/guides/traffic.md and proved by tests/unit/plugins/module_utils/_traffic/test_simulations.py.
"""

from __future__ import annotations

import dataclasses
import math
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._traffic.distributions import (
    SequentialTest,
    mann_whitney,
    quantile,
    quantile_bounds,
)
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.evidence import Arm, Evidence

PASS, ABORT, INCONCLUSIVE = "pass", "abort", "inconclusive"
RISK = 0.01
ERRORS_IN_A_ROW = 5
# The bound that lets a step pass is looked at when it may pass; the one that aborts at every look, so its doubt is shared out.
PASS_DOUBT = 0.025
LEAST_SLOW = 10
# Fewer samples than this say nothing about the live slot's own error rate.
LEAST_BASELINE = 100
# Comparing the slots needs so many samples of each kind on both, and is done once in so many looks (it is the costly rule).
LEAST_COMPARED = 300
LOOKS_PER_COMPARISON = 5
P95_RATIO, MEDIAN_RATIO = 1.25, 1.1
# A difference that is small beside the objective is no reason to stop a release, however sure it is.
LEAST_HARM = 0.05


@dataclasses.dataclass(frozen=True)
class Objectives:
    """What users are promised: p95 in milliseconds, the error rate (share) that is good, and the one that is certainly bad."""

    latency_p95_ms: float = 2000.0
    error_rate: float = 0.001
    error_rate_bad: float = 0.01


@dataclasses.dataclass(frozen=True)
class Limits:
    """When a window may end: seconds at least and at most, answered requests of the candidate, and how often it is looked at.

    `accepts_undecided`: at the deadline, what nothing speaks against passes.
    """

    window: float
    max_window: float
    min_samples: int
    looks: int
    accepts_undecided: bool = False


@dataclasses.dataclass(frozen=True)
class Verdict:
    """`verdict` is pass, abort or inconclusive; `rule` a word for machines; `reason` a sentence; `figures` what it rests on."""

    verdict: str
    rule: str
    reason: str
    figures: dict[str, t.Any] = dataclasses.field(default_factory=dict)


def judge(evidence: Evidence, objectives: Objectives, limits: Limits, *, look: int) -> Verdict | None:
    """The verdict after this look (counted from 1), or None when the window goes on."""
    latency = judge_latency(evidence, objectives, limits.looks)
    errors = error_test(evidence, objectives)
    missing = _missing(evidence, limits, latency, errors)
    may_pass = not missing and evidence.elapsed >= limits.window
    figures = _figures(evidence, latency, errors)
    found = hard_stop(evidence) or _errors_abort(evidence, errors) or latency.abort
    if found is None and (may_pass or look % LOOKS_PER_COMPARISON == 0):
        found = find_regression(evidence, objectives, limits.looks)
    if found:
        return dataclasses.replace(found, figures=figures)
    if may_pass:
        return Verdict(PASS, "healthy", _praise(evidence, latency), figures)
    if evidence.elapsed >= limits.max_window:
        return _undecided(evidence, limits, missing, figures)
    return None


def _undecided(evidence: Evidence, limits: Limits, missing: list[str], figures: dict[str, t.Any]) -> Verdict:
    """The deadline. Health checks that are critical, or were never run, are no silence that one could accept."""
    reason = f"After {evidence.elapsed:.0f} s it is still open: {'; '.join(missing)}."
    if limits.accepts_undecided and not evidence.doubt:
        return Verdict(PASS, "undecided_accepted", f"{reason} It passes, for when_undecided is pass.", figures)
    return Verdict(INCONCLUSIVE, "undecided", reason, figures)


def hard_stop(evidence: Evidence) -> Verdict | None:
    """What needs no statistics."""
    if not evidence.router_answers:
        return Verdict(ABORT, "router_lost", "The router did not answer any more, so nothing is known about the candidate.")
    if not evidence.healthy:
        return Verdict(ABORT, "health_lost", "The router's health check of the candidate failed.")
    if evidence.complaint:
        return Verdict(ABORT, "health_critical", evidence.complaint)
    if evidence.fallbacks or evidence.retries:
        return Verdict(
            ABORT,
            "fallback_used",
            f"The candidate failed {evidence.retries + evidence.fallbacks} requests that the router saved: "
            f"{evidence.retries} were sent again, {evidence.fallbacks} were answered by the other slot.",
        )
    if evidence.candidate.most_in_a_row >= ERRORS_IN_A_ROW:
        return Verdict(ABORT, "consecutive_errors", f"{evidence.candidate.most_in_a_row} requests in a row ended with a 5xx status.")
    return None


def error_test(evidence: Evidence, objectives: Objectives) -> SequentialTest:
    """The test of the candidate's error rate. The live slot's own rate is no fault of the candidate."""
    baseline = evidence.baseline
    known = baseline.error_rate if baseline and baseline.number >= LEAST_BASELINE else 0.0
    good = min(max(objectives.error_rate, known), 0.9)
    bad = max(objectives.error_rate_bad, 5 * good)
    return SequentialTest(p0=good, p1=min(bad, (1 + good) / 2), risk=RISK)


def _errors_abort(evidence: Evidence, test: SequentialTest) -> Verdict | None:
    arm = evidence.candidate
    if test.score(arm.number, arm.errors) < test.bound:
        return None
    return Verdict(
        ABORT, "error_rate", f"{arm.errors} of {arm.number} requests failed ({arm.error_rate:.2%}); {_percent(test.p0)} would be good."
    )


@dataclasses.dataclass(frozen=True)
class Latency:
    """The candidate's p95 with its bounds (milliseconds; None is unknown, or beyond every measured value)."""

    p95: float | None
    lower: float | None
    upper: float | None
    slow: int
    is_good: bool
    abort: Verdict | None


def judge_latency(evidence: Evidence, objectives: Objectives, looks: int) -> Latency:
    """Compare the p95 of all waiting times, also of the unfinished ones, with the objective."""
    limit = objectives.latency_p95_ms
    waits = evidence.waits(limit)
    slow = sum(ms > limit for ms in waits)
    sure_lower = quantile_bounds(waits, 0.95, RISK / looks)[0]
    lower, upper = quantile_bounds(waits, 0.95, PASS_DOUBT)
    is_bad = sure_lower is not None and sure_lower > limit and slow >= LEAST_SLOW
    return Latency(
        p95=_finite(quantile(waits, 0.95)),
        lower=_finite(lower),
        upper=_finite(upper),
        slow=slow,
        is_good=upper is not None and upper < limit,
        abort=_slow_verdict(evidence, slow, len(waits), limit) if is_bad else None,
    )


def _slow_verdict(evidence: Evidence, slow: int, number: int, limit: float) -> Verdict:
    if evidence.candidate.number == 0:
        return Verdict(ABORT, "nothing_answers", f"{slow} requests wait for more than {limit:g} ms, and none has been answered.")
    return Verdict(
        ABORT,
        "latency_objective",
        f"{slow} of {number} requests took more than {limit:g} ms ({evidence.overdue} of them still wait); 5 % may.",
    )


def find_regression(evidence: Evidence, objectives: Objectives, looks: int) -> Verdict | None:
    """Abort when the candidate is slower than the live slot in the same window, surely and by an amount that matters."""
    if evidence.baseline is None:
        return None
    for kind in ("reads", "writes"):
        mine, theirs = getattr(evidence.candidate, kind), getattr(evidence.baseline, kind)
        is_enough = min(len(mine), len(theirs)) >= LEAST_COMPARED
        if is_enough and is_harmed(mine, theirs, objectives) and mann_whitney(mine, theirs) < RISK / looks:
            return Verdict(ABORT, "latency_regression", _regression_sentence(kind, mine, theirs))
    return None


def is_harmed(mine: list[float], theirs: list[float], objectives: Objectives) -> bool:
    """The guard: a difference that users would notice."""
    mine, theirs = sorted(mine), sorted(theirs)
    slow, normal = quantile(mine, 0.95) or 0.0, quantile(theirs, 0.95) or 0.0
    medians = (quantile(mine, 0.5) or 0.0) >= MEDIAN_RATIO * (quantile(theirs, 0.5) or 0.0)
    return slow >= P95_RATIO * normal and medians and slow - normal >= LEAST_HARM * objectives.latency_p95_ms


def _regression_sentence(kind: str, mine: list[float], theirs: list[float]) -> str:
    return (
        f"The p95 of {kind} is {quantile(sorted(mine), 0.95):g} ms, on the live slot {quantile(sorted(theirs), 0.95):g} ms "
        "in the same window."
    )


def _missing(evidence: Evidence, limits: Limits, latency: Latency, test: SequentialTest) -> list[str]:
    """What still stands between this window and a pass."""
    arm = evidence.candidate
    missing = []
    if arm.number < limits.min_samples:
        missing.append(f"{arm.number} of {limits.min_samples} requests seen")
    if test.score(arm.number, arm.errors) > -test.bound:
        needed = test.needed(arm.errors)
        missing.append(f"{arm.errors} errors in {arm.number} requests, of {needed} that are needed to rule out {_percent(test.p1)}")
    if not latency.is_good:
        upper = "unknown" if latency.upper is None else f"{latency.upper:g} ms"
        missing.append(f"the p95 may lie above the objective (upper bound {upper})")
    if evidence.doubt:
        missing.append(evidence.doubt)
    return missing


def _praise(evidence: Evidence, latency: Latency) -> str:
    arm = evidence.candidate
    return f"{arm.number} requests, {arm.errors} errors, p95 {latency.p95:g} ms (at most {latency.upper:g} ms)."


def _figures(evidence: Evidence, latency: Latency, test: SequentialTest) -> dict[str, t.Any]:
    arm = evidence.candidate
    return {
        "elapsed_s": round(evidence.elapsed, 1),
        "candidate": _bounded(arm, latency),
        "baseline": evidence.baseline.figures() if evidence.baseline else None,
        "slow": latency.slow,
        "overdue": evidence.overdue,
        "fallbacks": evidence.fallbacks,
        "retries": evidence.retries,
        "errors_in_a_row": arm.most_in_a_row,
        "error_score": round(test.score(arm.number, arm.errors), 3),
        "error_bound": round(test.bound, 3),
        "error_rate_good": test.p0,
        "error_rate_bad": test.p1,
        "samples_needed": test.needed(arm.errors),
    }


def _bounded(arm: Arm, latency: Latency) -> dict[str, t.Any]:
    return {**arm.figures(), "p95_lower_ms": latency.lower, "p95_upper_ms": latency.upper}


def _finite(value: float | None) -> float | None:
    """Infinity is no JSON."""
    return None if value is None or math.isinf(value) else value


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"
