# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of each step of a plan, and of the whole: recovered, degraded or failed. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import Plan, Record, Step

RECOVERED, DEGRADED, FAILED = "recovered", "degraded", "failed"
COMPLETED, STEP_FAILED, LEFT_OUT, SKIPPED = "completed", "failed", "left out", "skipped"
# What a step needs of those before it: nobody does what is left out, and the plan says so.
GOOD_ENOUGH = (COMPLETED, LEFT_OUT)


def fates(plan: Plan, done: t.Sequence[Record]) -> dict[str, tuple[str, str]]:
    """Step id -> (status, why), of every step that was done or never will be; the others may still run.

    `done` are the steps that were tried, each with `id`, `status` (completed or failed) and `says`.
    """
    tried = {str(one["id"]): (str(one["status"]), str(one.get("says") or "")) for one in done}
    found: dict[str, tuple[str, str]] = {}
    for step in plan.steps:  # each after those that it needs
        fate = tried.get(step.id) or _without_trying(plan, step, {**tried, **found})
        if fate:
            found[step.id] = fate
    return found


def _without_trying(plan: Plan, step: Step, known: t.Mapping[str, tuple[str, str]]) -> t.Optional[tuple[str, str]]:
    if step.left_out:
        return LEFT_OUT, step.left_out
    broken = [other.id for other in plan.steps if other.critical and known.get(other.id, (COMPLETED, ""))[0] == STEP_FAILED]
    if broken:
        return SKIPPED, f"{broken[0]} is critical and failed, so that nothing else was tried."
    missing = [needed for needed in step.depends_on if known.get(needed, (COMPLETED, ""))[0] not in GOOD_ENOUGH]
    return (SKIPPED, f"It needs {missing[0]}, which was not done.") if missing else None


def verdict(plan: Plan, done: t.Sequence[Record], allowed_failures: int, *, as_promised: bool) -> str:
    """The word for the whole. A step that could not be tried because of another one counts like one that failed.

    `as_promised`: whether RTO and RPO were kept. Who recovered, but later than promised, has not done all of it.
    """
    settled = fates(plan, done)
    bad = [step for step in plan.steps if settled.get(step.id, (SKIPPED, ""))[0] not in GOOD_ENOUGH]
    if any(step.critical for step in bad) or len(bad) > allowed_failures:
        return FAILED
    return DEGRADED if bad or not as_promised else RECOVERED
