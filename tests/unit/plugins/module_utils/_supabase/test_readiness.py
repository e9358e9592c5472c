"""Projects that can be configured now, soon, or not by waiting."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase import readiness
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._vercel.stand_in import Said, StandIn

from .stand_in import REF, client


def project(status: str) -> Said:
    return Said(200, {"ref": REF, "status": status})


def test_a_project_on_its_way_is_waited_for() -> None:
    clock = FakeClock()
    session = StandIn(project("COMING_UP"), project("RESTORING"), project("ACTIVE_HEALTHY"))
    assert readiness.await_usable(client(clock, session))["status"] == "ACTIVE_HEALTHY"
    assert len(clock.slept) == 2


def test_waiting_ends_with_the_time_of_the_task() -> None:
    clock = FakeClock()
    with pytest.raises(DeadlineError, match=f"Project {REF} is still RESTORING"):
        readiness.await_usable(client(clock, StandIn(project("RESTORING")), seconds=30))
    assert clock.seconds == pytest.approx(30)


@pytest.mark.parametrize("status", ["INACTIVE", "PAUSING", "GOING_DOWN"])
def test_a_paused_project_is_not_waited_for(status: str) -> None:
    clock = FakeClock()
    with pytest.raises(ConflictError, match=rf"is paused \({status}\)"):
        readiness.await_usable(client(clock, StandIn(project(status))))
    assert clock.slept == []


@pytest.mark.parametrize("status", ["RESTORE_FAILED", "INIT_FAILED", "PAUSE_FAILED", "REMOVED", "SOMETHING_NEW"])
def test_a_broken_project_is_not_waited_for(status: str) -> None:
    with pytest.raises(ConflictError, match="does not come back by itself"):
        readiness.await_usable(client(FakeClock(), StandIn(project(status))))


def test_after_a_restart_the_database_has_to_answer_too() -> None:
    clock = FakeClock()
    session = StandIn(
        project("RESTARTING"),
        project("ACTIVE_HEALTHY"),
        Said(200, [{"name": "db", "healthy": False}]),
        project("ACTIVE_HEALTHY"),
        Said(200, [{"name": "db", "healthy": True}]),
    )
    assert readiness.await_restarted(client(clock, session))["status"] == "ACTIVE_HEALTHY"
    assert len(session.sent) == 5
