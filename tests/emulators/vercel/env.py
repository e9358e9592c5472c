"""Environment variables of a project; deployments take over what there is when they are created."""

from __future__ import annotations

import typing as t

from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.errors import ApiError, bad_request, not_found
from tests.emulators.vercel.records import EnvVar

if t.TYPE_CHECKING:
    from tests.emulators.vercel.call import Call
    from tests.emulators.vercel.records import Deployment, Object, Project
    from tests.emulators.vercel.world import World

TARGETS = ("production", "preview", "development")
TYPES = ("system", "encrypted", "plain", "sensitive", "secret")
HIDDEN = ("sensitive", "secret")
COMMENT_LETTERS = 500


def index(world: World, call: Call) -> Answer:
    """GET /projects/{project}/env; `decrypt` shows the values of the encrypted ones, never of sensitive ones."""
    project = world.project(call.team, call.names[0])
    branch = call.query.get("gitBranch")
    found = [variable for variable in project.env.values() if branch is None or variable.git_branch in (None, branch)]
    if environment := call.query.get("customEnvironmentId"):
        found = [variable for variable in found if environment in variable.custom_environments]
    rows = [wire(variable, decrypt=call.flag("decrypt")) for variable in found]
    pages = {"count": len(rows), "next": None, "prev": None}
    return Answer(200, {"envs": rows, "pagination": pages, "hiddenProductionEnvCount": 0, "securityIssues": []})


def show(world: World, call: Call) -> Answer:
    return Answer(200, wire(_chosen(world, call), decrypt=True))


def create(world: World, call: Call) -> Answer:
    """POST: one object, or a list. What fails of a list is told inside an answer of 201."""
    project, given = world.project(call.team, call.names[0]), call.json()
    refused = set((world.faults.one("env_failed") or {"keys": []}).get("keys", []))
    several = isinstance(given, list)
    created: list[Object] = []
    failed: list[Object] = []
    for item in given if several else [given]:
        try:
            if item.get("key") in refused:
                raise _conflict(item, None)
            created.append(wire(_put(world, project, item, upsert=call.flag("upsert")), decrypt=False))
        except ApiError as exc:
            if not several and item.get("key") not in refused:
                raise
            failed.append(exc.body)
    return Answer(201, {"created": created if several else (created or [{}])[0], "failed": failed})


def change(world: World, call: Call) -> Answer:
    """PATCH /projects/{project}/env/{id}."""
    variable, given = _chosen(world, call), call.given()
    project = world.project(call.team, call.names[0])
    wanted = {**_settled(variable), **given}
    made = _checked(world, wanted)
    others = [other for other in project.env.values() if other.id != variable.id and _overlap(other, made)]
    if others:
        raise _conflict(wanted, others[0])
    made.id, made.created = variable.id, variable.created
    project.env[variable.id] = made
    return Answer(200, wire(made, decrypt=False))


def delete(world: World, call: Call) -> Answer:
    variable = _chosen(world, call)
    del world.project(call.team, call.names[0]).env[variable.id]
    return Answer(200, wire(variable, decrypt=False))


def delete_several(world: World, call: Call) -> Answer:
    """DELETE /projects/{project}/env {"ids": [...]}."""
    project, ids = world.project(call.team, call.names[0]), call.given().get("ids")
    if not isinstance(ids, list) or not ids:
        raise bad_request("Invalid request: `ids` should be an array of ids.")
    there = [identity for identity in ids if identity in project.env]
    for identity in there:
        del project.env[identity]
    return Answer(200, {"deleted": len(there), "ids": there})


def pull(world: World, call: Call) -> Answer:
    """GET /env/pull/{project}/{target}: what `vercel env pull` writes; without sensitive ones."""
    project, target = world.project(call.team, call.names[0]), call.names[1]
    found = {one.key: one.value for one in project.env.values() if target in one.target and one.type not in HIDDEN}
    return Answer(200, {"env": found, "buildEnv": {}})


def of_deployment(world: World, project: Project, deployment: Deployment) -> dict[str, str]:
    """What its functions see."""
    target, ref = deployment.target or "preview", (deployment.body.get("gitMetadata") or {}).get("commitRef")
    custom = deployment.body.get("customEnvironmentId")
    seen = [one for one in project.env.values() if target in one.target or custom in one.custom_environments]
    general = {one.key: one.value for one in seen if one.git_branch is None}
    of_branch = {one.key: one.value for one in seen if one.git_branch is not None and one.git_branch == ref}
    system = {"VERCEL": "1", "VERCEL_ENV": target, "VERCEL_URL": deployment.url, "VERCEL_DEPLOYMENT_ID": deployment.id}
    return {**general, **of_branch, **system, "VERCEL_PROJECT_ID": project.id, "VERCEL_REGION": "iad1"}


def _chosen(world: World, call: Call) -> EnvVar:
    found = world.project(call.team, call.names[0]).env.get(call.names[1])
    if found is None:
        raise not_found("Environment variable not found.")
    return found


def _put(world: World, project: Project, given: Object, *, upsert: bool) -> EnvVar:
    made = _checked(world, given)
    others = [other for other in project.env.values() if _overlap(other, made)]
    same = next((other for other in others if set(other.target) == set(made.target)), None)
    if others and not (upsert and same is not None and len(others) == 1):
        raise _conflict(given, others[0])
    if same is not None:
        made.id, made.created = same.id, same.created
    project.env[made.id] = made
    return made


def _checked(world: World, given: Object) -> EnvVar:
    key, value, kind = given.get("key"), given.get("value"), given.get("type")
    target = [given["target"]] if isinstance(given.get("target"), str) else list(given.get("target") or [])
    if not isinstance(key, str) or not key or not key.replace("_", "a").isalnum() or key[0].isdigit():
        raise bad_request(
            "The name contains invalid characters. Only letters, digits, and underscores are allowed.", code="env_key_invalid"
        )
    if not isinstance(value, str):
        raise bad_request("`value` should be string.", code="env_value_invalid_type")
    if kind not in TYPES:
        raise bad_request(f"`type` should be one of {', '.join(TYPES)}.")
    custom = list(given.get("customEnvironmentIds") or [])
    if not set(target) <= set(TARGETS) or not (target or custom):
        raise bad_request(f"`target` should be some of {', '.join(TARGETS)}.")
    if kind == "sensitive" and "development" in target:
        raise bad_request("You cannot set a Sensitive Environment Variable's target to development.", code="sensitive_in_development")
    if len(given.get("comment") or "") > COMMENT_LETTERS:
        raise bad_request(f"`comment` should NOT be longer than {COMMENT_LETTERS} characters.")
    now = world.clock.now_ms
    made = EnvVar(world.new_id("", 16), key, value, kind, target, now, now, git_branch=given.get("gitBranch"), custom_environments=custom)
    made.comment, made.visibility = given.get("comment"), given.get("visibility")
    return made


def _settled(variable: EnvVar) -> Object:
    """What a change starts from."""
    return {
        "key": variable.key,
        "value": variable.value,
        "type": variable.type,
        "target": variable.target,
        "gitBranch": variable.git_branch,
        "customEnvironmentIds": variable.custom_environments,
        "comment": variable.comment,
        "visibility": variable.visibility,
    }


def _overlap(one: EnvVar, other: EnvVar) -> bool:
    """Both would be seen by the same deployment."""
    shared = set(one.target) & set(other.target) or set(one.custom_environments) & set(other.custom_environments)
    return one.key == other.key and one.git_branch == other.git_branch and bool(shared)


def _conflict(given: Object, other: EnvVar | None) -> ApiError:
    key, target = given.get("key"), given.get("target")
    message = f"A variable with the name `{key}` already exists for the target {target} on branch {given.get('gitBranch')}."
    known = {} if other is None else {"envVarId": other.id, "envVarKey": other.key}
    return bad_request(message, code="ENV_CONFLICT", key=key, target=target, **known)


def wire(variable: EnvVar, *, decrypt: bool) -> Object:
    """Sensitive values never leave; others only decrypted, or as what stands for them."""
    shown = (
        ""
        if variable.type in HIDDEN
        else variable.value
        if decrypt or variable.type in ("plain", "system")
        else f"eyJ2IjoidjIi{variable.id}"
    )
    row: Object = {
        "id": variable.id,
        "key": variable.key,
        "value": shown,
        "type": variable.type,
        "target": variable.target,
        "customEnvironmentIds": variable.custom_environments,
        "createdAt": variable.created,
        "updatedAt": variable.updated,
        "createdBy": "usr_local",
        "updatedBy": None,
        "configurationId": None,
        "decrypted": decrypt and variable.type not in HIDDEN,
        "securityIssues": [],
    }
    if variable.git_branch is not None:
        row["gitBranch"] = variable.git_branch
    if variable.comment is not None:
        row["comment"] = variable.comment
    if variable.visibility is not None:
        row["visibility"] = variable.visibility
    return row
