# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the results of checks to one word and one sentence. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import FAIL, PASS, SEVERITY, SKIPPED, WARN, Result

HEALTHY, DEGRADED, CRITICAL = "healthy", "degraded", "critical"
VERDICTS = (HEALTHY, DEGRADED, CRITICAL)
NAMED_IN_SUMMARY = 5

Round = tuple[Result, ...]


def verdict_of(results: t.Iterable[Result]) -> str:
    """critical: a critical check failed. degraded: another one failed, one warns, or nothing was looked at. healthy: all others."""
    results = tuple(results)
    worst = DEGRADED if all(result.status == SKIPPED for result in results) else HEALTHY
    for result in results:
        if result.status == FAIL and result.critical:
            return CRITICAL
        if result.status in (FAIL, WARN):
            worst = DEGRADED
    return worst


def is_failure(verdict: str, fail_on: str) -> bool:
    """Whether a verdict is as bad as the task wants to fail on."""
    return fail_on != "never" and VERDICTS.index(verdict) >= VERDICTS.index(fail_on)


def worst_of(rounds: t.Sequence[Round]) -> Round:
    """For each check its worst result in these rounds, the latest of equals."""
    return tuple(max(reversed(results), key=lambda result: SEVERITY.index(result.status)) for results in zip(*rounds))


def summary_of(results: t.Sequence[Result], verdict: str) -> str:
    """One sentence for a person: how many pass, and what is wrong with the others, or why they were skipped."""
    others = sorted(
        (result for result in results if result.status != PASS), key=lambda result: (-SEVERITY.index(result.status), result.name)
    )
    if not others:
        return f"{verdict}: {_count(len(results))} passed."
    named = "; ".join(f"{_label(result)}: {result.reason.rstrip('.')}" for result in others[:NAMED_IN_SUMMARY])
    more = f"; and {len(others) - NAMED_IN_SUMMARY} more" if len(others) > NAMED_IN_SUMMARY else ""
    return f"{verdict}: {len(results) - len(others)} of {_count(len(results))} passed. {named}{more}."


def _label(result: Result) -> str:
    return f"{result.name} was skipped" if result.status == SKIPPED else result.name


def _count(number: int) -> str:
    return "1 check" if number == 1 else f"{number} checks"
