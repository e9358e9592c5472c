"""Which release and which backup belong together when the database goes back."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._release.data_back import backup_age, misfit, plan_data_back
from tests.unit.plugins.module_utils._release.test_states import Event, opened, state_of

A, B, C = "1.0-a", "1.1-b", "1.2-c"


def deployed(name: str, slot: str, backup: str, *, migrations: t.Sequence[str] = (), contracts: t.Sequence[str] = ()) -> list[Event]:
    """The course of a release, an entry a minute."""
    return [
        opened(name, slot),
        ("backup.completed", name, {"backup_id": backup}),
        ("expand.completed", name, {"applied": list(migrations)}),
        ("release.live", name, {}),
        ("contract.completed", name, {"applied": list(contracts)}),
        ("release.completed", name, {}),
    ]


FIRST = deployed(A, "blue", "before-a", migrations=["1"])  # minutes 1 to 6
SECOND = [*FIRST, *deployed(B, "green", "before-b", migrations=["2"], contracts=["3"])]  # minutes 7 to 12
THIRD = [*SECOND, *deployed(C, "blue", "before-c")]  # minutes 13 to 18


def at(minute: int) -> str:
    return f"2026-11-21T22:{minute:02d}:30Z"


@pytest.mark.parametrize(
    ("to", "backup", "target", "found"),
    [
        ("previous", "", B, "before-c"),
        (A, "", A, "before-b"),
        ("1.0", "", A, "before-b"),
        ("previous", "mine", B, "mine"),
    ],
)
def test_all_of_it_goes_back_to_the_data_from_before_the_release_after_the_target(to: str, backup: str, target: str, found: str) -> None:
    plan = plan_data_back(state_of(*THIRD), "full", to, backup)
    assert (plan["allowed"], plan["target"]["id"], plan["backup"]) == (True, target, found)


@pytest.mark.parametrize(("to", "backup"), [("previous", "latest"), ("latest_proven", "latest_proven"), ("2026-11-21T22:05:00Z",) * 2])
def test_the_database_alone_goes_back_under_the_release_that_is_live(to: str, backup: str) -> None:
    plan = plan_data_back(state_of(*THIRD), "database", to, "")
    assert (plan["allowed"], plan["target"]["id"], plan["backup"]) == (True, C, backup)


@pytest.mark.parametrize("to", ["previous", "9.9", A])
def test_without_another_good_release_all_of_it_cannot_go_back(to: str) -> None:
    plan = plan_data_back(state_of(*FIRST), "full", to, "")
    assert not plan["allowed"]
    assert f"There is no other release '{to}'" in plan["reason"]


def test_without_a_backup_of_the_release_after_it_one_has_to_be_named() -> None:
    without = [event for event in SECOND if event[0] != "backup.completed"]
    assert "name one" in plan_data_back(state_of(*without), "full", "previous", "")["reason"]
    assert plan_data_back(state_of(*without), "full", "previous", "mine")["backup"] == "mine"


@pytest.mark.parametrize(("kind", "to", "release"), [("full", "previous", B), ("database", "previous", C)])
def test_one_that_was_cut_off_goes_on_as_it_was_decided_unless_another_backup_is_named(kind: str, to: str, release: str) -> None:
    asked = {"backup": "as-decided", "way_back": {"kind": kind, "to": to, "release": release}}
    started = ("recovery.started", None, {"recovery_id": "recovery-1", "asked": asked})
    state = state_of(*THIRD, started, ("rollback.completed", C, {"to": B, "slot": "green"}))
    for backup in ("", "as-decided"):
        plan = plan_data_back(state, kind, to, backup)
        assert (plan["goes_on"], plan["target"]["id"], plan["backup"]) == (True, release, "as-decided")
    assert [plan_data_back(state, kind, to, "mine")[name] for name in ("goes_on", "backup")] == [False, "mine"]
    assert not plan_data_back(state, kind, A, "")["goes_on"]
    assert not plan_data_back(state_of(*THIRD, started, ("recovery.completed", None, {})), kind, to, "")["goes_on"]


def test_data_from_before_its_own_migrations_do_not_fit_a_release() -> None:
    assert misfit(state_of(*SECOND), B, at(8)) == f"Migrations for {B} ran at 2026-11-21T22:09:00Z; data of {at(8)} do not have them."
    assert misfit(state_of(*SECOND), B, at(9)) == ""


def test_data_from_after_a_contract_migration_do_not_fit_a_release_from_before_it() -> None:
    assert f"Contract migrations for {B} ran at" in misfit(state_of(*SECOND), A, at(11))
    assert misfit(state_of(*SECOND), A, at(8)) == ""


def test_a_release_that_was_left_says_nothing_of_the_data_that_another_one_found() -> None:
    again = [*SECOND, ("rollback.completed", B, {"to": A, "slot": "blue"}), *deployed(C, "green", "before-c")]
    assert plan_data_back(state_of(*again), "full", A, "")["backup"] == "before-c"


def test_a_backup_from_before_a_restore_or_a_migration_is_none_of_the_present_data() -> None:
    now = datetime.datetime(2026, 11, 21, 22, 14, tzinfo=datetime.timezone.utc)
    restored = state_of(*SECOND, ("restore.completed", None, {"backup_id": "before-b"}))  # at 22:13
    assert backup_age(restored, 3600, now) == 60
    assert backup_age(restored, 30, now) == 30
    assert backup_age(state_of(*FIRST), 3600, now) == 11 * 60
    assert backup_age(state_of(*SECOND), 3600, now) == 3 * 60  # its contract
    assert backup_age(state_of(*deployed(A, "blue", "before-a")), 3600, now) == 3600


def test_a_release_without_migrations_fits_older_data_and_nobody_speaks_of_one_that_is_not_known() -> None:
    assert misfit(state_of(*THIRD), C, at(1)) == ""
    assert misfit(state_of(*THIRD), "", at(1)) == ""
