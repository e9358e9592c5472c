"""What becomes of a deployment: queued, built, ready or failed, and what gets its traffic then."""

from __future__ import annotations

import json
import typing as t

from tests.emulators.vercel import moving, rolling
from tests.emulators.vercel.records import Log

if t.TYPE_CHECKING:
    from tests.emulators.vercel.records import Deployment, Project
    from tests.emulators.vercel.world import World

RECIPE = "emulate-build.json"
FAILING_COMMANDS = {"false", "exit 1"}


def enqueue(world: World, deployment: Deployment) -> None:
    """The deployment was accepted."""
    if "build_blocked" in deployment.faults:
        _fail(world, deployment, "BLOCKED", "BUILD_BLOCKED", deployment.faults["build_blocked"].get("message", "The build was blocked."))
        return
    world.clock.after(world.settings.queue_seconds, _begin, world, deployment)


def cancel(world: World, deployment: Deployment) -> None:
    deployment.state, deployment.canceled = "CANCELED", world.clock.now_ms


def _begin(world: World, deployment: Deployment) -> None:
    if deployment.is_over:
        return
    deployment.state, deployment.building = "BUILDING", world.clock.now_ms
    _say(world, deployment, f"Running build in Washington, D.C., USA (East), iad1 ({len(deployment.files)} files)")
    if "build_stuck" in deployment.faults:
        return
    seconds = deployment.faults.get("build_slow", _recipe(world, deployment)).get("seconds", world.settings.build_seconds)
    world.clock.after(float(seconds), _finish, world, deployment)


def _recipe(world: World, deployment: Deployment) -> dict[str, t.Any]:
    """What the content says about its own build, in `emulate-build.json`: {"seconds": 1, "log": ["..."], "fail": "message"}."""
    file = deployment.files.get(RECIPE)
    return dict(json.loads(world.files.read(file.sha))) if file else {}


def _finish(world: World, deployment: Deployment) -> None:
    if deployment.is_over:
        return
    reason = _why_it_fails(world, deployment)
    if reason is not None:
        _fail(world, deployment, "ERROR", "BUILD_UTILS_SPAWN_1", reason)
        return
    _say(world, deployment, "Build Completed in /vercel/output")
    deployment.state, deployment.ready = "READY", world.clock.now_ms
    _hand_out(world, deployment, world.projects[deployment.project_id])


def _why_it_fails(world: World, deployment: Deployment) -> str | None:
    """None for a build that succeeds; its log is written here."""
    fault, recipe = deployment.faults.get("build_error"), _recipe(world, deployment)
    for line in [*recipe.get("log", []), *(fault or {}).get("log", [])]:
        _say(world, deployment, line, kind="stderr" if fault or "fail" in recipe else "stdout")
    if "alias_wins_over_error" in deployment.faults:
        deployment.alias_assigned = world.clock.now_ms
        fault = deployment.faults["alias_wins_over_error"]
    if fault is not None or "fail" in recipe:
        return str((fault or {}).get("message", recipe.get("fail", 'Command "npm run build" exited with 1')))
    if "invalid" in deployment.config:
        return "Couldn't parse JSON file vercel.json."
    command = (deployment.body.get("projectSettings") or {}).get("buildCommand") or deployment.config.get("buildCommand")
    return f'Command "{command}" exited with 1' if command in FAILING_COMMANDS else None


def _fail(world: World, deployment: Deployment, state: str, code: str, message: str) -> None:
    _say(world, deployment, f"Error: {message}", kind="stderr")
    deployment.state = state
    deployment.error = {"errorCode": code, "errorMessage": message, "errorStep": "buildStep"}


def _hand_out(world: World, deployment: Deployment, project: Project) -> None:
    """Its generated address serves it now; production's domains follow where they should by themselves."""
    if deployment.target != "production":
        _assign_branch(world, deployment, project)
        world.clock.after(world.settings.alias_seconds, _assigned, world, deployment)
        return
    deployment.substate = "STAGED"
    if not is_automatic(deployment, project):
        world.clock.after(world.settings.alias_seconds, _assigned, world, deployment)
    elif project.template is not None and world.live(project) is not None:
        rolling.start(world, project, deployment)
        _assigned(world, deployment)
    elif "alias_error" in deployment.faults or "alias_stuck" in deployment.faults or "checks_failed" in deployment.faults:
        _assigned(world, deployment)
    else:
        moving.assign(world, project, deployment)


def is_automatic(deployment: Deployment, project: Project) -> bool:
    """A pinned rollback keeps every deployment staged, whatever it says about itself."""
    if project.pinned:
        return False
    return project.auto_assign if deployment.auto_assign is None else deployment.auto_assign


def _assign_branch(world: World, deployment: Deployment, project: Project) -> None:
    """Domains of the branch or of the custom environment that this deployment is of."""
    branch = (deployment.body.get("gitMetadata") or {}).get("commitRef") or (deployment.body.get("gitSource") or {}).get("ref")
    for domain in project.domains.values():
        of_branch = domain.git_branch is not None and domain.git_branch == branch
        of_environment = domain.custom_environment is not None and domain.custom_environment == deployment.body.get("customEnvironmentId")
        if of_branch or of_environment:
            world.point(domain.name, project, deployment)


def _assigned(world: World, deployment: Deployment) -> None:
    faults = deployment.faults
    if "alias_error" in faults:
        code, message = faults["alias_error"].get("code", "cert_missing"), faults["alias_error"].get("message", "No certificate.")
        deployment.alias_error = {"code": code, "message": message}
    elif "checks_failed" in faults:
        deployment.checks_failed = True
    elif "alias_stuck" not in faults:
        deployment.alias_assigned = world.clock.now_ms


def _say(world: World, deployment: Deployment, text: str, kind: str = "stdout") -> None:
    deployment.logs.append(Log(world.new_id("", 20), kind, text, world.clock.now_ms))
