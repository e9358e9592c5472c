"""The recovery that is under way, as a ledger tells it."""

from __future__ import annotations

import typing as t

from tests.unit.plugins.module_utils._release.test_states import Event, state_of

ABOUT: dict[str, t.Any] = {"recovery_id": "recovery-1", "began": "2026-11-22T12:00:00Z", "asked": {"backup": "latest"}}
STARTED: Event = ("recovery.started", None, ABOUT)
ENDED: Event = ("recovery.completed", None, {"recovery_id": "recovery-1"})


def stepped(step: str, status: str = "completed", recovery: str = "recovery-1") -> Event:
    return ("recovery.stepped", None, {"recovery_id": recovery, "id": step, "status": status})


def under_way(*events: Event) -> t.Any:
    return state_of(*events)["recovery"]


def test_what_was_begun_is_under_way_with_the_steps_that_were_tried() -> None:
    found = under_way(STARTED, stepped("assess"), stepped("database", "failed"))
    assert (found["recovery_id"], found["asked"], found["number"]) == ("recovery-1", {"backup": "latest"}, 1)
    assert [(step["id"], step["status"]) for step in found["done"]] == [("assess", "completed"), ("database", "failed")]


def test_a_step_that_was_tried_again_counts_as_it_went_last() -> None:
    found = under_way(STARTED, stepped("database", "failed"), ("recovery.resumed", None, {}), stepped("database"))
    assert [(step["id"], step["status"]) for step in found["done"]] == [("database", "completed")]


def test_what_has_ended_is_not_under_way_and_a_step_of_it_begins_nothing() -> None:
    assert under_way(STARTED, stepped("assess"), ENDED) is None
    assert under_way(STARTED, ENDED, stepped("database")) is None


def test_another_recovery_takes_the_place_of_one_that_was_not_ended() -> None:
    found = under_way(STARTED, stepped("assess"), ("recovery.started", None, {**ABOUT, "recovery_id": "recovery-2"}), stepped("database"))
    assert (found["recovery_id"], found["done"]) == ("recovery-2", [])
