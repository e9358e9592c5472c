"""What a project serves itself, on a port of its own: auth, REST, realtime and storage, as far as health checks and backups need them."""

from __future__ import annotations

import typing as t

from tests.emulators.http_server import Answer
from tests.emulators.supabase import buckets, health, keys, rest, s3
from tests.emulators.supabase.errors import ApiError
from tests.emulators.supabase.project import ACTIVE

if t.TYPE_CHECKING:
    from tests.emulators.http_server import Request
    from tests.emulators.supabase.project import Project
    from tests.emulators.supabase.world import World

PAUSED = 540
"""The gateway's own status for a project that is paused."""
S3 = "/storage/v1/s3"


def answer(world: World, project: Project, request: Request) -> Answer:
    """Everything but the Management API."""
    if project.status != ACTIVE:
        raise ApiError(PAUSED if project.status == "INACTIVE" else 503, f"Project is {project.status}")
    path = request.path
    if path == S3 or path.startswith(f"{S3}/"):
        return s3.answer(world, project, request)
    if path.startswith("/storage/v1/"):
        return buckets.answer(world, project, request.method, path.removeprefix("/storage/v1"), request.headers, request.read())
    request.read()
    role = _role(project, request)
    if path == "/auth/v1/health":
        _require(world, project, "auth")
        return Answer(200, health.GOTRUE)
    if path.startswith("/rest/v1/"):
        _require(world, project, "rest")
        return rest.answer(project, path.removeprefix("/rest/v1/"), request.query_string, role)
    if path.startswith("/realtime/v1/api/tenants/") and path.endswith("/health"):
        _require(world, project, "realtime")
        return Answer(200, {"data": {"healthy": True, "db_connected": True, "connected_cluster": 1}})
    raise ApiError(404, "no Route matched with those values")


def _role(project: Project, request: Request) -> str:
    given = request.headers.get("apikey", "")
    if not given:
        raise ApiError(401, "No API key found in request")
    role = keys.role_of(project, given)
    if role is None:
        raise ApiError(401, "Invalid API key")
    return role


def _require(world: World, project: Project, service: str) -> None:
    found = health.trouble(world, project, service)
    if found is not None:
        raise ApiError(503, f"{service}: {found}")
