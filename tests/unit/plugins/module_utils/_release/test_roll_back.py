"""To which release one may go back, and what is said when not."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._release.roll_back import RollBack, plan_roll_back

from .course_facts import A, B, C, Event, good, live, opened, platform, state_of

NOW = datetime.datetime(2026, 11, 21, 23, 0, tzinfo=datetime.timezone.utc)
TWO = [*good(A), *good(B)]
ON_BOTH = platform(blue=A, green=B, green_share=100)
BACKUP: Event = ("backup.recorded", "", {"backup_id": "b1"})
CONTRACT: Event = ("contract.completed", B, {"applied": ["003"]})


def plan(events: list[Event], to: str = "previous", facts: dict[str, t.Any] | None = None) -> RollBack:
    return plan_roll_back(state_of(*events), to, facts or ON_BOTH, NOW)


@pytest.mark.parametrize("to", ["previous", A, "1.0"])
def test_one_may_go_back_to_the_release_before(to: str) -> None:
    found = plan(TWO, to)
    assert (found.allowed, found.target and found.target["id"], found.slot, found.staged) == (True, A, "blue", True)
    assert found.leaves is not None
    assert found.leaves["id"] == B
    assert found.alternatives == ()


def test_a_release_that_is_not_on_a_slot_any_more_is_staged_on_the_idle_one() -> None:
    found = plan(TWO, facts=platform(blue=None, green=B, green_share=100))
    assert (found.allowed, found.slot, found.staged) == (True, "blue", False)
    assert "staged on slot blue again" in found.reason


def test_from_a_release_under_way_one_goes_back_to_the_live_one() -> None:
    found = plan([*good(A), opened(B)], facts=platform(blue=A, green=B, blue_share=90, green_share=10))
    assert (found.allowed, found.target and found.target["id"], found.leaves and found.leaves["id"]) == (True, A, B)


def test_from_a_release_that_just_went_live_one_goes_back_to_the_one_before() -> None:
    assert (plan([*good(A), *live(B)]).target or {})["id"] == A


def test_previous_skips_what_was_rolled_back_but_its_id_is_obeyed() -> None:
    events = [*TWO, ("rollback.completed", B, {"to": A}), *good(C)]
    assert (plan(events).target or {})["id"] == A
    assert plan(events, B).allowed


def test_previous_undoes_the_newest_release_once_and_a_second_time_finds_nothing_to_do() -> None:
    left = [*good(A), *good(B), *good(C)]
    on_both = platform(blue=C, green=B, blue_share=100)
    assert (plan(left, facts=on_both).target or {})["id"] == B
    again = plan([*left, ("rollback.completed", C, {"to": B, "slot": "green"})], facts=platform(blue=C, green=B, green_share=100))
    assert not again.allowed
    assert (again.target or {})["id"] == (again.leaves or {})["id"] == B
    assert again.reason == (
        f"{B} is live already: {C}, the newest release, was rolled back at 2026-11-21T22:19:00Z."
        " To go further back, name a release by its id or version."
    )
    assert again.alternatives[0] == f"Go back to a release that was found good: {C}, {A}."


def test_previous_never_moves_forward_after_one_went_back_further_by_id() -> None:
    events = [*good(A), *good(B), *good(C), ("rollback.completed", C, {"to": A, "slot": "blue"})]
    found = plan(events, facts=platform(blue=A, green=B, blue_share=100))
    assert (found.allowed, (found.target or {})["id"]) == (False, A)


def test_previous_after_going_back_from_a_release_under_way_finds_nothing_to_do() -> None:
    events = [*good(A), *good(B), opened(C), ("rollback.completed", C, {"to": B})]
    assert (plan(events).allowed, (plan(events).target or {})["id"]) == (False, B)


def test_a_deploy_that_undid_itself_does_not_count_as_the_newest_release() -> None:
    events = [*good(A), *good(B), opened(C), ("release.failed", C, {"reason": "5xx"})]
    assert (plan(events).target or {})["id"] == A


def test_a_release_that_was_never_found_good_is_no_target() -> None:
    events = [*good(A), opened(B), ("release.failed", B, {"reason": "5xx"}), *good(C)]
    found = plan(events, B)
    assert (found.allowed, found.slot) == (False, None)
    assert found.reason == f"{B} was never found good; its status is failed."
    assert found.alternatives[0] == f"Go back to a release that was found good: {A}."


@pytest.mark.parametrize(
    ("events", "to", "reason"),
    [
        ([], "previous", "No release was ever live."),
        (good(A), "previous", "There is no earlier release that was found good."),
        (TWO, "9.9", "to: the ledger knows no release with the id or version '9.9'."),
        (TWO, B, f"{B} is live already."),
    ],
)
def test_it_is_refused_with_a_reason_and_another_way(events: list[Event], to: str, reason: str) -> None:
    found = plan(events, to)
    assert (found.allowed, found.reason) == (False, reason)
    assert found.alternatives[-1].startswith("Deploy a release")


def test_after_a_contract_migration_it_is_refused_and_the_ways_left_are_named() -> None:
    found = plan([*good(A), BACKUP, *live(B), CONTRACT, ("release.completed", B, {})])
    assert not found.allowed
    assert found.reason == f"Contract migrations ran after {A}: with {B} (2026-11-21T22:13:00Z). Its code does not fit the schema any more."
    assert found.alternatives[0].startswith("Forward fix")
    assert found.alternatives[1] == (
        "Restore backup b1 of 2026-11-21T22:07:00Z, taken before them; everything written since then, 53 minutes, is lost. Then roll back."
        " portal_roll_back_kind=full does both."
    )


def test_without_a_backup_the_point_in_time_restore_is_named() -> None:
    assert "point-in-time" in plan([*good(A), *live(B), CONTRACT]).alternatives[1]


def test_a_contract_migration_of_a_release_in_between_counts() -> None:
    events = [*good(A), *live(B), CONTRACT, ("release.completed", B, {}), *good(C)]
    facts = platform(blue=C, green=B, blue_share=100)
    assert not plan(events, A, facts).allowed
    assert plan(events, B, facts).allowed


def test_a_contract_migration_whose_end_is_not_known_counts() -> None:
    found = plan([*good(A), *live(B), ("contract.started", B, {})])
    assert not found.allowed
    assert "begun, its end is not known" in found.reason


def test_after_restoring_the_backup_from_before_it_is_allowed_again() -> None:
    events = [*good(A), BACKUP, *live(B), CONTRACT, ("release.completed", B, {}), ("restore.completed", "", {"backup_id": "b1"})]
    assert plan(events).allowed


def test_the_decision_is_plain_data_for_a_playbook() -> None:
    assert set(plan(TWO).as_dict()) == {"allowed", "reason", "target", "slot", "staged", "warm", "leaves", "alternatives"}
