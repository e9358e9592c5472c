"""What the status of a project means to somebody who restores it."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.states import Looks, refuse_unready
from tests.unit.plugins.module_utils._supabase.kept import project


def seen(*statuses: str) -> bool:
    """Whether it is done after these looks."""
    looks, done = Looks(statuses[0]), False
    for status in statuses[1:]:
        looks = looks.after(status)
        done = looks.is_done(status)
    return done


def test_a_project_that_was_never_seen_to_be_restored_is_not_restored() -> None:
    assert not seen("ACTIVE_HEALTHY", "ACTIVE_HEALTHY", "ACTIVE_HEALTHY")
    assert not seen("ACTIVE_UNHEALTHY", "ACTIVE_HEALTHY", "ACTIVE_UNHEALTHY", "ACTIVE_HEALTHY")


def test_it_is_done_when_it_is_healthy_again() -> None:
    statuses = ("ACTIVE_HEALTHY", "RESTORING", "COMING_UP", "ACTIVE_UNHEALTHY")
    assert not seen(*statuses)
    assert seen(*statuses, "ACTIVE_HEALTHY")


@pytest.mark.parametrize(("status", "said"), [("RESTORE_FAILED", "the restore failed"), ("INACTIVE", "did not end well")])
def test_what_no_waiting_mends_ends_the_wait(status: str, said: str) -> None:
    with pytest.raises(WebopsError, match=said):
        seen("ACTIVE_HEALTHY", "RESTORING", status)


def test_the_failure_of_an_earlier_restore_is_not_that_of_this_one() -> None:
    assert not seen("RESTORE_FAILED", "RESTORE_FAILED")
    assert seen("RESTORE_FAILED", "RESTORING", "ACTIVE_HEALTHY")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("INACTIVE", "is paused"),
        ("PAUSING", "is paused"),
        ("UPGRADING", "something else goes on"),
        ("RESTORE_FAILED", "The last restore of project VZ Portal failed"),
    ],
)
def test_a_project_that_is_not_ready_is_refused_before_anything_is_touched(status: str, said: str) -> None:
    with pytest.raises(ConflictError, match=f"{said}.*Nothing was touched"):
        refuse_unready(project(status), force=False)


def test_a_failed_restore_may_be_followed_by_another_one_where_that_is_meant() -> None:
    refuse_unready(project("RESTORE_FAILED"), force=True)
    refuse_unready(project("ACTIVE_UNHEALTHY"), force=False)
    with pytest.raises(ConflictError):
        refuse_unready(project("INACTIVE"), force=True)
