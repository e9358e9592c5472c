"""Settings of PostgreSQL, of its poolers, and of the REST server in front of it."""

from __future__ import annotations

import typing as t

from tests.emulators.http_server import Answer
from tests.emulators.supabase import lifecycle

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Object, Project
    from tests.emulators.supabase.world import World

TRANSACTION_PORT, SESSION_PORT = 6543, 5432
POSTGREST: t.Final[Object] = {
    "db_schema": "public, graphql_public",
    "max_rows": 1000,
    "db_extra_search_path": "public, extensions",
    "db_pool": None,
}


def show(world: World, call: Call) -> Answer:
    """What somebody has set, and nothing else."""
    return Answer(200, dict(call.project.settings.postgres))


def replace(world: World, call: Call) -> Answer:
    """PUT: what is not in the body goes back to its default."""
    wanted = dict(call.body or {})
    return _put(world, call.project, wanted, restarts=wanted.pop("restart_database", True))


def change(world: World, call: Call) -> Answer:
    """PATCH: what is not in the body stays."""
    given = dict(call.body or {})
    restarts = given.pop("restart_database", True)
    return _put(world, call.project, {**call.project.settings.postgres, **given}, restarts=restarts)


def _put(world: World, project: Project, wanted: Object, *, restarts: bool) -> Answer:
    """PostgreSQL itself says whether the values are good, and gets them."""
    project.require_active()
    project.database.override(wanted)
    before, project.settings.postgres = project.settings.postgres, wanted
    if restarts and before != wanted:
        lifecycle.start_again(world, project)
    else:
        project.database.reload()
    return Answer(200, dict(wanted))


def pooler(world: World, call: Call) -> Answer:
    """The shared pooler. Its addresses are the service's: nothing listens there."""
    project, chosen = call.project, call.project.settings.pooler
    host, user = f"aws-0-{project.region}.pooler.supabase.com", f"postgres.{project.ref}"
    port = TRANSACTION_PORT if chosen["pool_mode"] == "transaction" else SESSION_PORT
    address = f"postgres://{user}:[YOUR-PASSWORD]@{host}:{port}/postgres"
    row: Object = {"identifier": project.ref, "database_type": "PRIMARY", "is_using_scram_auth": True, "db_user": user, "db_host": host}
    row |= {"db_port": port, "db_name": "postgres", "connection_string": address, "connectionString": address}
    return Answer(200, [{**row, **_pool(project)}])


def change_pooler(world: World, call: Call) -> Answer:
    chosen = call.project.settings.pooler
    chosen.update({name: value for name, value in (call.body or {}).items() if name in chosen})
    found = _pool(call.project)
    return Answer(200, {"default_pool_size": found["default_pool_size"], "pool_mode": found["pool_mode"]})


def pgbouncer(world: World, call: Call) -> Answer:
    project, found = call.project, _pool(call.project)
    address = f"postgres://postgres:[YOUR-PASSWORD]@db.{project.ref}.supabase.co:6543/postgres"
    row = {"default_pool_size": found["default_pool_size"], "max_client_conn": found["max_client_conn"], "pool_mode": found["pool_mode"]}
    return Answer(200, {**row, "ignore_startup_parameters": "", "connection_string": address})


def postgrest(world: World, call: Call) -> Answer:
    return Answer(200, {**POSTGREST, **call.project.settings.postgrest, "jwt_secret": call.project.keys["jwt_secret"]})


def change_postgrest(world: World, call: Call) -> Answer:
    call.project.settings.postgrest.update(call.body or {})
    return Answer(200, {**POSTGREST, **call.project.settings.postgrest})


def _pool(project: Project) -> Object:
    chosen = project.settings.pooler
    size = chosen["default_pool_size"]
    return {"default_pool_size": 15 if size is None else size, "max_client_conn": 400, "pool_mode": chosen["pool_mode"]}
