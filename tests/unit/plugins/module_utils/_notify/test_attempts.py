"""How often a delivery is tried."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._notify.attempts import MOST, NotDeliveredError, deliver
from tests.unit.fake_clock import FakeClock


class Scripted:
    """Fails with one error after the other, then works."""

    def __init__(self, *errors: NotDeliveredError) -> None:
        self.errors = list(errors)

    def __call__(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


def busy(after: float | None = None) -> NotDeliveredError:
    return NotDeliveredError("it is busy", again=True, after=after)


def test_what_works_is_tried_once() -> None:
    clock = FakeClock()
    assert deliver(Scripted(), Deadline(clock, 10), clock) == 1
    assert clock.slept == []


def test_pauses_grow() -> None:
    clock = FakeClock()
    assert deliver(Scripted(busy(), busy(), busy()), Deadline(clock, 100), clock) == 4
    assert clock.slept == [0.5, 1.0, 2.0]


def test_the_other_side_says_how_long_to_wait() -> None:
    clock = FakeClock()
    assert deliver(Scripted(busy(after=7)), Deadline(clock, 10), clock) == 2
    assert clock.slept == [7]


def test_a_wait_that_is_longer_than_the_time_left_is_not_begun() -> None:
    clock = FakeClock()
    with pytest.raises(NotDeliveredError, match="asks to wait 60 s, longer than the time that is left"):
        deliver(Scripted(busy(after=60)), Deadline(clock, 10), clock)
    assert clock.slept == []


def test_what_is_refused_for_good_is_not_tried_again() -> None:
    clock = FakeClock()
    with pytest.raises(NotDeliveredError, match=r"^refused$"):
        deliver(Scripted(NotDeliveredError("refused", again=False)), Deadline(clock, 10), clock)


def test_it_ends_after_so_many_attempts() -> None:
    clock = FakeClock()
    with pytest.raises(NotDeliveredError, match=r"it is busy \(tried 4 times\)") as caught:
        deliver(Scripted(*(busy() for _each in range(9))), Deadline(clock, 1000), clock)
    assert caught.value.tried == MOST
