"""Restore points: waited for until the project could go back to them, and told apart by their names."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.restore_points import make, read
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._vercel.stand_in import Said, StandIn

from .stand_in import client


def point(status: str, name: str = "before") -> Said:
    return Said(200, {"name": name, "status": status, "completed_on": "2026-11-22T12:00:00Z" if status == "AVAILABLE" else None})


def test_one_that_is_pending_is_waited_for() -> None:
    session = StandIn(Said(201, {}), point("PENDING"), point("PENDING"), point("AVAILABLE"))
    assert make(client(FakeClock(), session), "before", None).shown() == {
        "name": "before",
        "status": "AVAILABLE",
        "at": "2026-11-22T12:00:00Z",
    }
    assert [request.method for request in session.sent] == ["POST", "GET", "GET", "GET"]


def test_one_that_is_on_its_way_is_not_ordered_again() -> None:
    session = StandIn(point("PENDING"), point("AVAILABLE"))
    api = client(FakeClock(), session)
    assert make(api, "before", read(api, "before")).is_made()
    assert [request.method for request in session.sent] == ["GET", "GET"]


@pytest.mark.parametrize("status", ["FAILED", "REMOVED"])
def test_one_of_which_nothing_will_come_is_told(status: str) -> None:
    with pytest.raises(WebopsError, match=f"The restore point 'before' is {status}"):
        make(client(FakeClock(), StandIn(Said(201, {}), point(status))), "before", None)


@pytest.mark.parametrize("answer", [Said(404, {"message": "Restore point not found"}), Said(200, None), point("AVAILABLE", "another")])
def test_another_one_is_none(answer: Said) -> None:
    assert read(client(FakeClock(), StandIn(answer)), "before") is None
