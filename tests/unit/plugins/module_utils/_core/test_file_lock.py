from __future__ import annotations

import pathlib

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._core.file_lock import locked
from tests.unit.fake_clock import FakeClock


def test_a_second_run_waits_until_its_deadline_and_names_what_it_waited_for(tmp_path: pathlib.Path) -> None:
    clock = FakeClock()
    path = str(tmp_path / "lock")
    with (
        locked(path, clock=clock, timeout=0, what="the lock"),
        pytest.raises(DeadlineError, match="the other run"),
        locked(path, clock=clock, timeout=3, what="the other run"),
    ):
        pass
    assert clock.seconds >= 3


def test_it_is_free_again_after_a_run_that_failed(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "lock")
    with pytest.raises(ValueError, match="broken"), locked(path, clock=FakeClock(), timeout=0, what="the lock"):
        raise ValueError("broken")
    with locked(path, clock=FakeClock(), timeout=0, what="the lock"):
        assert (tmp_path / "lock").exists()


def test_a_waiting_run_goes_on_as_soon_as_the_other_ends(tmp_path: pathlib.Path) -> None:
    clock = FakeClock()
    path = str(tmp_path / "lock")
    first = locked(path, clock=clock, timeout=0, what="the lock")
    first.__enter__()
    clock.on_sleep = lambda: first.__exit__(None, None, None) if len(clock.slept) == 2 else None
    with locked(path, clock=clock, timeout=3, what="the lock"):
        assert len(clock.slept) == 2
