# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rolling releases: a share of the users gets the new deployment, stage by stage.

Documented at https://vercel.com/docs/rolling-releases. Stages are those of the project's template; a share can only rise, or end.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, DeadlineError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import LostAnswerError
from ansible_collections.holdfast.webops.plugins.module_utils._core.pacing import Pace
from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import Progress
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.api import Api
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.failures import ApiError

ROUNDS = 4
FIRST, GROWTH, LONGEST = 0.2, 1.4, 5.0


@dataclasses.dataclass(frozen=True)
class Rollout:
    """A rolling release, running or over. Shares are whole percent of the users who get the canary."""

    state: str
    canary: str
    base: t.Optional[str]
    share: int
    stages: tuple[int, ...]
    active: int
    manual: bool
    updated: int = 0  # milliseconds since 1970

    @property
    def running(self) -> bool:
        return self.state == "ACTIVE"

    def shown(self) -> dict[str, t.Any]:
        return {
            "state": self.state,
            "canary": self.canary,
            "base": self.base,
            "share": self.share,
            "stages": list(self.stages),
            "stage": self.active,
            "advancement": "manual" if self.manual else "automatic",
        }


@dataclasses.dataclass(frozen=True)
class Step:
    """What to do next: `start`, `approve` (of the stage `index`), `complete`, `wait` or `done`."""

    name: str
    index: int = 0


def read(api: Api, project_id: str) -> t.Optional[Rollout]:
    """The newest rolling release of a project; None when there is none."""
    answer = api.get("show the rolling release", f"/v1/projects/{project_id}/rolling-release") or {}
    found = answer.get("rollingRelease")
    return rollout_of(found) if found else None


def rollout_of(found: t.Mapping[str, t.Any]) -> Rollout:
    active = found.get("activeStage") or {}
    stages = [int(stage.get("targetPercentage") or 0) for stage in found.get("stages") or []]
    return Rollout(
        state=str(found.get("state")),
        canary=str((found.get("canaryDeployment") or {}).get("id")),
        base=(found.get("currentDeployment") or {}).get("id"),
        share=int(found.get("currentCanaryPercentage") or active.get("targetPercentage") or 0),
        stages=tuple(stages),
        active=int(active.get("index") or 0),
        manual=found.get("advancementType") != "automatic",
        updated=int(found.get("updatedAt") or 0),
    )


def share_of(rollout: t.Optional[Rollout], target: str, *, serves: bool) -> int:
    """The share of the users that a deployment has now."""
    if rollout is not None and rollout.running:
        if rollout.canary == target:
            return rollout.share
        return 100 - rollout.share if rollout.base == target else 0
    return 100 if serves else 0


def check_share(share: int, stages: t.Sequence[int]) -> None:
    """Only shares that a stage has can be asked for."""
    if share in {0, 100} or share in stages:
        return
    known = ", ".join(str(stage) for stage in stages)
    raise InputError(
        f"share: {share} is the share of no stage of the project's rolling releases ({known or 'none are configured'}).",
        hint="Use one of these, or set the stages with vercel_project and rolling_release.",
    )


def next_step(rollout: t.Optional[Rollout], target: str, share: int, rolled_back: int = 0) -> Step:
    """How to bring `target` nearer to a share above 0. `rolled_back` is when the project was last, in milliseconds since 1970. Pure."""
    if rollout is None or not rollout.running:
        over = rollout is not None and rollout.canary == target and rollout.state == "COMPLETE" and rollout.updated >= rolled_back
        return Step("done") if over else Step("start")
    if rollout.canary != target:
        raise ConflictError(
            f"A rolling release of {rollout.canary} is running ({rollout.share} %), so that none of {target} can begin.",
            hint="Complete it (share: 100) or end it (share: 0) first; action: rollback ends it, too.",
        )
    if share == 100:
        return Step("complete")
    if rollout.share > share:
        raise ConflictError(f"share: {target} has {rollout.share} % already; a share cannot be lowered.", hint="share: 0 ends the release.")
    if rollout.share == share:
        return Step("done")
    return Step("approve", rollout.active + 1) if rollout.manual else Step("wait")


def reach(api: Api, project_id: str, target: str, share: int, progress: Progress, rolled_back: int = 0) -> t.Optional[Rollout]:
    """Step by step until `target` has that share; the rolling release then."""
    pace, lost = Pace(api, FIRST, GROWTH, LONGEST), 0
    asked: t.Optional[Step] = None
    while True:
        rollout = read(pace.looking, project_id)
        step = next_step(rollout, target, share, rolled_back)
        if step.name == "done":
            return rollout
        if step.name == "wait" or step == asked:  # what was accepted may take a moment to be seen
            progress.show(f"{target} has {rollout.share if rollout else 0} %, on its way to {share} %")
            if not pace.goes_on():
                raise DeadlineError(f"{target} has not reached {share} % in time.", hint="Raise wait_timeout; the task can be run again.")
            continue
        try:
            _take(api, project_id, target, step, rollout)
            asked = step
        except LostAnswerError:
            lost += 1  # the next look tells whether it was done
            if lost > ROUNDS:
                raise


def wait_ended(api: Api, project_id: str) -> None:
    """Until no rolling release is running any more."""
    pace = Pace(api, FIRST, GROWTH, LONGEST)
    while True:
        rollout = read(pace.looking, project_id)
        if rollout is None or not rollout.running:
            return
        if not pace.goes_on():
            raise DeadlineError(f"The rolling release of {rollout.canary} has not ended in time.", hint="The task can be run again.")


def _take(api: Api, project_id: str, target: str, step: Step, rollout: t.Optional[Rollout]) -> None:
    path = f"/v1/projects/{project_id}/rolling-release"
    canary = {"canaryDeploymentId": target}
    if step.name == "start":
        _post(api, f"start a rolling release of {target}", f"{path}/start", canary)
    elif step.name == "approve" and rollout is not None:
        body = {**canary, "activeStageIndex": rollout.active, "nextStageIndex": step.index}
        _post(api, f"approve stage {step.index} of {target}", f"{path}/approve-stage", body)
    elif step.name == "complete":
        _post(api, f"complete the rolling release of {target}", f"{path}/complete", canary)


def _post(api: Api, what: str, path: str, body: t.Mapping[str, t.Any]) -> None:
    api.change(what, "POST", path, dict(body), repeat=False)


def read_if_any(api: Api, project_id: str) -> t.Optional[Rollout]:
    """The same for a project that may not have rolling releases in its plan."""
    try:
        return read(api, project_id)
    except ApiError as exc:
        if exc.status in {400, 402, 403, 404}:
            return None
        raise
