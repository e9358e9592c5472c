"""Projects: their settings, protection and custom environments; teams and the user that the CLI asks for first."""

from __future__ import annotations

import re
import secrets
import typing as t

from tests.emulators.vercel import domains, wire
from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.errors import bad_request, conflict, not_found
from tests.emulators.vercel.records import Project

if t.TYPE_CHECKING:
    from tests.emulators.vercel.call import Call
    from tests.emulators.vercel.records import Object, Team
    from tests.emulators.vercel.world import World

NAME = re.compile(r"^(?!.*---)[a-z0-9][a-z0-9._-]{0,99}$")
SETTINGS = (
    "autoExposeSystemEnvs",
    "buildCommand",
    "commandForIgnoringBuildStep",
    "customerSupportCodeVisibility",
    "devCommand",
    "directoryListing",
    "enableAffectedProjectsDeployments",
    "enablePreviewFeedback",
    "enableProductionFeedback",
    "framework",
    "gitForkProtection",
    "gitLFS",
    "installCommand",
    "nodeVersion",
    "oidcTokenConfig",
    "optionsAllowlist",
    "outputDirectory",
    "passwordProtection",
    "previewDeploymentsDisabled",
    "publicSource",
    "resourceConfig",
    "rootDirectory",
    "serverlessFunctionRegion",
    "skewProtectionBoundaryAt",
    "skewProtectionMaxAge",
    "sourceFilesOutsideRootDirectory",
    "ssoProtection",
    "staticIps",
    "trustedIps",
)
SSO = ("preview", "all", "prod_deployment_urls_and_all_previews", "all_except_custom_domains")
BYPASS_LETTERS = 32


def create(world: World, call: Call) -> Answer:
    """POST /projects."""
    given = call.given()
    name = given.get("name")
    if not isinstance(name, str) or not NAME.match(name):
        raise bad_request(
            "Project names can be up to 100 characters long, must be lowercase and can include letters, digits, '.', '_', '-'."
        )
    if world.find_project(call.team, name) is not None:
        raise conflict(f"Project {name} already exists.", code="conflict")
    variables = given.pop("environmentVariables", None)
    if variables:
        raise bad_request("Invalid request: `environmentVariables` is not emulated; use POST /projects/{id}/env.")
    return Answer(200, wire.project(world, make_project(world, call.team, name, given)))


def make_project(world: World, team: Team, name: str, given: Object) -> Project:
    """With its own production domain `<name>.vercel.app`, or one that says the team too where that is taken."""
    now = world.clock.now_ms
    project = Project(world.new_id("prj_"), name, team.id, now, now)
    _apply(project, {key: value for key, value in given.items() if key not in ("name", "gitRepository", "skipGitConnectDuringLink")})
    world.add_project(project)
    host = f"{name}.vercel.app"
    domains.add_domain(world, project, host if host not in world.domains else f"{name}-{team.slug}.vercel.app")
    return project


def show(world: World, call: Call) -> Answer:
    return Answer(200, wire.project(world, world.project(call.team, call.names[0])))


def index(world: World, call: Call) -> Answer:
    """GET /projects, newest first; `from` is the time of the last one seen."""
    found = [one for one in world.projects.values() if one.team_id == call.team.id and call.query.get("search", "") in one.name]
    if call.token.projects is not None:
        found = [one for one in found if one.id in call.token.projects or one.name in call.token.projects]
    found.sort(key=lambda one: one.updated, reverse=True)
    before, limit = call.number("from", 0), min(call.number("limit", 20), 100)
    found = [one for one in found if not before or one.updated < before]
    page = found[:limit]
    pages = {"count": len(page), "next": page[-1].updated if len(found) > limit else None, "prev": None}
    return Answer(200, {"projects": [wire.project(world, one) for one in page], "pagination": pages})


def change(world: World, call: Call) -> Answer:
    """PATCH /projects/{project}."""
    project, given = world.project(call.team, call.names[0]), call.given()
    name = given.get("name", project.name)
    if name != project.name and (not NAME.match(str(name)) or world.find_project(call.team, name) is not None):
        raise conflict(f"Project {name} already exists or is no project name.")
    _apply(project, {key: value for key, value in given.items() if key != "name"})
    if name != project.name:
        world.rename_project(project, name)
    project.updated = world.clock.now_ms
    return Answer(200, wire.project(world, project))


def delete(world: World, call: Call) -> Answer:
    world.drop_project(world.project(call.team, call.names[0]))
    return Answer(204)


def pause(world: World, call: Call) -> Answer:
    project = world.project(call.team, call.names[0])
    project.paused = call.path.endswith("/pause")
    return Answer(200)


def _apply(project: Project, given: Object) -> None:
    """Everything is looked at before anything changes."""
    given = dict(given)
    automatic = given.pop("autoAssignCustomDomains", None)
    for key in given:
        if key not in SETTINGS:
            raise bad_request(f"Invalid request: should NOT have additional property `{key}`.", keyword="additionalProperties")
    sso = given.get("ssoProtection")
    if sso is not None and sso.get("deploymentType") not in SSO:
        raise bad_request(f"`ssoProtection.deploymentType` should be one of {', '.join(SSO)}.")
    age = given.get("skewProtectionMaxAge")
    if age is not None and (not isinstance(age, int) or age < 0):
        raise bad_request("`skewProtectionMaxAge` should be a number of seconds.")
    project.settings.update(given)
    if automatic is not None:
        project.auto_assign = bool(automatic)
        project.pinned = project.pinned and not automatic


# --- protection ---


def change_bypass(world: World, call: Call) -> Answer:
    """PATCH /projects/{project}/protection-bypass; `{}` makes a new secret."""
    project, given = world.project(call.team, call.names[0]), call.given()
    revoke, update = given.get("revoke"), given.get("update")
    if revoke is not None:
        if project.bypass.pop(str(revoke.get("secret")), None) is None:
            raise not_found("The protection bypass secret was not found.")
        if revoke.get("regenerate"):
            _add_bypass(world, project, {})
    elif update is not None:
        entry = project.bypass.get(str(update.get("secret")))
        if entry is None:
            raise not_found("The protection bypass secret was not found.")
        entry.update({key: value for key, value in update.items() if key in ("isEnvVar", "note")})
    else:
        _add_bypass(world, project, given.get("generate") or {})
    return Answer(200, {"protectionBypass": project.bypass})


def _add_bypass(world: World, project: Project, given: Object) -> None:
    secret = given.get("secret") or world.new_id("", BYPASS_LETTERS)
    if len(secret) != BYPASS_LETTERS:
        raise bad_request(f"`secret` should be {BYPASS_LETTERS} characters long.")
    entry = {"createdAt": world.clock.now_ms, "createdBy": "usr_local", "scope": "automation-bypass", "isEnvVar": not project.bypass}
    project.bypass[secret] = entry | ({"note": given["note"]} if given.get("note") else {})


# --- custom environments ---


def custom_environments(world: World, call: Call) -> Answer:
    project = world.project(call.team, call.names[0])
    return Answer(200, {"accountLimit": {"total": 12}, "environments": list(project.custom_environments.values())})


def add_custom_environment(world: World, call: Call) -> Answer:
    project, given = world.project(call.team, call.names[0]), call.given()
    slug, now = str(given.get("slug", "")), world.clock.now_ms
    if not NAME.match(slug) or any(one["slug"] == slug for one in project.custom_environments.values()):
        raise bad_request(f"`slug` {slug!r} is taken or no name.")
    made: Object = {"id": f"env_{secrets.token_hex(12)}", "slug": slug, "type": "preview", "createdAt": now, "updatedAt": now}
    project.custom_environments[made["id"]] = made | ({"description": given["description"]} if given.get("description") else {})
    return Answer(201, project.custom_environments[made["id"]])


# --- who asks ---


def user(world: World, call: Call) -> Answer:
    return Answer(200, {"user": wire.user(call.token.teams[0])})


def teams(world: World, call: Call) -> Answer:
    rows = [wire.team(world.teams[identity]) for identity in call.token.teams]
    return Answer(200, {"teams": rows, "pagination": {"count": len(rows), "next": None, "prev": None}})


def team(world: World, call: Call) -> Answer:
    found = world.team_named(call.names[0])
    if found is None or found.id not in call.token.teams:
        raise not_found("The team was not found.")
    return Answer(200, wire.team(found))
