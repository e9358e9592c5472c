"""Promote and rollback: what they accept, refuse, and change beside the domains."""

from __future__ import annotations

import typing as t

from tests.emulators.vercel import moving, rolling
from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.errors import bad_request, conflict, not_found, payment_required, unprocessable

if t.TYPE_CHECKING:
    from tests.emulators.vercel.call import Call
    from tests.emulators.vercel.records import Deployment, Project
    from tests.emulators.vercel.world import World

ALREADY = "The deployment is already the current production deployment."


def promote(world: World, call: Call) -> Answer:
    """POST /projects/{project}/promote/{deployment}: 201 moving, 202 queued behind a rolling release."""
    project, deployment = _chosen(world, call)
    if deployment.target != "production":
        raise bad_request("Cannot promote a deployment that was not built for production.")
    _refuse_unready(deployment)
    _refuse_repetition(project, deployment)
    project.auto_assign, project.pinned = True, False
    if project.rolling is not None and project.rolling.state == "ACTIVE":
        project.rolling.queued_id = deployment.id
        return Answer(202)
    if project.template is not None and world.live(project) is not None:
        rolling.start(world, project, deployment)
    else:
        moving.request(world, project, deployment, "promote")
    return Answer(201)


def rollback(world: World, call: Call) -> Answer:
    """POST /projects/{project}/rollback/{deployment}; ends an active rolling release."""
    project, deployment = _chosen(world, call)
    _refuse_unready(deployment)
    active = project.rolling is not None and project.rolling.state == "ACTIVE"
    if deployment.substate != "PROMOTED" or deployment.target != "production":
        raise unprocessable("The deployment has never served production traffic and cannot be rolled back to.")
    if not active:
        _refuse_repetition(project, deployment)
    _refuse_what_hobby_has_not(world, project, deployment)
    from_rolling = project.rolling.id if project.rolling is not None and active else None
    rolling.abort(world, project)
    project.auto_assign, project.pinned = False, True
    moving.request(world, project, deployment, "rollback", from_rolling)
    return Answer(201)


def aliases_of_request(world: World, call: Call) -> Answer:
    """GET /projects/{project}/promote/aliases: what became of each domain of the last request."""
    project = world.project(call.team, call.names[0])
    last = project.request
    rows: list[dict[str, t.Any]] = []
    if last is not None:
        states = {**dict.fromkeys(last.wanted, "pending"), **dict.fromkeys(last.moved, "completed"), **dict.fromkeys(last.failed, "failed")}
        rows = [{"alias": host, "id": last.to_id, "status": state} for host, state in states.items()]
    if call.flag("failedOnly"):
        rows = [row for row in rows if row["status"] == "failed"]
    return Answer(200, {"aliases": rows, "pagination": {"count": len(rows), "next": None, "prev": None}})


def _chosen(world: World, call: Call) -> tuple[Project, Deployment]:
    project, deployment = world.project(call.team, call.names[0]), world.deployments.get(call.names[1])
    if deployment is None or deployment.project_id != project.id:
        raise not_found("Deployment not found.")
    return project, deployment


def _refuse_unready(deployment: Deployment) -> None:
    if deployment.state != "READY":
        raise bad_request(f"The deployment is not ready: its state is {deployment.state}.")


def _refuse_repetition(project: Project, deployment: Deployment) -> None:
    """Neither promote nor rollback is idempotent."""
    last = project.request
    if last is not None and last.status in {"pending", "in-progress"}:
        if last.to_id == deployment.id:
            raise conflict("Production is already being pointed at this deployment.")
    elif project.live_id == deployment.id:
        raise conflict(ALREADY)
    active = project.rolling
    if active is not None and active.state == "ACTIVE" and active.canary_id == deployment.id:
        raise conflict("The deployment is already being rolled out.")


def _refuse_what_hobby_has_not(world: World, project: Project, deployment: Deployment) -> None:
    """The smallest plan goes back by one only."""
    if world.teams[project.team_id].plan != "hobby":
        return
    served = [known for identity in project.deployments if (known := world.deployments[identity]).substate == "PROMOTED"]
    earlier = [known for known in served if known.id != project.live_id]
    if not earlier or earlier[-1].id != deployment.id:
        raise payment_required("Rolling back to any but the previous deployment needs a paid plan.")
