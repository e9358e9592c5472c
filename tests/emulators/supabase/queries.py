"""SQL through the API, short-lived logins, and the read-only mode of a full disk."""

from __future__ import annotations

import datetime
import secrets
import typing as t

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from tests.emulators.http_server import Answer
from tests.emulators.supabase.errors import bad_request

if t.TYPE_CHECKING:
    from tests.emulators.supabase.call import Call
    from tests.emulators.supabase.project import Object
    from tests.emulators.supabase.world import World

LOGIN_SECONDS = 300
OVERRIDE_MINUTES = 15


def query(world: World, call: Call) -> Answer:
    """POST: as the owner; the rows of the last statement."""
    call.project.require_active()
    wanted: Object = call.body
    try:
        with psycopg.connect(call.project.database.url, row_factory=dict_row) as connection:
            connection.read_only = bool(wanted.get("read_only"))
            cursor = connection.execute(wanted["query"], wanted.get("parameters") or None)
            rows = cursor.fetchall() if cursor.description else []
    except psycopg.Error as exc:
        raise bad_request(f"Failed to run sql query: {exc}") from exc
    return Answer(201, rows)


def login_role(world: World, call: Call) -> Answer:
    """POST: a role that may log in for a few minutes."""
    call.project.require_active()
    name, password = f"cli_login_{secrets.token_hex(8)}", secrets.token_urlsafe(24)
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=LOGIN_SECONDS)
    group = "pg_read_all_data" if call.body["read_only"] else "postgres"
    statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} VALID UNTIL {} IN ROLE {}")
    made = statement.format(sql.Identifier(name), sql.Literal(password), sql.Literal(until.isoformat()), sql.Identifier(group))
    with psycopg.connect(call.project.database.admin_url, autocommit=True) as connection:
        connection.execute(made)
    return Answer(201, {"role": name, "password": password, "ttl_seconds": LOGIN_SECONDS})


def drop_login_roles(world: World, call: Call) -> Answer:
    call.project.require_active()
    with psycopg.connect(call.project.database.admin_url, autocommit=True) as connection:
        found = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'cli\\_login\\_%'").fetchall()
        for (name,) in found:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
    return Answer(200, {"message": "ok"})


def readonly(world: World, call: Call) -> Answer:
    settings = call.project.settings
    is_overridden = bool(settings.readonly_until)
    row = {"enabled": settings.readonly, "override_enabled": is_overridden}
    return Answer(200, {**row, "override_active_until": settings.readonly_until})


def disable_readonly(world: World, call: Call) -> Answer:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=OVERRIDE_MINUTES)
    call.project.settings.readonly_until = until.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Answer(201)
