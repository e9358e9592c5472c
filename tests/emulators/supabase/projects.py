"""Who asks, which organizations there are, and the projects in them."""

from __future__ import annotations

import shutil
import typing as t

from tests.emulators.http_server import Answer
from tests.emulators.supabase import lifecycle
from tests.emulators.supabase.errors import bad_request, forbidden, not_found

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

ENGINE = "17"
PROFILE: t.Final = {"gotrue_id": "00000000-0000-4000-8000-000000000001", "primary_email": "ops@example.com", "username": "ops"}


def profile(world: World, call: Call) -> Answer:
    return Answer(200, PROFILE)


def organizations(world: World, call: Call) -> Answer:
    found = [world.organizations[slug] for slug in call.token.organizations]
    return Answer(200, [{"id": one.slug, "slug": one.slug, "name": one.name} for one in found])


def organization(world: World, call: Call) -> Answer:
    found = world.organizations.get(call.names[0])
    if found is None:
        raise not_found("Organization not found")
    if found.slug not in call.token.organizations:
        raise forbidden()
    row: Object = {"id": found.slug, "name": found.name, "plan": found.plan}
    return Answer(200, {**row, "opt_in_tags": [], "allowed_release_channels": ["ga"]})


def index(world: World, call: Call) -> Answer:
    found = [one for one in world.projects.values() if one.organization.slug in call.token.organizations]
    return Answer(200, [wire(one) for one in found])


def create(world: World, call: Call) -> Answer:
    """POST /projects: it comes up by itself."""
    wanted = call.body
    owner = world.organizations.get(wanted["organization_slug"])
    if owner is None or owner.slug not in call.token.organizations:
        raise bad_request("Organization not found")
    chosen = wanted.get("region") or wanted.get("region_selection", {}).get("code") or ""
    project = world.add(wanted["name"], owner, region=chosen or "eu-central-1", password=wanted["db_pass"])
    lifecycle.bring_up(world, project)
    return Answer(201, {name: value for name, value in wire(project).items() if name != "database"})


def show(world: World, call: Call) -> Answer:
    call.project.looks += 1
    return Answer(200, wire(call.project))


def rename(world: World, call: Call) -> Answer:
    call.project.name = call.body["name"]
    return Answer(200, _short(call.project))


def delete(world: World, call: Call) -> Answer:
    """Its database and its objects are gone with it."""
    remove(world, call.project)
    return Answer(200, _short(call.project))


def remove(world: World, project: Project) -> None:
    with project.lock:
        world.projects.pop(project.ref, None)
        project.status = "REMOVED"
        project.database.stop()
        project.leave()
        shutil.rmtree(project.database.home, ignore_errors=True)


def wire(project: Project) -> Object:
    database = {"host": f"db.{project.ref}.supabase.co", "version": project.database.version}
    return {
        "id": project.ref,
        "ref": project.ref,
        "organization_id": project.organization.slug,
        "organization_slug": project.organization.slug,
        "name": project.name,
        "region": project.region,
        "created_at": project.created,
        "status": project.seen(),
        "database": {**database, "postgres_engine": ENGINE, "release_channel": "ga"},
    }


def _short(project: Project) -> Object:
    return {"id": sum(project.ref.encode()), "ref": project.ref, "name": project.name}
