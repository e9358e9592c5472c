"""What is done in another thread is not lost when it fails."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errands import Errand


def test_what_ended_it_is_raised_where_it_is_waited_for() -> None:
    def fail() -> None:
        raise ValueError("out of luck")

    errand = Errand("fail", fail)
    errand.wait()
    assert not errand.is_running
    with pytest.raises(ValueError, match="out of luck"):
        errand.finish()


def test_it_runs_beside_the_one_who_sent_it() -> None:
    go_on, done = threading.Event(), threading.Event()

    def work() -> None:
        assert go_on.wait(60)
        done.set()

    errand = Errand("work", work)
    assert errand.is_running
    go_on.set()
    errand.finish()
    assert done.is_set()
