"""Lines of the ring, and a reader that gives each of them once."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._traffic.samples import Follower, Sample, parse_line


@pytest.mark.parametrize(
    ("line", "sample"),
    [
        ("1795301026.940 32 blue blue 200 12 2 0 ---- GET user", Sample("blue", "blue", 200, 10.0, True)),
        ("1795301026.950 33 green blue 200 0 0 +1 ---- POST user", Sample("green", "blue", 200, 0.0, False)),
        ("1795301077.574 25 blue blue 502 7 -1 0 PH-- GET user", Sample("blue", "blue", 502, 7.0, True)),
        ("1795301077.574 26 green <NOSRV> 503 3004 -1 3 SC-- GET user", Sample("green", "<NOSRV>", 503, 3004.0, True)),
        ("1795301077.574 27 green green -1 2500 -1 0 CH-- GET user", Sample("green", "green", -1, 2500.0, True)),
    ],
)
def test_a_request_of_a_user_is_a_sample(line: str, sample: Sample) -> None:
    assert parse_line(line) == sample


@pytest.mark.parametrize(
    "line",
    [
        "1795301026.940 32 green green 200 12 2 0 ---- GET preview",
        "1795301026.940 32 - <NOSRV> 503 0 0 0 LR-- GET user",
        "1795301026.940 32 - <NOSRV> 408 10000 -1 0 cR-- <BADREQ> -",
        "1795301026.940 32 blue blue 101 3600000 3599990 0 ---- GET user",
        "",
        "something else",
    ],
)
def test_what_says_nothing_about_a_slot_is_left_out(line: str) -> None:
    assert parse_line(line) is None


def test_only_5xx_is_the_fault_of_a_slot() -> None:
    assert [Sample("blue", "blue", status, 1.0, True).is_error for status in (200, 404, 499, 500, 503)] == [False, False, False, True, True]


class Ring:
    """A ring that holds the last `room` lines."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.numbers = itertools.count()
        self.lines: list[str] = []

    def write(self, number: int) -> None:
        self.lines = (self.lines + [f"line {next(self.numbers)}" for _number in range(number)])[-self.room :]


def test_each_line_is_given_once_and_none_of_the_time_before() -> None:
    ring = Ring(room=100)
    ring.write(30)
    follower = Follower(lambda: ring.lines)
    seen = []
    for number in (10, 0, 60, 99, 1):
        ring.write(number)
        seen += follower.new_lines()
    assert seen == [f"line {number}" for number in range(30, 200)]
    assert follower.overruns == 0


def test_a_ring_that_was_overwritten_is_noticed_and_what_is_left_is_read() -> None:
    ring = Ring(room=50)
    ring.write(1)
    follower = Follower(lambda: ring.lines)
    ring.write(200)
    assert follower.new_lines() == [f"line {number}" for number in range(151, 201)]
    assert follower.overruns == 1


def test_a_restarted_router_begins_with_an_empty_ring() -> None:
    ring = Ring(room=50)
    ring.write(5)
    follower = Follower(lambda: ring.lines)
    ring.lines = []
    assert follower.new_lines() == []
    ring.write(2)
    assert follower.new_lines() == ["line 5", "line 6"]
