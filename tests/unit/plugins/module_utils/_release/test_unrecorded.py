"""A way back that was made without a controller is written down before anything is decided."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._release.unrecorded import entries_for, unrecorded

from .course_facts import A, B, Event, good, opened, platform, state_of

SCRIPT: dict[str, t.Any] = {
    "id": "s1",
    "at": "2026-11-21T22:41:00Z",
    "by": "root",
    "reason": "no controller",
    "from_slot": "green",
    "to_slot": "blue",
}
BACK_ON_BLUE = {**platform(blue=A, green=B, blue_share=100), "rolled_back": SCRIPT}


def told(events: list[Event], facts: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    return entries_for(state_of(*events), facts)


def test_what_the_platform_remembers_becomes_an_entry_with_who_when_and_why() -> None:
    assert told([*good(A), *good(B)], BACK_ON_BLUE) == [
        {
            "event": "rollback.completed",
            "release": B,
            "data": {"to": A, "slot": "blue", "script": "s1", "by": "root", "at": "2026-11-21T22:41:00Z", "reason": "no controller"},
        }
    ]


def test_after_it_the_ledger_says_what_the_platform_shows_and_it_is_not_written_again() -> None:
    (entry,) = told([*good(A), *good(B)], BACK_ON_BLUE)
    after = state_of(*good(A), *good(B), (entry["event"], entry["release"], entry["data"]))
    assert (after["live"]["id"], after["scripts"]) == (A, ["s1"])
    assert unrecorded(after, BACK_ON_BLUE) is None


def test_a_release_under_way_that_was_taken_back_has_ended() -> None:
    events = [*good(A), opened(B)]
    (entry,) = told(events, BACK_ON_BLUE)
    after = state_of(*events, (entry["event"], entry["release"], entry["data"]))
    assert (after["open"], after["live"]["id"]) == (None, A)


def test_where_the_slot_that_was_left_is_empty_it_was_what_the_ledger_takes_for_live() -> None:
    facts = {**platform(blue=A, blue_share=100), "rolled_back": SCRIPT}
    assert told([*good(A), *good(B)], facts)[0]["release"] == B


def test_a_platform_that_remembers_nothing_and_a_ledger_that_knows_nothing_have_nothing_to_write() -> None:
    assert told([*good(A), *good(B)], {**BACK_ON_BLUE, "rolled_back": None}) == []
    assert told([*good(A)], platform(blue=A, blue_share=100)) == []
    assert told([], BACK_ON_BLUE) == []
