"""Domains of projects, and aliases that somebody sets by hand."""

from __future__ import annotations

import datetime
import re
import typing as t

from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.errors import bad_request, conflict, forbidden, not_found
from tests.emulators.vercel.records import Alias, Domain
from tests.emulators.vercel.world import USER

if t.TYPE_CHECKING:
    from tests.emulators.vercel.call import Call
    from tests.emulators.vercel.records import Object, Project
    from tests.emulators.vercel.world import World

NAME = re.compile(r"^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")
REDIRECTS = (301, 302, 307, 308)


# --- domains of a project ---


def index(world: World, call: Call) -> Answer:
    project = world.project(call.team, call.names[0])
    rows = [wire(project, domain) for domain in project.domains.values()]
    return Answer(200, {"domains": rows, "pagination": {"count": len(rows), "next": None, "prev": None}})


def show(world: World, call: Call) -> Answer:
    project, domain = _chosen(world, call)
    return Answer(200, wire(project, domain))


def add(world: World, call: Call) -> Answer:
    """POST /projects/{project}/domains; what production is serves it at once."""
    project, given = world.project(call.team, call.names[0]), call.given()
    name = str(given.get("name", "")).lower()
    if not NAME.match(name):
        raise bad_request(f"Invalid request: `name` {name!r} is no domain name.", code="invalid_domain")
    if world.domains.get(name, project.id) != project.id:
        raise conflict(f"Cannot add {name} since it's already in use by another project.", code="domain_already_in_use")
    if name in project.domains:
        raise conflict(f"Cannot add {name} since it's already assigned to this project.", code="domain_already_exists")
    domain = add_domain(world, project, name)
    _apply(world, project, domain, given)
    if (live := world.live(project)) is not None and domain.is_production:
        world.point(name, project, live)
    return Answer(200, wire(project, domain))


def add_domain(world: World, project: Project, name: str) -> Domain:
    now = world.clock.now_ms
    world.domains[name] = project.id
    project.domains[name] = Domain(name, now, now)
    return project.domains[name]


def change(world: World, call: Call) -> Answer:
    project, domain = _chosen(world, call)
    _apply(world, project, domain, call.given())
    domain.updated = world.clock.now_ms
    return Answer(200, wire(project, domain))


def remove(world: World, call: Call) -> Answer:
    project, domain = _chosen(world, call)
    del project.domains[domain.name]
    world.domains.pop(domain.name, None)
    world.aliases.pop(domain.name, None)
    return Answer(200, {})


def verify(world: World, call: Call) -> Answer:
    project, domain = _chosen(world, call)
    domain.verified = True
    return Answer(200, wire(project, domain))


def config(world: World, call: Call) -> Answer:
    """GET /domains/{domain}/config: whether its DNS points here."""
    known = call.names[0] in world.domains
    ips = [{"rank": 1, "value": ["76.76.21.21"]}]
    names = [{"rank": 1, "value": "cname.vercel-dns.com."}]
    answer = {"configuredBy": "A" if known else None, "acceptedChallenges": ["dns-01", "http-01"], "misconfigured": not known}
    return Answer(200, {**answer, "recommendedIPv4": ips, "recommendedCNAME": names})


def account_domain(world: World, call: Call) -> Answer:
    """GET /domains/{domain}: what the CLI asks before it sets an alias."""
    name = call.names[0]
    if name.endswith(".vercel.app") or not NAME.match(name):
        raise not_found("The domain was not found.")
    row = {
        "id": f"dom_{name}",
        "name": apex(name),
        "serviceType": "external",
        "nameservers": [],
        "intendedNameservers": [],
        "suffix": False,
    }
    times = {"createdAt": world.clock.now_ms, "boughtAt": None, "expiresAt": None}
    owner = {
        "creator": {"id": USER["id"], "username": USER["username"], "email": USER["email"]},
        "teamId": call.team.id,
        "userId": USER["id"],
    }
    return Answer(200, {"domain": {**row, **times, **owner, "verified": True, "echMode": "auto"}})


def _chosen(world: World, call: Call) -> tuple[Project, Domain]:
    project = world.project(call.team, call.names[0])
    domain = project.domains.get(call.names[1].lower())
    if domain is None:
        raise not_found("The domain is not assigned to the project.")
    return project, domain


def _apply(world: World, project: Project, domain: Domain, given: Object) -> None:
    redirect, status = given.get("redirect", domain.redirect), given.get("redirectStatusCode", domain.redirect_status)
    if redirect is not None and redirect not in project.domains:
        raise bad_request(f"The redirect target {redirect} is not a domain of the project.", code="invalid_redirect")
    if status is not None and status not in REDIRECTS:
        raise bad_request(f"`redirectStatusCode` should be one of {', '.join(map(str, REDIRECTS))}.")
    domain.redirect, domain.redirect_status = redirect, status or (307 if redirect else None)
    domain.git_branch = given.get("gitBranch", domain.git_branch)
    domain.custom_environment = given.get("customEnvironmentId", domain.custom_environment)


def apex(name: str) -> str:
    """The registered part; for the short endings that tests use."""
    return ".".join(name.split(".")[-2:])


def wire(project: Project, domain: Domain) -> Object:
    row: Object = {
        "name": domain.name,
        "apexName": apex(domain.name),
        "projectId": project.id,
        "redirect": domain.redirect,
        "redirectStatusCode": domain.redirect_status,
        "gitBranch": domain.git_branch,
        "customEnvironmentId": domain.custom_environment,
        "createdAt": domain.created,
        "updatedAt": domain.updated,
        "verified": domain.verified,
    }
    return row


# --- aliases ---


def assign(world: World, call: Call) -> Answer:
    """POST /deployments/{deployment}/aliases {"alias"}."""
    deployment, host = world.deployment(call.team, call.names[0]), str(call.given().get("alias", "")).lower()
    if deployment.state != "READY":
        raise bad_request(f"The deployment is not READY, but {deployment.state}.", code="deployment_not_ready")
    if not NAME.match(host):
        raise bad_request(f"`alias` {host!r} is no host name.", code="invalid_alias")
    owner = world.domains.get(host, deployment.project_id)
    if owner != deployment.project_id or host in world.hosts:
        raise forbidden("The alias belongs to another project.")
    known = world.aliases.get(host)
    if known is not None and known.deployment_id == deployment.id:
        raise conflict(f"The alias {host} is already assigned to the deployment.", code="alias_exists")
    before = world.point(host, world.projects[deployment.project_id], deployment)
    alias = world.aliases[host]
    answer = {"uid": alias.uid, "alias": host, "created": iso(alias.created)}
    return Answer(200, answer | ({"oldDeploymentId": before} if before else {}))


def aliases_of_deployment(world: World, call: Call) -> Answer:
    deployment = world.deployment(call.team, call.names[0])
    rows = [world.aliases[host] for host in world.hosts_of(deployment)]
    return Answer(200, {"aliases": [{"uid": row.uid, "alias": row.host, "created": iso(row.created), "redirect": None} for row in rows]})


def aliases(world: World, call: Call) -> Answer:
    """GET /aliases of the team, of one project or of one domain."""
    project = world.find_project(call.team, call.query["projectId"]) if "projectId" in call.query else None
    own = [alias for alias in world.aliases.values() if world.projects[alias.project_id].team_id == call.team.id]
    own = [alias for alias in own if project is None or alias.project_id == project.id]
    own = [alias for alias in own if call.query.get("domain", alias.host) == alias.host]
    rows = [_alias_wire(world, alias) for alias in own]
    return Answer(200, {"aliases": rows, "pagination": {"count": len(rows), "next": None, "prev": None}})


def alias(world: World, call: Call) -> Answer:
    return Answer(200, _alias_wire(world, _named(world, call)))


def drop_alias(world: World, call: Call) -> Answer:
    del world.aliases[_named(world, call).host]
    return Answer(200, {"status": "SUCCESS"})


def _named(world: World, call: Call) -> Alias:
    """By host or uid."""
    name = call.names[0]
    found = world.aliases.get(name) or next((alias for alias in world.aliases.values() if alias.uid == name), None)
    if found is None or world.projects[found.project_id].team_id != call.team.id:
        raise not_found("The alias was not found.")
    return found


def _alias_wire(world: World, alias: Alias) -> Object:
    deployment = world.deployments[alias.deployment_id]
    return {
        "uid": alias.uid,
        "alias": alias.host,
        "created": iso(alias.created),
        "createdAt": alias.created,
        "updatedAt": alias.updated,
        "deploymentId": alias.deployment_id,
        "projectId": alias.project_id,
        "redirect": alias.redirect,
        "creator": {"uid": USER["id"], "username": USER["username"], "email": USER["email"]},
        "deployment": {"id": deployment.id, "url": deployment.url, "meta": "{}"},
    }


def iso(milliseconds: int) -> str:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
