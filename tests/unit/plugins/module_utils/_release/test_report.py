"""What a person is told about a portal."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._release.report import report

from .course_facts import A, B, C, Event, good, opened, platform, state_of

NOW = datetime.datetime(2026, 11, 21, 23, 30, tzinfo=datetime.timezone.utc)
FREE: dict[str, t.Any] = {"held": False, "owner": None, "purpose": None, "fencing": 7, "taken_at": None, "expires_at": None}
WHOLE = {"length": 12, "head": {}, "intact": True, "problem": None}


def told(events: list[Event], facts: dict[str, t.Any] | None = None, last: int = 10, **parts: t.Any) -> dict[str, t.Any]:
    ledger = {"state": state_of(*events), "lease": FREE, "chain": WHOLE, **parts}
    return report(ledger, facts or platform(blue=A, green=B, green_share=100), last, NOW)


def test_what_is_live_and_since_when_comes_first_and_all_else_follows() -> None:
    assert told([*good(A), *good(B)])["lines"] == [
        f"Live: {B} on green since 2026-11-21T22:11:00Z, good.",
        f"Slot blue: {A}, running, 0 % of the traffic.",
        f"Slot green: {B}, running, 100 % of the traffic.",
        "Lease: free (last number 7).",
        "Ledger: 12 entries, intact.",
        f"Release {B}: opened 2026-11-21T22:07:00Z, good",
        f"Release {A}: opened 2026-11-21T22:01:00Z, good",
    ]


def test_a_portal_without_a_release_says_so() -> None:
    found = told([], platform())
    assert (found["live"], found["under_way"], found["disagreement"], found["releases"]) == (None, None, None, [])
    assert found["lines"][:3] == ["Live: no release.", "Slot blue: empty, 0 % of the traffic.", "Slot green: empty, 0 % of the traffic."]


def test_a_release_under_way_and_one_that_failed_say_how_far_they_came_and_why_they_ended() -> None:
    events = [*good(A), opened(B), ("release.failed", B, {"reason": "5xx"}), opened(C), ("stage.started", C, {})]
    found = told(events, platform(blue=A, blue_share=100))
    assert found["under_way"]["id"] == C
    assert f"Under way: {C} on blue, last at stage.started 2026-11-21T22:10:00Z." in found["lines"]
    assert f"Release {B}: opened 2026-11-21T22:07:00Z, failed 2026-11-21T22:08:00Z: 5xx" in found["lines"]


def test_a_recovery_that_was_cut_off_is_told_with_the_way_on() -> None:
    about: dict[str, t.Any] = {"recovery_id": "recovery-20261121T221900Z", "asked": {"way_back": {}}}
    step = {"recovery_id": about["recovery_id"], "says": ""}
    done: list[dict[str, t.Any]] = [{**step, "id": "assess", "status": "completed"}, {**step, "id": "database", "status": "failed"}]
    begun: list[Event] = [*good(A), ("recovery.started", A, about), *(("recovery.stepped", A, one) for one in done)]
    found = told(begun)
    assert found["recovery"] == {"recovery_id": about["recovery_id"], "at": "2026-11-21T22:07:00Z", "by": "me", "done": ["assess"]}
    on = "Run the same command again, or give it up: holdfast.webops.recover -e portal_recover_state=abandoned"
    assert f"Recovery under way: {about['recovery_id']} by me since 2026-11-21T22:07:00Z, with assess done. {on}" in found["lines"]
    assert told(good(A))["recovery"] is None


def test_a_platform_that_shows_something_else_is_told() -> None:
    found = told([*good(A), *good(B)], platform(blue=A, green=B, blue_share=100))
    assert found["disagreement"] == f"the live slot blue holds {A}"
    assert f"The platform disagrees: the live slot blue holds {A}. The next deploy mends it." in found["lines"]


def test_a_held_lease_and_a_damaged_ledger_are_told() -> None:
    lease = {**FREE, "held": True, "owner": "anna", "purpose": "deploy 1.2", "taken_at": "T1", "expires_at": "T2"}
    found = told(good(A), lease=lease, chain={**WHOLE, "intact": False, "problem": "Entry 3 is missing."})
    assert "Lease: held by anna (deploy 1.2), since T1, until T2." in found["lines"]
    assert "Ledger: 12 entries, Entry 3 is missing." in found["lines"]


def test_a_slot_that_died_and_came_back_is_told_by_its_start_and_by_what_the_other_one_answered() -> None:
    facts = {
        **platform(blue=A, green=B, green_share=100),
        "servers": {"blue": {"healthy": True, "fallbacks": 0}, "green": {"healthy": False, "fallbacks": 12}},
    }
    facts["slots"]["green"]["started_at"] = "T3"
    assert (
        f"Slot green: {B}, running since T3, 100 % of the traffic; the router finds it ill;"
        " the other slot answered 12 requests in its place since the router's start."
    ) in told([*good(A), *good(B)], facts)["lines"]


def test_only_the_last_releases_are_listed() -> None:
    assert [release["id"] for release in told([*good(A), *good(B)], last=1)["releases"]] == [B]
