"""Rolling releases, step by step."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import rolling
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.rolling import Rollout, Step, next_step


def running(share: int, *, canary: str = "new", state: str = "ACTIVE", manual: bool = True) -> Rollout:
    stages = (10, 50, 100)
    return Rollout(state, canary, "old", share, stages, stages.index(share), manual)


@pytest.mark.parametrize(
    ("rollout", "share", "step"),
    [
        (None, 10, Step("start")),
        (running(100, state="ABORTED"), 10, Step("start")),
        (running(100, canary="older", state="COMPLETE"), 10, Step("start")),
        (running(100, state="COMPLETE"), 100, Step("done")),
        (running(10), 10, Step("done")),
        (running(10), 50, Step("approve", 1)),
        (running(10), 100, Step("complete")),
        (running(10, manual=False), 50, Step("wait")),
        (running(10, manual=False), 100, Step("complete")),
    ],
)
def test_each_step_follows_from_what_is_there(rollout: Rollout | None, share: int, step: Step) -> None:
    assert next_step(rollout, "new", share) == step


def test_a_share_is_not_lowered_and_another_release_is_not_disturbed() -> None:
    with pytest.raises(ConflictError, match="cannot be lowered"):
        next_step(running(50), "new", 10)
    with pytest.raises(ConflictError, match="A rolling release of other is running"):
        next_step(running(10, canary="other"), "new", 50)


@pytest.mark.parametrize(
    ("rollout", "target", "serves", "share"),
    [
        (running(10), "new", False, 10),
        (running(10), "old", True, 90),
        (running(10), "older", False, 0),
        (running(100, state="COMPLETE"), "new", True, 100),
        (None, "new", False, 0),
    ],
)
def test_the_share_of_a_deployment(rollout: Rollout | None, target: str, serves: bool, share: int) -> None:
    assert rolling.share_of(rollout, target, serves=serves) == share


def test_only_shares_of_stages_can_be_asked_for() -> None:
    for share in (0, 10, 50, 100):
        rolling.check_share(share, [10, 50, 100])
    with pytest.raises(InputError, match=r"share: 20 .* \(10, 50, 100\)"):
        rolling.check_share(20, [10, 50, 100])
    with pytest.raises(InputError, match="none are configured"):
        rolling.check_share(10, [])


def test_a_release_is_read_as_vercel_writes_it() -> None:
    stages = [{"index": 0, "targetPercentage": 10}, {"index": 1, "targetPercentage": 100}]
    found = {"state": "ACTIVE", "currentDeployment": {"id": "old"}, "canaryDeployment": {"id": "new"}, "stages": stages}
    more = {"advancementType": "automatic", "activeStage": stages[0], "currentCanaryPercentage": None}
    assert rolling.rollout_of({**found, **more}) == Rollout("ACTIVE", "new", "old", 10, (10, 100), 0, manual=False)


def test_what_was_complete_before_a_rollback_begins_anew() -> None:
    complete = Rollout("COMPLETE", "new", "old", 100, (10, 100), 1, manual=True, updated=1000)
    assert next_step(complete, "new", 100).name == "done"
    assert next_step(complete, "new", 100, rolled_back=900).name == "done"
    assert next_step(complete, "new", 100, rolled_back=2000).name == "start"
