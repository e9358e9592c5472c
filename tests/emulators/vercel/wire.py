"""The shapes on the wire, as both published API descriptions have them."""

from __future__ import annotations

import typing as t

from tests.emulators.vercel import rolling
from tests.emulators.vercel.records import FOLDER, SYMLINK, kind_of
from tests.emulators.vercel.world import USER

if t.TYPE_CHECKING:
    from tests.emulators.vercel.records import AliasRequest, Deployment, File, Object, Project, Team
    from tests.emulators.vercel.world import World

RESOURCES: t.Final = {"functionDefaultRegions": ["iad1"]}
EPOCH = 1_700_000_000_000
CREATOR: t.Final = {"uid": USER["id"], "username": USER["username"]}


def user(default_team: str) -> Object:
    return {
        **USER,
        "avatar": None,
        "defaultTeamId": default_team,
        "version": "northstar",
        "limited": True,
        "createdAt": EPOCH,
    }


def team(found: Team) -> Object:
    membership = {"confirmed": True, "created": EPOCH, "createdAt": EPOCH, "role": "OWNER", "teamId": found.id, "uid": USER["id"]}
    return {
        "id": found.id,
        "slug": found.slug,
        "name": found.name,
        "avatar": None,
        "description": None,
        "creatorId": USER["id"],
        "createdAt": EPOCH,
        "updatedAt": EPOCH,
        "stagingPrefix": found.slug,
        "membership": membership,
        "billing": {"plan": found.plan, "period": None, "addons": [], "cancelation": None, "currency": "usd"},
    }


# --- projects ---


def project(world: World, found: Project) -> Object:
    settings = {"directoryListing": False, "nodeVersion": "22.x", "framework": None, "resourceConfig": RESOURCES, **found.settings}
    live = world.live(found)
    newest = [world.deployments[identity] for identity in found.deployments[-1:]]
    row = {
        **settings,
        "id": found.id,
        "name": found.name,
        "accountId": found.team_id,
        "createdAt": found.created,
        "updatedAt": found.updated,
        "autoAssignCustomDomains": found.auto_assign,
        "defaultResourceConfig": RESOURCES,
        "deploymentExpiration": {},
        "serverlessFunctionRegion": settings.get("serverlessFunctionRegion") or "iad1",
        "live": False,
        "paused": found.paused,
        "alias": [_production_alias(world, found, host) for host in found.production_hosts()],
        "targets": {"production": short(world, live)} if live else {},
        "latestDeployments": [short(world, one) for one in newest],
    }
    return row | _project_extras(found)


def _project_extras(found: Project) -> Object:
    """What is only there when there is something to tell."""
    extras: Object = {}
    if found.request is not None:
        extras["lastAliasRequest"] = _alias_request(found.request)
    if found.template is not None:
        extras["rollingRelease"] = rolling.template_wire(found.template)
    if found.bypass:
        extras["protectionBypass"] = found.bypass
    if found.link is not None:
        extras["link"] = found.link
    if found.pinned and found.request is not None:
        extras["lastRollbackTarget"] = {"id": found.request.to_id}
    return extras


def _production_alias(world: World, found: Project, host: str) -> Object:
    domain, alias = found.domains[host], world.aliases.get(host)
    deployment = world.deployments.get(alias.deployment_id) if alias else None
    row: Object = {
        "domain": host,
        "environment": "production",
        "target": "PRODUCTION",
        "deployment": short(world, deployment) if deployment else None,
        "createdAt": domain.created,
        "configuredBy": "A",
    }
    if domain.redirect is not None:
        row |= {"redirect": domain.redirect, "redirectStatusCode": domain.redirect_status}
    return row


def _alias_request(last: AliasRequest) -> Object:
    row = {
        "fromDeploymentId": last.from_id or "",
        "toDeploymentId": last.to_id,
        "jobStatus": last.status,
        "requestedAt": last.requested,
        "type": last.type,
    }
    return row | ({"fromRollingReleaseId": last.from_rolling} if last.from_rolling else {})


def short(world: World, found: Deployment) -> Object:
    """A deployment inside a project."""
    row: Object = {
        "id": found.id,
        "name": found.name,
        "url": found.url,
        "alias": world.hosts_of(found),
        "createdAt": found.created,
        "createdIn": "iad1",
        "creator": {**CREATOR, "email": USER["email"]},
        "deploymentHostname": found.url.removesuffix(".vercel.app"),
        "meta": found.meta,
        "plan": world.teams[found.team_id].plan,
        "private": True,
        "readyState": found.state,
        "readySubstate": found.substate,
        "target": found.target,
        "teamId": found.team_id,
        "type": "LAMBDAS",
        "userId": USER["id"],
        "aliasAssigned": found.alias_assigned,
    }
    return {key: value for key, value in row.items() if value is not None or key in ("target",)}


# --- deployments ---


def deployment(world: World, found: Deployment) -> Object:
    """GET /v13/deployments/{id}: the full variant."""
    team_of = world.teams[found.team_id]
    project_of = world.projects[found.project_id]
    row: Object = {
        "id": found.id,
        "name": found.name,
        "url": found.url,
        "inspectorUrl": f"https://vercel.com/{team_of.slug}/{project_of.name}/{found.id.removeprefix('dpl_')}",
        "ownerId": found.team_id,
        "projectId": found.project_id,
        "project": {"id": found.project_id, "name": project_of.name, "framework": project_of.settings.get("framework")},
        "team": {"id": team_of.id, "slug": team_of.slug, "name": team_of.name},
        "creator": {**CREATOR, "avatar": ""},
        "createdIn": "iad1",
        "regions": list(found.body.get("regions") or found.config.get("regions") or ["iad1"]),
        "env": sorted(found.env),
        "build": {"env": []},
        "buildSkipped": False,
        "isInConcurrentBuildsQueue": False,
        "isInSystemBuildsQueue": False,
        "projectSettings": found.body.get("projectSettings") or {},
        "public": False,
        "type": "LAMBDAS",
        "meta": found.meta,
        "version": 2,
        "plan": team_of.plan,
        "routes": None,
        "target": found.target,
        "source": found.body.get("source", "cli"),
    }
    return row | _progress(world, found) | _extras(found)


def _progress(world: World, found: Deployment) -> Object:
    """How far it has come."""
    started = found.building or found.created
    state: Object = {
        "readyState": found.state,
        "status": found.state,
        "createdAt": found.created,
        "buildingAt": started,
        "bootedAt": started,
        "alias": world.hosts_of(found),
        "aliasAssigned": found.alias_assigned is not None,
        "aliasError": found.alias_error,
    }
    times = {"ready": found.ready, "aliasAssignedAt": found.alias_assigned, "canceledAt": found.canceled, "readySubstate": found.substate}
    return state | {key: value for key, value in times.items() if value is not None}


def _extras(found: Deployment) -> Object:
    extras: Object = dict(found.error or {})
    if found.auto_assign is not None:
        extras["autoAssignCustomDomains"] = found.auto_assign
    if found.body.get("gitSource"):
        extras["gitSource"] = found.body["gitSource"]
    if found.config.get("crons"):
        extras["crons"] = [{"schedule": one["schedule"], "path": one["path"]} for one in found.config["crons"]]
    if found.checks_failed:
        extras |= {"checksState": "completed", "checksConclusion": "failed"}
        extras["checks"] = {"deployment-alias": {"state": "failed", "startedAt": found.created}}
    return extras


def listed(world: World, found: Deployment) -> Object:
    """An item of GET /v6 or /v7/deployments; `aliasAssigned` is a time here."""
    row: Object = {
        "uid": found.id,
        "name": found.name,
        "projectId": found.project_id,
        "url": found.url,
        "created": found.created,
        "createdAt": found.created,
        "source": found.body.get("source", "cli"),
        "state": found.state,
        "readyState": found.state,
        "type": "LAMBDAS",
        "creator": {**CREATOR, "email": USER["email"]},
        "inspectorUrl": None,
        "meta": found.meta,
        "target": found.target,
        "aliasError": found.alias_error,
        "aliasAssigned": found.alias_assigned or False,
        "isRollbackCandidate": is_candidate(world, found),
    }
    extras = {"buildingAt": found.building, "ready": found.ready, "readySubstate": found.substate}
    return row | {key: value for key, value in extras.items() if value is not None} | _errors(found)


def _errors(found: Deployment) -> Object:
    return {key: value for key, value in (found.error or {}).items() if key != "errorStep"}


def is_candidate(world: World, found: Deployment) -> bool:
    """Whether production can go back to it."""
    return found.state == "READY" and found.substate == "PROMOTED" and world.projects[found.project_id].live_id != found.id


def commit_of(found: Deployment) -> Object:
    """`sha` and `ref` of the commit it was made from, as far as anybody said."""
    source, metadata = found.body.get("gitSource") or {}, found.body.get("gitMetadata") or {}
    sha = source.get("sha") or metadata.get("commitSha") or found.meta.get("githubCommitSha")
    return {"sha": sha, "ref": source.get("ref") or metadata.get("commitRef") or found.meta.get("githubCommitRef")}


def tree(files: dict[str, File]) -> list[Object]:
    """Files as GET /deployments/{id}/files nests them."""
    top: list[Object] = []
    folders: dict[str, list[Object]] = {"": top}
    for path, file in sorted(files.items()):
        if kind_of(file.mode) == FOLDER:
            continue
        parts = path.split("/")
        for depth in range(1, len(parts)):
            _folder(folders, "/".join(parts[: depth - 1]), parts[depth - 1])
        kind = "symlink" if kind_of(file.mode) == SYMLINK else "file"
        folders["/".join(parts[:-1])].append({"name": parts[-1], "type": kind, "uid": file.sha, "mode": file.mode})
    return top


def _folder(folders: dict[str, list[Object]], parent: str, name: str) -> None:
    path = f"{parent}/{name}".lstrip("/")
    if path not in folders:
        folders[path] = []
        folders[parent].append({"name": name, "type": "directory", "mode": FOLDER | 0o755, "children": folders[path]})
