"""What Supabase keeps of a project, and what is wrong with it."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._supabase.holdings import problems, shown
from tests.unit.plugins.module_utils._supabase.kept import any_moment, at, backup, daily, project


def test_with_point_in_time_recovery_the_window_counts_and_not_the_backups() -> None:
    held = any_moment(backup(1, -700), since=-600, until=-2)
    assert (held.pitr, held.oldest, held.newest) == (True, at(-600), at(-2))
    told = shown(project(), held)
    assert (told["rpo_seconds"], told["problems"]) == (120, [])


def test_a_window_that_ends_in_the_future_ends_now() -> None:
    assert any_moment(until=5).newest == at(0)


def test_without_it_only_completed_physical_backups_count() -> None:
    held = daily(backup(1, -2000), backup(2, -600), backup(3, -30, physical=False), backup(4, -10, "PENDING"))
    assert (held.pitr, held.oldest, held.newest) == (False, at(-2000), at(-600))
    assert [(kept["id"], kept["restorable"]) for kept in shown(project(), held)["backups"]] == [
        (4, False),
        (3, False),
        (2, True),
        (1, True),
    ]


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (daily(), "Supabase keeps no backup of the project that could be ordered back"),
        (daily(backup(1, -600), backup(2, -60, "FAILED")), "The newest backup of Supabase, of 2026-11-22T11:00:00Z, is FAILED."),
        (daily(backup(1, -31 * 60)), "is of 2026-11-21T05:00:00Z; one a day is to be expected."),
    ],
)
def test_what_is_missing_failed_or_late_is_a_problem(held: object, said: str) -> None:
    (problem,) = problems(project(), held)  # type: ignore[arg-type]
    assert said in problem


def test_a_project_that_is_paused_is_a_problem_whatever_is_kept_of_it() -> None:
    assert problems(project("INACTIVE"), any_moment()) == ["The project is INACTIVE."]
    assert problems(project(), daily(backup(1, -600))) == []
