"""The lines of a build: as a list, or line by line while it runs."""

from __future__ import annotations

import asyncio
import json
import time
import typing as t

from tests.emulators.vercel.call import Answer

if t.TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.emulators.vercel.call import Call
    from tests.emulators.vercel.records import Deployment, Log, Object
    from tests.emulators.vercel.world import World

LOOK_EVERY = 0.05
LONGEST_SECONDS = 300.0
EVERYTHING = 1000


def show(world: World, call: Call) -> Answer:
    """GET /deployments/{id}/events. With `follow` the answer lasts as long as the build, otherwise it ends at once."""
    deployment = world.deployment(call.team, call.names[0])
    if call.flag("follow"):
        headers = {"content-type": "application/stream+json"}
        return Answer(200, headers=headers, lines=_follow(world, deployment))
    chosen = _chosen(deployment, call)
    if call.query.get("format") == "lines":
        lines = "".join(json.dumps(event(deployment, log, place)) + "\n" for place, log in chosen)
        return Answer(200, lines.encode(), {"content-type": "application/stream+json"})
    return Answer(200, [event(deployment, log, place) for place, log in chosen])


def builds(world: World, call: Call) -> Answer:
    """GET /deployments/{id}/builds, which `vercel inspect` asks for."""
    found = world.deployment(call.team, call.names[0])
    row = {
        "id": f"bld_{found.id[4:13]}",
        "use": "@vercel/static",
        "createdIn": "iad1",
        "deployedTo": ["iad1"],
        "entrypoint": ".",
        "output": [],
    }
    return Answer(200, {"builds": [{**row, "readyState": found.state, "readyStateAt": found.ready or found.created}]})


def checks(world: World, call: Call) -> Answer:
    world.deployment(call.team, call.names[0])
    return Answer(200, {"checks": []})


def _chosen(deployment: Deployment, call: Call) -> list[tuple[int, Log]]:
    since, until, limit = call.number("since", 0), call.number("until", 0), call.number("limit", EVERYTHING)
    chosen = [(place, log) for place, log in enumerate(deployment.logs) if log.created >= since and (not until or log.created < until)]
    if call.query.get("direction") == "backward":
        chosen.reverse()
    return chosen if limit < 0 else chosen[:limit]


async def _follow(world: World, deployment: Deployment) -> AsyncIterator[bytes]:
    """Until the build is over; a build that never ends is not followed for ever."""
    told, end = 0, time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end:
        world.clock.catch_up()
        for place in range(told, len(deployment.logs)):
            yield _line(event(deployment, deployment.logs[place], place))
        told = len(deployment.logs)
        if deployment.is_over:
            yield _line(_state(deployment))
        if deployment.alias_assigned is not None:
            yield _line(_assigned(world, deployment))
        if deployment.is_over:
            return
        await asyncio.sleep(LOOK_EVERY)


def event(deployment: Deployment, log: Log, place: int) -> Object:
    """A line of the log, with the same facts once more in `payload`, where older clients look."""
    own = {"id": log.id, "deploymentId": deployment.id, "date": log.created, "text": log.text, "serial": f"{log.created}{place:04}"}
    info = {"type": "build", "name": f"bld_{deployment.id[4:13]}", "entrypoint": "."}
    shown = {"type": log.type, "created": log.created, **own, "info": info}
    return {**shown, "payload": {**own, "info": info}} | ({"level": "error"} if log.type == "stderr" else {})


def _state(deployment: Deployment) -> Object:
    info = {"type": "build", "name": f"bld_{deployment.id[4:13]}", "readyState": deployment.state}
    at = deployment.ready or deployment.created
    own = {"id": f"{deployment.id}_end", "deploymentId": deployment.id, "date": at, "serial": f"{at}9999", "info": info}
    return {"type": "deployment-state", "created": at, **own, "payload": own}


def _assigned(world: World, deployment: Deployment) -> Object:
    alias = world.hosts_of(deployment) or [deployment.url]
    facts = {"deploymentId": deployment.id, "date": deployment.alias_assigned, "alias": alias}
    return {"type": "alias-assigned", **facts, "aliasError": None, "aliasWarning": None}


def _line(found: Object) -> bytes:
    return (json.dumps(found) + "\n").encode()
