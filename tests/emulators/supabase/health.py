"""GET /projects/{ref}/health: each service, asked now."""

from __future__ import annotations

import typing as t

from tests.emulators.http_server import Answer
from tests.emulators.supabase.errors import bad_request
from tests.emulators.supabase.project import ACTIVE, IN_TRANSIT

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

SERVICES: t.Final = ("auth", "db", "db_postgres_user", "pooler", "realtime", "rest", "storage", "pg_bouncer")
GOTRUE: t.Final = {"version": "v2.188.0", "name": "GoTrue", "description": "GoTrue is a user registration and authentication API"}
OF_THE_OWNER: t.Final = frozenset(("db_postgres_user", "pooler", "pg_bouncer"))
LONGEST = 10_000


def show(world: World, call: Call) -> Answer:
    """`services` may be repeated or be a list with commas."""
    wanted = [name for text in call.query.get("services", []) + call.query.get("services[]", []) for name in text.split(",")]
    unknown = [name for name in wanted if name not in SERVICES]
    if not wanted or unknown:
        raise bad_request(f"services must be among {', '.join(SERVICES)}")
    timeout = call.word("timeout_ms", "0")
    if not timeout.isdigit() or int(timeout) > LONGEST:
        raise bad_request(f"timeout_ms must be a number from 0 to {LONGEST}")
    return Answer(200, [_row(world, call.project, name) for name in wanted])


def trouble(world: World, project: Project, service: str) -> str | None:
    """Why a service does not work, None when it does: all of them need the database, storage also its objects."""
    if project.status != ACTIVE:
        return f"project is {project.status}"
    found = project.database.missing(as_owner=service in OF_THE_OWNER)
    if found is None and service == "storage":
        found = world.objects.missing()
    return found


def _row(world: World, project: Project, name: str) -> Object:
    found = trouble(world, project, name)
    if found is not None:
        status = "COMING_UP" if project.status in IN_TRANSIT else "UNHEALTHY"
        return {"name": name, "healthy": False, "status": status, "error": found}
    row: Object = {"name": name, "healthy": True, "status": "ACTIVE_HEALTHY"}
    if name == "auth":
        row["info"] = GOTRUE
    if name == "realtime":
        row["info"] = {"healthy": True, "db_connected": True, "replication_connected": True, "connected_cluster": 1}
    if name == "rest":
        row["info"] = {"db_schema": "public, graphql_public"}
    return row
