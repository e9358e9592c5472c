# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One check from its first attempt to its result."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Check
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import FAIL, PASS, SKIPPED, WARN, Finding, Result
from ansible_collections.holdfast.webops.plugins.module_utils._health.looks import Look
from ansible_collections.holdfast.webops.plugins.module_utils._health.thresholds import broken

# Seconds between two attempts: long enough for a restarting process to be back, short beside any timeout.
PAUSE = 0.5


def longest(check: Check) -> float:
    """Seconds after which a check has ended at the latest, if its probe keeps to its deadline."""
    return check.timeout * (check.retries + 1) + PAUSE * check.retries


def run_check(check: Check, look: Look, clock: Clock, budget: float) -> Result:
    """Look until it is not a failure, or retries or `budget` (seconds for all attempts) are used up."""
    overall = Deadline(clock, budget)
    attempts = 0
    while True:
        attempts += 1
        deadline = Deadline(clock, min(check.timeout, overall.remaining()))
        started = clock.monotonic()
        finding = _looked(look, deadline, clock)
        result = judge(check, finding, attempts, clock.monotonic() - started, late=deadline.expired)
        if result.status != FAIL or attempts > check.retries or overall.remaining() <= PAUSE:
            return result
        clock.sleep(PAUSE)


def _looked(look: Look, deadline: Deadline, clock: Clock) -> Finding:
    """One look. An error that no probe thought of must not hide what the other checks saw."""
    try:
        return look(deadline, clock)
    except WebopsError as exc:
        return Finding("", problems=(exc.message.rstrip("."),))
    except Exception as exc:
        return Finding("", problems=(f"could not be looked at: unexpected {type(exc).__name__}: {' '.join(str(exc).split())[:200]}",))


def judge(check: Check, finding: Finding, attempts: int, seconds: float, *, late: bool = False) -> Result:
    """What a finding means for a check. Pure."""
    took = seconds * 1000
    status, reason = _status(check, finding, took)
    if late and status == FAIL:
        reason += f" (timeout {check.timeout:g} s)"
    return Result(
        check.name, check.kind, check.critical, status, _sentence(reason), attempts, round(took), finding.figures, finding.evidence
    )


def _status(check: Check, finding: Finding, took: float) -> tuple[str, str]:
    """Status and reason: what is wrong in itself first, then figures over their limits, failing before warning."""
    if finding.skipped:
        return SKIPPED, finding.skipped
    if finding.problems:
        return FAIL, "; ".join(finding.problems)
    fails, warns = broken(check.thresholds, finding.figures)
    for limits, limit in ((fails, check.fail_over_ms), (warns, check.warn_over_ms)):
        if limit is not None and took > limit:
            limits.append(f"took {took:.0f} ms, over {limit:g} ms")
    if fails:
        return FAIL, f"{finding.seen}, but {'; '.join(fails)}"
    if finding.warnings or warns:
        return WARN, f"{finding.seen}, but {'; '.join([*finding.warnings, *warns])}"
    return PASS, finding.seen


def given_up(check: Check, why: str) -> Result:
    """The result of a check whose probe did not come back in time."""
    return judge(check, Finding("", problems=(why,)), 0, 0)


def _sentence(text: str) -> str:
    """With a capital, unless it begins with a name such as localhost:8080, and a full stop."""
    end = "" if text.endswith(("?", "!")) else "."
    begins = text.partition(" ")[0].rstrip(",").isalpha()
    return f"{text[:1].upper() if begins else text[:1]}{text[1:]}{end}"
