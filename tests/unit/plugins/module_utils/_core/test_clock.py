from __future__ import annotations

import datetime

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, iso, parse_iso, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError
from tests.unit.fake_clock import FakeClock


def test_times_are_written_in_utc_and_read_back() -> None:
    moment = datetime.datetime(2026, 11, 21, 23, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    assert iso(moment) == "2026-11-21T22:30:00Z"
    assert parse_iso(iso(moment)) == moment
    assert parse_iso("2026-11-21T22:30:00").tzinfo is datetime.UTC


def test_what_is_not_a_time_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="'yesterday' is not a time"):
        parse_iso("yesterday")


def test_waiting_returns_what_was_waited_for_as_soon_as_it_is_there() -> None:
    clock = FakeClock()
    assert wait_until(lambda: "up" if clock.seconds >= 3 else None, clock=clock, timeout=10, interval=1, what="the port") == "up"
    assert clock.seconds == 3


def test_waiting_looks_a_last_time_at_the_deadline_and_then_says_what_it_waited_for() -> None:
    clock = FakeClock()
    looked: list[float] = []
    with pytest.raises(DeadlineError, match=r"Waited 2\.5 s for the port in vain"):
        wait_until(lambda: looked.append(clock.seconds), clock=clock, timeout=2.5, interval=1, what="the port")
    assert looked == [0, 1, 2, 2.5]


def test_a_deadline_of_nothing_still_looks_once() -> None:
    assert wait_until(lambda: True, clock=FakeClock(), timeout=0, interval=1, what="x")


def test_a_deadline_counts_down_and_never_below_zero() -> None:
    clock = FakeClock()
    deadline = Deadline(clock, 5)
    clock.sleep(7)
    assert deadline.expired
    assert deadline.remaining() == 0


def test_a_part_of_a_deadline_never_outlives_it() -> None:
    clock = FakeClock()
    whole = Deadline(clock, 10)
    assert whole.part(3).remaining() == 3
    clock.sleep(8)
    assert whole.part(3).remaining() == 2
