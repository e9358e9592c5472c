"""Rolling releases: a new deployment gets a growing part of production's visitors."""

from __future__ import annotations

import typing as t

from tests.emulators.vercel import moving
from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.errors import bad_request, conflict, not_found, unprocessable
from tests.emulators.vercel.records import RollingRelease, RollingTemplate, Stage

if t.TYPE_CHECKING:
    from tests.emulators.vercel.call import Call
    from tests.emulators.vercel.records import Deployment, Object, Project
    from tests.emulators.vercel.world import World

ADVANCEMENTS = ("automatic", "manual-approval")
DEFAULT_SKEW = 43_200


# --- the template ---


def show_config(world: World, call: Call) -> Answer:
    return Answer(200, {"rollingRelease": template_wire(world.project(call.team, call.names[0]).template)})


def change_config(world: World, call: Call) -> Answer:
    """PATCH, as the CLI sends it: {"enabled", "advancementType", "stages": [{"targetPercentage", "duration" in minutes}]}."""
    project, given = world.project(call.team, call.names[0]), call.given()
    if given.get("enabled") is False:
        _disable(world, project, given.get("disableRolloutAction"))
    else:
        project.template = _template(given)
        project.settings.setdefault("skewProtectionMaxAge", DEFAULT_SKEW)
    return Answer(200, {"rollingRelease": template_wire(project.template)})


def drop_config(world: World, call: Call) -> Answer:
    _disable(world, world.project(call.team, call.names[0]), None)
    return Answer(200, {"rollingRelease": None})


def _disable(world: World, project: Project, action: str | None) -> None:
    project.template = None
    if action == "abort":
        abort(world, project)
    elif action == "complete" and project.rolling is not None and project.rolling.state == "ACTIVE":
        _complete(world, project, project.rolling)


def _template(given: Object) -> RollingTemplate:
    advancement, stages = given.get("advancementType", "manual-approval"), given.get("stages")
    if advancement not in ADVANCEMENTS:
        raise bad_request(f"`advancementType` should be one of {', '.join(ADVANCEMENTS)}.")
    if not isinstance(stages, list) or not 2 <= len(stages) <= 10:
        raise bad_request("`stages` should be an array of 2 to 10 stages.")
    made = [_stage(stage, advancement) for stage in stages]
    percentages = [stage.percentage for stage in made]
    if percentages[-1] != 100 or percentages != sorted(set(percentages)):
        raise bad_request("`stages` should grow, and end with a `targetPercentage` of 100.")
    if advancement == "automatic" and any(stage.minutes is None for stage in made[:-1]):
        raise bad_request("Every stage but the last needs a `duration` when `advancementType` is automatic.")
    return RollingTemplate(advancement, made, bool(given.get("canaryResponseHeader")))


def _stage(given: Object, advancement: str) -> Stage:
    percentage, minutes = given.get("targetPercentage"), given.get("duration")
    if not isinstance(percentage, int) or not 1 <= percentage <= 100:
        raise bad_request("`targetPercentage` should be a number from 1 to 100.")
    if minutes is not None and (advancement != "automatic" or not 1 <= minutes <= 10_000):
        raise bad_request("`duration` should be a number of minutes from 1 to 10000, and only where `advancementType` is automatic.")
    return Stage(percentage, minutes, bool(given.get("linearShift")))


def template_wire(template: RollingTemplate | None) -> Object | None:
    if template is None:
        return None
    stages = [
        {"targetPercentage": stage.percentage, "requireApproval": template.advancement == "manual-approval" and stage.percentage < 100}
        | ({"duration": stage.minutes} if stage.minutes is not None else {})
        | ({"linearShift": True} if stage.shifts_linearly else {})
        for stage in template.stages
    ]
    return {"target": "production", "stages": stages, "canaryResponseHeader": template.canary_header}


# --- a release ---


def show(world: World, call: Call) -> Answer:
    project = world.project(call.team, call.names[0])
    wanted, release = call.query.get("state"), project.rolling
    if release is not None and wanted not in (None, release.state):
        release = None
    return Answer(200, {"rollingRelease": wire(world, release)})


def begin(world: World, call: Call) -> Answer:
    """POST .../start; the same canary again changes nothing."""
    project = world.project(call.team, call.names[0])
    canary = world.deployment(call.team, str(call.given().get("canaryDeploymentId")))
    active = project.rolling if project.rolling is not None and project.rolling.state == "ACTIVE" else None
    if active is not None and active.canary_id == canary.id:
        return Answer(200, {"rollingRelease": wire(world, active)})
    if active is not None:
        raise conflict("Another rolling release is active.")
    if project.template is None:
        raise unprocessable("Rolling releases are not configured for this project.")
    if canary.state != "READY" or canary.target != "production" or canary.project_id != project.id:
        raise unprocessable("The canary is not a production deployment of this project that is ready.")
    if world.live(project) is None or project.live_id == canary.id:
        raise unprocessable("There is no other production deployment to roll out from.")
    return Answer(200, {"rollingRelease": wire(world, start(world, project, canary))})


def approve(world: World, call: Call) -> Answer:
    """POST .../approve-stage {"nextStageIndex", "canaryDeploymentId"}."""
    project, given = world.project(call.team, call.names[0]), call.given()
    release = _active(project, given)
    if given.get("nextStageIndex") != release.active + 1:
        raise bad_request(f"`nextStageIndex` should be {release.active + 1}.")
    _advance(world, project, release)
    return Answer(200, {"rollingRelease": wire(world, release)})


def complete(world: World, call: Call) -> Answer:
    project = world.project(call.team, call.names[0])
    release = _active(project, call.given())
    _complete(world, project, release)
    return Answer(200, {"rollingRelease": wire(world, release)})


def _active(project: Project, given: Object) -> RollingRelease:
    release = project.rolling
    if release is None or release.state != "ACTIVE":
        raise not_found("No rolling release is active.")
    if given.get("canaryDeploymentId") != release.canary_id:
        raise bad_request("Another deployment is being rolled out.")
    return release


def start(world: World, project: Project, canary: Deployment) -> RollingRelease:
    """The first stage begins; production's domains stay where they are until the last."""
    if project.template is None or project.live_id is None:
        raise unprocessable("Rolling releases are not configured for this project.")
    now, template = world.clock.now_ms, project.template
    release = RollingRelease(
        world.new_id("rr_"),
        project.live_id,
        canary.id,
        template.advancement,
        list(template.stages),
        started=now,
        updated=now,
        stage_started=now,
    )
    project.rolling, canary.substate = release, "ROLLING"
    _expect_end_of_stage(world, project, release)
    return release


def abort(world: World, project: Project) -> None:
    """What was queued behind it is forgotten too. The canary counts as one that never was production."""
    release = project.rolling
    if release is None or release.state != "ACTIVE":
        return
    release.state, release.updated, release.queued_id = "ABORTED", world.clock.now_ms, None
    canary = world.deployments.get(release.canary_id)
    if canary is not None:
        canary.substate = "STAGED"


def _expect_end_of_stage(world: World, project: Project, release: RollingRelease) -> None:
    minutes = release.stages[release.active].minutes
    if release.advancement == "automatic" and minutes is not None:
        world.clock.after(minutes * 60, _stage_is_over, world, project, release, release.active)


def _stage_is_over(world: World, project: Project, release: RollingRelease, index: int) -> None:
    if project.rolling is release and release.state == "ACTIVE" and release.active == index:
        _advance(world, project, release)


def _advance(world: World, project: Project, release: RollingRelease) -> None:
    release.active += 1
    release.updated = release.stage_started = world.clock.now_ms
    if release.active >= len(release.stages) - 1:
        _complete(world, project, release)
    else:
        _expect_end_of_stage(world, project, release)


def _complete(world: World, project: Project, release: RollingRelease) -> None:
    """The domains move now; whoever waited behind this release is next."""
    release.state, release.active, release.updated = "COMPLETE", len(release.stages) - 1, world.clock.now_ms
    canary = world.deployments[release.canary_id]
    canary.substate, project.live_id = "PROMOTED", canary.id
    for host in project.production_hosts():
        world.point(host, project, canary)
    queued = world.deployments.get(release.queued_id or "")
    if queued is not None and project.template is not None:
        start(world, project, queued)
    elif queued is not None:
        moving.request(world, project, queued, "promote")


def percentage(world: World, release: RollingRelease) -> float:
    """How much of the visitors the canary gets now."""
    stage = release.stages[release.active]
    if not stage.shifts_linearly or stage.minutes is None or release.state != "ACTIVE":
        return stage.percentage
    before = release.stages[release.active - 1].percentage if release.active else 0
    part = min(1.0, (world.clock.now_ms - release.stage_started) / (stage.minutes * 60_000))
    return before + (stage.percentage - before) * part


def wire(world: World, release: RollingRelease | None) -> Object | None:
    if release is None:
        return None
    stages = [_stage_wire(release, index) for index in range(len(release.stages))]
    active = stages[release.active] if release.state == "ACTIVE" else None
    follows = stages[release.active + 1] if active is not None and release.active + 1 < len(stages) else None
    return {
        "state": release.state,
        "substate": None,
        "currentDeployment": _deployment_wire(world.deployments.get(release.base_id)),
        "canaryDeployment": _deployment_wire(world.deployments.get(release.canary_id)),
        "queuedDeploymentId": release.queued_id,
        "advancementType": release.advancement,
        "stages": stages,
        "activeStage": active,
        "nextStage": follows,
        "currentCanaryPercentage": percentage(world, release),
        "startedAt": release.started,
        "updatedAt": release.updated,
    }


def _stage_wire(release: RollingRelease, index: int) -> Object:
    stage = release.stages[index]
    return {
        "index": index,
        "isFinalStage": index == len(release.stages) - 1,
        "targetPercentage": stage.percentage,
        "requireApproval": release.advancement == "manual-approval" and index < len(release.stages) - 1,
        "duration": stage.minutes,
        **({"linearShift": True} if stage.shifts_linearly else {}),
    }


def _deployment_wire(deployment: Deployment | None) -> Object | None:
    if deployment is None:
        return None
    return {
        "id": deployment.id,
        "name": deployment.name,
        "url": deployment.url,
        "target": deployment.target,
        "source": deployment.body.get("source", "cli"),
        "createdAt": deployment.created,
        "readyState": deployment.state,
        "readyStateAt": deployment.ready or deployment.created,
    }
