"""The advisory lock, and the words for who is in the way."""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.locking import (
    blockers_of,
    described,
    refuse_shared_session,
    take_all_locks,
    take_lock,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase import SupabaseHistory
from tests.unit.fake_clock import FakeClock

from .fakes import FakeDatabase

HOLDER = (4711, "psql", "admin", "active", 12, "select\n  1")


def test_the_lock_is_tried_until_it_is_free() -> None:
    answers = iter([False, False, True])
    clock = FakeClock()
    take_lock(FakeDatabase({"pg_try_advisory_lock": lambda _given: [(next(answers),)]}), 1, lock_wait=60, clock=clock)
    assert clock.slept == [0.5, 0.5]


def test_whoever_holds_it_is_named_when_the_wait_is_over() -> None:
    database = FakeDatabase({"pg_try_advisory_lock": [(False,)], "pg_locks": [(4711,)], "pg_stat_activity": [HOLDER]})
    clock = FakeClock()
    with pytest.raises(ConflictError, match=r"waited 1 s for it: pid 4711 \(psql, user admin\), active since 12 s: select 1\.") as caught:
        take_lock(database, 1, lock_wait=1, clock=clock)
    assert sum(clock.slept) == 1
    assert caught.value.details["blockers"] == ["pid 4711 (psql, user admin), active since 12 s: select 1"]


def test_without_a_wait_the_lock_is_tried_once() -> None:
    database = FakeDatabase({"pg_try_advisory_lock": [(False,)]})
    with pytest.raises(ConflictError, match="it has just ended"):
        take_lock(database, 1, lock_wait=0, clock=FakeClock())
    assert len(database.sent) == 2


def test_a_session_is_described_without_the_password_that_it_sets() -> None:
    assert "hunter2" not in described([(7, "psql", "", "active", 3, "alter role app password 'hunter2'")])[0]


@pytest.mark.parametrize("sent", ["SET lock_timeout = 4000", "RESET SESSION AUTHORIZATION; RESET ROLE"])
def test_what_a_run_sends_between_statements_is_not_shown(sent: str) -> None:
    assert described([(7, "holdfast", "app", "idle", 3, sent)]) == ["pid 7 (holdfast, user app), idle since 3 s"]


def test_sessions_are_described_also_where_little_is_known() -> None:
    assert described([(0, "", "", "", 0, ""), (7, "", "", "", 3, "")]) == [
        "a prepared transaction (see pg_prepared_xacts)",
        "pid 7 (unnamed program), state unknown since 3 s: ",
    ]


def test_nobody_in_the_way_is_an_empty_list() -> None:
    assert blockers_of(FakeDatabase(), 1) == []


def test_locks_that_are_held_already_are_held_once_afterwards() -> None:
    database = FakeDatabase({"pg_try_advisory_lock": [(True,)]})
    take_all_locks(database, SupabaseHistory(), lock_wait=0, clock=FakeClock())
    assert [query.split(".")[1].split("(")[0] for query, _given in database.sent] == ["pg_advisory_unlock_all", "pg_try_advisory_lock"]


class Backend(FakeDatabase):
    """A session that works in the backend `pid`."""

    def __init__(self, pid: int) -> None:
        super().__init__({"pg_backend_pid": [(pid,)]})
        self.pid = pid


def test_a_pooler_that_lends_our_backend_to_another_session_is_refused() -> None:
    ours, borrower, other = Backend(7), Backend(7), Backend(8)
    refuse_shared_session(t.cast("t.Any", ours), lambda: t.cast("t.Any", contextlib.nullcontext(other)))
    with pytest.raises(InputError, match="transaction mode"):
        refuse_shared_session(t.cast("t.Any", ours), lambda: t.cast("t.Any", contextlib.nullcontext(borrower)))
    assert [query for query, _given in borrower.sent] == ["BEGIN", "SELECT pg_catalog.pg_backend_pid()", "ROLLBACK"]
