"""Many things at once, and none begun in vain."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.together import side_by_side


def test_what_comes_out_is_in_the_order_of_what_went_in() -> None:
    second_is_done = threading.Event()

    def act(number: int) -> int:
        if number == 1:
            assert second_is_done.wait(60)
        else:
            second_is_done.set()
        return number * 10

    assert side_by_side(act, [1, 2], 2) == [10, 20]


def test_an_error_is_raised_and_what_has_not_begun_by_then_is_left_out() -> None:
    begun = []

    def act(number: int) -> None:
        begun.append(number)
        if number == 2:
            raise ValueError("out of luck")

    with pytest.raises(ValueError, match="out of luck"):
        side_by_side(act, range(1000), 1)
    assert begun == [0, 1, 2]
