from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._recovery.verdict import fates, verdict
from tests.unit.plugins.module_utils._recovery.rehearsals import plan, raw

STEPS = [
    raw("a", action="assess", critical=True),
    raw("b", "a", action="database"),
    raw("c", "b", action="assess"),
    raw("d", "a", action="assess"),
    raw("e", "d"),
    raw("f", "e", action="assess"),
]


def done(**statuses: str) -> list[dict[str, t.Any]]:
    return [{"id": step_id, "status": status, "says": f"{step_id} {status}"} for step_id, status in statuses.items()]


def words(**statuses: str) -> dict[str, str]:
    return {step_id: status for step_id, (status, _says) in fates(plan(STEPS), done(**statuses)).items()}


def test_what_is_not_settled_may_still_run() -> None:
    assert words() == {"e": "left out"}
    assert words(a="completed", b="completed") == {"a": "completed", "b": "completed", "e": "left out"}


def test_a_failed_critical_step_ends_all() -> None:
    found = fates(plan(STEPS), done(a="failed"))
    assert {step_id: status for step_id, (status, _says) in found.items()} == {
        "a": "failed",
        **dict.fromkeys("bcdf", "skipped"),
        "e": "left out",
    }
    assert found["f"][1] == "a is critical and failed, so that nothing else was tried."


def test_a_failed_other_step_takes_only_those_along_that_need_it() -> None:
    found = fates(plan(STEPS), done(a="completed", b="failed"))
    assert found["c"] == ("skipped", "It needs b, which was not done.")
    assert "d" not in found
    assert "f" not in found


def test_what_needs_a_step_that_is_left_out_runs_all_the_same() -> None:
    assert "f" not in words(a="completed", d="completed")


@pytest.mark.parametrize(
    ("failed", "allowed", "as_promised", "word"),
    [
        ("", 0, True, "recovered"),
        ("", 0, False, "degraded"),
        ("c", 1, True, "degraded"),
        ("c", 0, True, "failed"),
        ("b", 2, True, "degraded"),  # and c, which needs it
        ("b", 1, True, "failed"),
        ("cdf", 2, True, "failed"),
        ("a", 6, True, "failed"),
    ],
)
def test_the_verdict_counts_what_was_not_done(failed: str, allowed: int, as_promised: bool, word: str) -> None:
    statuses = {step_id: "failed" if step_id in failed else "completed" for step_id in "abcdf"}
    if "b" in failed:
        del statuses["c"]
    assert verdict(plan(STEPS), done(**statuses), allowed, as_promised=as_promised) == word


def test_a_plan_that_was_not_gone_through_has_not_recovered_anything() -> None:
    assert verdict(plan(STEPS), [], 9, as_promised=True) == "failed"
