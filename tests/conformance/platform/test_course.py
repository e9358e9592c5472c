"""The course of a release, on every platform: done twice, found out, and cut off at the boundaries between its tasks."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from tests.conformance.platform.adapters import Behaviour, Capability

if t.TYPE_CHECKING:
    from tests.conformance.platform.environment import Environment

WATCHED: dict[str, t.Any] = {"window": 2, "max_window": 60, "min_samples": 40, "objectives": {"error_rate_bad": 0.05}}


@pytest.fixture(scope="module")
def tasks(platform: Environment) -> int:
    """How many module tasks a deploy has; 3.0 is live after it."""
    platform.must_deploy("2.9")
    return len(platform.must_deploy("3.0").module_tasks)


def test_a_deploy_cut_off_in_its_middle_is_finished_by_the_same_command_which_then_finds_nothing_to_do(
    platform: Environment, tasks: int
) -> None:
    with platform.users(slow=1) as visitors:
        assert platform.killed("3.1", kill_before=tasks * 3 // 4)
        platform.must_deploy("3.1")
        again = platform.must_deploy("3.1")
    assert again.changed == []
    assert len(again.module_tasks) <= 12
    assert visitors.failures == []
    assert visitors.slots["3.1"] > 0


def test_a_bad_release_undoes_itself_and_the_ledger_tells_why(platform: Environment, tasks: int) -> None:
    before = platform.served()
    with platform.users(posts=False) as visitors:
        run = platform.deploy("3.2", Behaviour.ANSWERS_5XX, portal_deploy_analysis=WATCHED)
    if Capability.ANALYSIS in platform.adapter.capabilities:
        assert run.returncode != 0, run.output
        assert "the analysis says abort" in run.complaint
        assert platform.served() == before
        *_before, undone, failed = platform.events()
        assert (undone["event"], failed["event"], failed["data"]["undone"]) == ("undo.completed", "release.failed", True)
        assert "the analysis says abort" in failed["data"]["reason"]
    else:
        assert run.returncode == 0, run.output
        platform.must_deploy("3.3")
    assert {failure.rpartition(": ")[2] for failure in visitors.failures} <= {"500"}


def test_a_release_that_fails_its_check_once_users_have_it_is_taken_back(platform: Environment, tasks: int) -> None:
    before, partner = platform.served(), platform.folder / "partner"
    partner.touch()
    checks = [{"name": "partner", "kind": "command", "command": ["test", "-e", str(partner)]}]
    harm = {"before": "Finish | See from outside", "run": ["rm", str(partner)]}
    with platform.users() as visitors:
        run = platform.deploy("3.4", portal_deploy_checks=checks, portal_deploy_check_timeout=10, sabotage=harm)
    assert run.returncode != 0, run.output
    assert "it failed at the step 'shift'" in run.complaint
    assert "All traffic is back" in run.complaint
    assert visitors.slots["3.4"] > 0
    assert (platform.served(), visitors.failures) == (before, [])
    assert [entry["event"] for entry in platform.events()[-2:]] == ["undo.completed", "release.failed"]


@pytest.mark.nightly
def test_a_controller_killed_at_every_boundary_of_a_deploy_loses_no_request_and_no_release(platform: Environment, tasks: int) -> None:
    with platform.users(slow=2) as visitors:
        for boundary in itertools.count(1):
            version = f"4.{boundary}"
            if not platform.killed(version, kill_before=boundary):
                break
            platform.must_deploy(version)
            assert visitors.failures == [], f"after boundary {boundary}"
        assert boundary > tasks // 2
        platform.must_serve(version)
    assert visitors.failures == []


@pytest.mark.nightly
def test_a_controller_killed_at_every_boundary_of_an_undo_is_finished_by_the_next_deploy(platform: Environment, tasks: int) -> None:
    with platform.users(posts=False) as visitors:
        for boundary in itertools.count(1):
            harm = {"after": "Undo | Remember what failed", "kill_before": boundary}
            run = platform.deploy(f"5.{boundary}", Behaviour.ANSWERS_5XX, portal_deploy_analysis=WATCHED, sabotage=harm)
            assert run.returncode != 0, run.output
            if run.returncode > 0:
                break
            platform.must_deploy(f"6.{boundary}")
        # The failure and its undoing are recorded, the traffic given back, the slot stopped, the lease given back.
        assert boundary > 5
    assert {failure.rpartition(": ")[2] for failure in visitors.failures} <= {"500"}
