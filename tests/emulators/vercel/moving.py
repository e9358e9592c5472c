"""Production's domains move to a deployment, one after the other: meanwhile old and new are both live."""

from __future__ import annotations

import typing as t

from tests.emulators.vercel.records import AliasRequest

if t.TYPE_CHECKING:
    from tests.emulators.vercel.records import Deployment, Project
    from tests.emulators.vercel.world import World


def request(world: World, project: Project, deployment: Deployment, kind: str, from_rolling: str | None = None) -> None:
    """Accept a promote or rollback; the domains move afterwards."""
    hosts = project.production_hosts()
    project.request = AliasRequest(project.live_id, deployment.id, kind, world.clock.now_ms, hosts, from_rolling=from_rolling)
    if world.faults.one("promote_stuck") is not None:
        return
    failing = world.faults.one("promote_failed")
    if failing is not None:
        project.request.will_fail = list(failing.get("aliases") or hosts)
    world.clock.after(world.settings.promote_seconds, _proceed, world, project, deployment, project.request)


def _proceed(world: World, project: Project, deployment: Deployment, job: AliasRequest) -> None:
    """Move the next domain, or end; a newer request has taken over from this one."""
    if project.request is not job:
        return
    job.status = "in-progress"
    left = job.wanted[len(job.moved) + len(job.failed) :]
    if not left:
        _end(project, deployment, job)
        return
    host = left[0]
    if host in job.will_fail:
        job.failed.append(host)
    else:
        world.point(host, project, deployment)
        deployment.substate = "PROMOTED"  # it has served production, whatever becomes of the rest
        job.moved.append(host)
    world.clock.after(world.settings.alias_seconds, _proceed, world, project, deployment, job)


def _end(project: Project, deployment: Deployment, job: AliasRequest) -> None:
    job.status = "failed" if job.failed else "succeeded"
    if not job.failed:
        deployment.substate = "PROMOTED"
        project.live_id = deployment.id


def assign(world: World, project: Project, deployment: Deployment) -> None:
    """Without anybody asking: a production deployment became ready. Leaves no request behind."""
    _assign_next(world, project, deployment, project.production_hosts())


def _assign_next(world: World, project: Project, deployment: Deployment, left: list[str]) -> None:
    if left:
        world.point(left[0], project, deployment)
        deployment.substate = "PROMOTED"
        world.clock.after(world.settings.alias_seconds, _assign_next, world, project, deployment, left[1:])
        return
    deployment.substate, deployment.alias_assigned = "PROMOTED", world.clock.now_ms
    project.live_id = deployment.id
