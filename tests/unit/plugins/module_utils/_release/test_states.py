"""From entries to the state of a portal."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Entry
from ansible_collections.holdfast.webops.plugins.module_utils._release.states import fold

Event = tuple[str, t.Optional[str], dict[str, t.Any]]


APPROVAL = {
    "version": "1.1",
    "commit": None,
    "artifact_sha256": "sha of 1.1-b",
    "reason": "CHG-1042",
    "expires_at": "2026-11-28T22:00:00Z",
}


def entries(*events: Event, fencing: int | None = 1) -> list[Entry]:
    return [
        Entry(number, f"2026-11-21T22:{number:02d}:00Z", event, release, data, fencing, "me", None)
        for number, (event, release, data) in enumerate(events, 1)
    ]


def opened(name: str, slot: str) -> Event:
    return ("release.opened", name, {"slot": slot, "release": {"version": name.partition("-")[0], "commit": "c", "artifact_sha256": "s"}})


def finished(name: str, slot: str, *between: Event) -> list[Event]:
    return [
        opened(name, slot),
        ("stage.completed", name, {}),
        ("shift.completed", name, {"percent": 100}),
        ("release.live", name, {}),
        *between,
        ("release.completed", name, {}),
    ]


def state_of(*events: Event) -> dict[str, t.Any]:
    return fold(entries(*events))


def short(state: dict[str, t.Any]) -> dict[str, t.Any]:
    """Who is live, previous and open, and how each release stands."""
    names = {name: state[name] and state[name]["id"] for name in ("live", "previous", "open")}
    return {**names, **{release["id"]: release["status"] for release in state["releases"]}}


A, B, C = "1.0-a", "1.1-b", "1.2-c"
FIRST = finished(A, "blue")
SECOND = [*FIRST, *finished(B, "green")]
BACK = ("rollback.completed", B, {"to": A, "slot": "blue", "reason": "slow"})


def test_an_empty_ledger_gives_an_empty_state() -> None:
    assert state_of() == {
        "live": None,
        "previous": None,
        "open": None,
        "releases": [],
        "contracts": [],
        "last_backup": None,
        "last_proof": None,
        "last_restore": None,
        "approvals": [],
        "scripts": [],
        "recovery": None,
        "ignored": [],
    }


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([opened(A, "blue")], {"live": None, "previous": None, "open": A, A: "opened"}),
        (FIRST[:-1], {"live": A, "previous": None, "open": A, A: "live"}),
        (FIRST, {"live": A, "previous": None, "open": None, A: "good"}),
        ([*FIRST, opened(B, "green")], {"live": A, "previous": None, "open": B, A: "good", B: "opened"}),
        (SECOND[:-1], {"live": B, "previous": A, "open": B, A: "good", B: "live"}),
        (SECOND, {"live": B, "previous": A, "open": None, A: "good", B: "good"}),
        ([*SECOND[:-1], ("undo.completed", B, {})], {"live": A, "previous": None, "open": B, A: "good", B: "live"}),
        ([*SECOND[:-1], ("release.failed", B, {})], {"live": A, "previous": None, "open": None, A: "good", B: "failed"}),
        ([*FIRST, opened(B, "green"), ("release.failed", B, {})], {"live": A, "previous": None, "open": None, A: "good", B: "failed"}),
        ([*SECOND, BACK], {"live": A, "previous": None, "open": None, A: "good", B: "rolled_back"}),
        (
            [*SECOND, BACK, *finished(C, "green")],
            {"live": C, "previous": A, "open": None, A: "good", B: "rolled_back", C: "good"},
        ),
        (
            [*SECOND, *finished(C, "blue"), ("rollback.completed", C, {"to": {"id": A}})],
            {"live": A, "previous": B, "open": None, A: "good", B: "good", C: "rolled_back"},
        ),
        ([opened(A, "blue"), opened(B, "blue")], {"live": None, "previous": None, "open": B, A: "failed", B: "opened"}),
        ([*FIRST[:-1], opened(B, "green")], {"live": A, "previous": None, "open": B, A: "live", B: "opened"}),
    ],
)
def test_who_is_live_previous_and_open(events: list[Event], expected: dict[str, t.Any]) -> None:
    assert short(state_of(*events)) == expected


def test_a_release_remembers_where_its_course_stands() -> None:
    steps: list[Event] = [
        ("backup.started", B, {}),
        ("backup.completed", B, {}),
        ("stage.completed", B, {}),
        ("shift.started", B, {"percent": 10}),
        ("shift.completed", B, {"percent": 10}),
        ("shift.started", B, {"percent": 50}),
    ]
    found = state_of(*FIRST, opened(B, "green"), *steps)["open"]
    assert found["steps_done"] == ["backup", "stage", "shift"]
    assert (found["percent"], found["percent_tried"], found["last_event"]) == (10, 50, "shift.started")
    assert (found["replaces"], found["slot"], found["artifact_sha256"]) == (A, "green", "s")


def test_an_undone_release_has_no_traffic_and_is_not_staged_any_more() -> None:
    steps: list[Event] = [
        ("backup.completed", B, {}),
        ("stage.completed", B, {}),
        ("shift.completed", B, {"percent": 50}),
        ("undo.completed", B, {}),
    ]
    found = state_of(*FIRST, opened(B, "green"), *steps)["open"]
    assert (found["percent"], found["steps_done"]) == (0, ["backup"])


def test_a_failed_release_says_why() -> None:
    found = state_of(opened(A, "blue"), ("release.failed", A, {"reason": "never healthy", "undone": True}))["releases"][0]
    assert (found["reason"], found["ended_at"]) == ("never healthy", "2026-11-21T22:02:00Z")


def test_opening_a_release_twice_does_not_lose_its_course() -> None:
    found = state_of(opened(A, "blue"), ("backup.completed", A, {}), opened(A, "green"))["open"]
    assert (found["slot"], found["steps_done"]) == ("blue", ["backup"])


def test_going_back_moves_the_release_to_the_slot_where_it_was_staged() -> None:
    state = state_of(*SECOND, ("rollback.completed", B, {"to": A, "slot": "green"}))
    assert state["live"]["slot"] == "green"


BACKUP: Event = ("backup.recorded", None, {"backup_id": "b1"})


@pytest.mark.parametrize(
    ("events", "contracts"),
    [
        ([("contract.completed", A, {"applied": []})], []),
        ([("contract.completed", A, {})], []),
        ([("contract.started", A, {}), ("contract.completed", A, {"applied": ["003"]})], [(A, True)]),
        ([("contract.started", A, {})], [(A, False)]),
        ([("contract.started", A, {}), ("contract.completed", A, {"applied": []})], []),
        ([("contract.started", A, {}), ("contract.failed", A, {})], [(A, False)]),
        ([("contract.started", A, {}), ("contract.failed", A, {"applied": []})], []),
        ([("contract.failed", A, {"applied": ["003"]})], [(A, False)]),
        (
            [("contract.completed", A, {"applied": ["003"]}), ("contract.started", A, {}), ("contract.completed", A, {"applied": []})],
            [(A, True)],
        ),
    ],
)
def test_what_may_have_changed_the_schema_for_good_is_remembered(events: list[Event], contracts: list[tuple[str, bool]]) -> None:
    state = state_of(opened(A, "blue"), *events)
    assert [(contract["release"], contract["certain"]) for contract in state["contracts"]] == contracts
    assert state["releases"][0]["contracted"] is any(certain for _release, certain in contracts)


def test_a_contract_migration_remembers_the_newest_backup_before_it() -> None:
    later: Event = ("backup.recorded", None, {"backup_id": "b2"})
    state = state_of(opened(A, "blue"), BACKUP, ("contract.started", A, {}), later, ("contract.completed", A, {"applied": ["003"]}))
    assert state["contracts"][0]["backup"]["backup_id"] == "b1"
    assert state["last_backup"]["backup_id"] == "b2"


@pytest.mark.parametrize(("restored", "left"), [("b1", 0), ("b2", 1), ("unknown", 1), (None, 1)])
def test_restoring_a_backup_from_before_a_contract_migration_undoes_it(restored: str | None, left: int) -> None:
    later: Event = ("backup.recorded", None, {"backup_id": "b2"})
    state = state_of(
        opened(A, "blue"),
        BACKUP,
        ("contract.completed", A, {"applied": ["003"]}),
        later,
        ("restore.completed", None, {"backup_id": restored}),
    )
    assert len(state["contracts"]) == left


def test_restoring_a_backup_that_an_earlier_restore_has_left_behind_brings_back_its_contract_migrations_and_no_others() -> None:
    course: tuple[Event, ...] = (
        *finished(A, "blue", BACKUP),
        *finished(B, "green", ("contract.completed", B, {"applied": ["003"]})),
        ("backup.recorded", None, {"backup_id": "safety"}),
        ("restore.completed", None, {"backup_id": "b1"}),
        ("backup.recorded", None, {"backup_id": "b2"}),
    )
    assert state_of(*course)["contracts"] == []
    again = state_of(*course, ("restore.completed", None, {"backup_id": "safety"}))
    assert [contract["release"] for contract in again["contracts"]] == [B]
    assert state_of(*course, *[("restore.completed", None, {"backup_id": name}) for name in ("safety", "b2")])["contracts"] == []


@pytest.mark.parametrize(("moment", "left"), [("2026-11-21T22:01:30Z", 0), ("2026-11-21T22:02:30.5Z", 1), (None, 1)])
def test_going_back_to_a_moment_before_a_contract_migration_began_undoes_it(moment: str | None, left: int) -> None:
    begun_at_22_02: tuple[Event, ...] = (opened(A, "blue"), ("contract.started", A, {}), ("contract.completed", A, {"applied": ["003"]}))
    state = state_of(*begun_at_22_02, ("restore.completed", None, {"backup_id": None, "moment": moment}))
    assert len(state["contracts"]) == left


def test_backups_proofs_restores_and_approvals_are_told_with_when_and_who() -> None:
    state = state_of(
        BACKUP,
        ("proof.recorded", None, {"backup_id": "b1", "equal": True}),
        ("restore.completed", None, {"backup_id": "b1"}),
        ("approval.granted", None, APPROVAL),
    )
    common = {"by": "me", "backup_id": "b1", "release": None}
    assert state["last_backup"] == {**common, "at": "2026-11-21T22:01:00Z", "number": 1}
    assert state["last_proof"] == {**common, "at": "2026-11-21T22:02:00Z", "number": 2, "equal": True}
    assert state["last_restore"] == {**common, "at": "2026-11-21T22:03:00Z", "number": 3}
    given = {"at": "2026-11-21T22:04:00Z", "number": 4, "by": "me", "release": None, "withdrawn_at": None}
    assert state["approvals"] == [{**APPROVAL, **given}]


def test_an_approval_is_taken_back_by_who_gave_it_and_for_what_it_covered() -> None:
    other = {**APPROVAL, "version": "1.2"}
    entry = Entry(9, "2026-11-21T23:00:00Z", "approval.withdrawn", None, APPROVAL, None, "somebody else", None)
    granted = entries(("approval.granted", None, APPROVAL), ("approval.granted", None, other))
    assert [each["withdrawn_at"] for each in fold([*granted, entry])["approvals"]] == [None, None]
    state = state_of(*[("approval.granted", None, data) for data in (APPROVAL, other)], ("approval.withdrawn", None, APPROVAL))
    assert [each["withdrawn_at"] for each in state["approvals"]] == ["2026-11-21T22:03:00Z", None]


def test_an_approval_that_says_nothing_covers_nothing_and_has_ended() -> None:
    (given,) = state_of(("approval.granted", A, {}))["approvals"]
    assert (given["version"], given["artifact_sha256"], given["expires_at"]) == (None, None, given["at"])


def test_a_way_back_that_was_begun_or_failed_leaves_the_release_where_it_was() -> None:
    begun = state_of(*SECOND, ("rollback.started", B, {"to": A}), ("rollback.failed", B, {"to": A, "reason": "it never got healthy"}))
    assert short(begun) == short(state_of(*SECOND))
    assert begun["live"]["last_event"] == "rollback.failed"


def test_what_a_fenced_off_run_still_wrote_does_not_count() -> None:
    late = Entry(9, "2026-11-21T23:00:00Z", "release.failed", B, {}, 1, "paused", None)
    state = fold([*entries(*SECOND, fencing=2), late])
    assert state["ignored"] == [9]
    assert short(state) == {"live": B, "previous": A, "open": None, A: "good", B: "good"}


def test_entries_without_a_lease_count() -> None:
    assert fold([*entries(*FIRST, fencing=2), *entries(BACKUP, fencing=None)])["last_backup"]["backup_id"] == "b1"


@pytest.mark.parametrize("event", ["shift.completed", "release.live", "release.failed", "rollback.completed", "contract.completed"])
def test_events_of_a_release_that_was_never_opened_change_nothing(event: str) -> None:
    assert state_of((event, "unknown", {"percent": 10})) == state_of()


def test_a_backup_recorded_within_a_release_is_the_one_from_before_its_contract_migrations() -> None:
    state = state_of(
        *FIRST,
        opened(B, "green"),
        ("backup.recorded", B, {"backup_id": "b1"}),
        ("contract.started", B, {}),
        ("contract.completed", B, {"applied": ["3"]}),
    )
    assert state["last_backup"]["backup_id"] == "b1"
    assert state["contracts"][0]["backup"]["backup_id"] == "b1"
