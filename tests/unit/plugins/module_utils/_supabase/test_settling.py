"""Looking again after a write."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.parts.network import Network
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.settling import LOOKS, settle
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._vercel.stand_in import Said, StandIn

from .stand_in import client

WANTED, OTHER = "93.184.216.0/24", "0.0.0.0/0"


def shown(cidr: str, status: str) -> Said:
    return Said(200, {"entitlement": "allowed", "config": {"dbAllowedCidrs": [cidr]}, "status": status})


def settled(*answers: Said, seconds: float = 60.0) -> tuple[dict[str, t.Any], StandIn, FakeClock]:
    clock, session = FakeClock(), StandIn(*answers)
    part = Network([WANTED])
    part.found = {"config": {"dbAllowedCidrs": [OTHER]}, "status": "applied"}
    part.plan()
    return settle(client(clock, session, seconds=seconds), part, part.after()), session, clock


def test_what_shows_at_once_costs_one_look() -> None:
    view, session, clock = settled(shown(WANTED, "applied"))
    assert view == {"allowed_cidrs": [WANTED]}
    assert (len(session.sent), clock.slept) == (1, [])


def test_what_is_taken_but_not_applied_yet_is_waited_for() -> None:
    _view, session, _clock = settled(*[shown(WANTED, "stored")] * 12, shown(WANTED, "applied"))
    assert len(session.sent) == 13


def test_what_is_never_applied_ends_with_the_time_of_the_task() -> None:
    with pytest.raises(DeadlineError, match="Supabase took network, but has not applied it yet"):
        settled(shown(WANTED, "stored"), seconds=20)


def test_a_value_that_shows_a_little_later_is_fine() -> None:
    _view, session, _clock = settled(shown(OTHER, "applied"), shown(OTHER, "applied"), shown(WANTED, "applied"))
    assert len(session.sent) == 3


def test_a_value_that_never_shows_fails_after_some_looks() -> None:
    with pytest.raises(ConflictError, match=r"shows other values: allowed_cidrs is \['0.0.0.0/0'\], not \['93.184.216.0/24'\]") as failed:
        settled(*[shown(OTHER, "applied")] * LOOKS, shown(WANTED, "applied"))
    assert failed.value.details == {"differs": ["network.allowed_cidrs"]}
