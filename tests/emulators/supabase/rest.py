"""What PostgREST answers about the tables of `public`, as far as health checks and simple pages ask: select, order, limit, eq and neq."""

from __future__ import annotations

import re
import typing as t
import urllib.parse

import psycopg
from psycopg import sql

from tests.emulators.http_server import Answer
from tests.emulators.supabase.errors import ApiError

if t.TYPE_CHECKING:
    from tests.emulators.supabase.project import Project

OPERATORS: t.Final = {"eq": sql.SQL("="), "neq": sql.SQL("<>")}
ORDER = re.compile(r"(\w+)(\.asc|\.desc)?")


def answer(project: Project, path: str, query_string: str, role: str) -> Answer:
    """The rows of a table that the role may see, or all tables as an OpenAPI document."""
    if not path and role != "service_role":
        raise ApiError(401, "Access to schema is forbidden")
    tables = _tables(project)
    if not path:
        return Answer(200, {"swagger": "2.0", "info": {"title": "standard public schema"}, "paths": {f"/{name}": {} for name in tables}})
    if path not in tables:
        raise ApiError(404, f"Could not find the table 'public.{path}' in the schema cache")
    return Answer(200, _rows(project, path, urllib.parse.parse_qsl(query_string), role))


def _tables(project: Project) -> list[str]:
    found = project.database.query(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')"
    )
    return sorted(str(name) for (name,) in found)


def _rows(project: Project, table: str, asked: list[tuple[str, str]], role: str) -> t.Any:
    statement, values = _statement(table, asked)
    with psycopg.connect(project.database.admin_url) as connection:
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        try:
            found = connection.execute(statement, values).fetchone()
        except psycopg.errors.InsufficientPrivilege as exc:
            raise ApiError(401 if role == "anon" else 403, f"permission denied for table {table}") from exc
        except (psycopg.DataError, psycopg.ProgrammingError) as exc:
            raise ApiError(400, exc.diag.message_primary or "the query cannot be run") from exc
    return found[0] if found else []


def _statement(table: str, asked: list[tuple[str, str]]) -> tuple[sql.Composed, list[str]]:
    """The query, whose answer is one JSON value, and the values in it."""
    known = dict(asked)
    names = [name for name in known.get("select", "*").split(",") if name != "*"]
    columns = sql.SQL(", ").join(map(sql.Identifier, names)) if names else sql.SQL("*")
    filters = [(name, *text.partition(".")[::2]) for name, text in asked if name not in ("select", "order", "limit")]
    wrong = [name for name, operator, _value in filters if operator not in OPERATORS]
    order = ORDER.fullmatch(known["order"]) if "order" in known else None
    if wrong or ("order" in known and order is None) or not known.get("limit", "0").isdigit():
        raise ApiError(400, "the local Supabase knows select, order, limit, and filters with eq and neq")
    where = [sql.SQL("{} {} %s").format(sql.Identifier(name), OPERATORS[operator]) for name, operator, _value in filters]
    parts = [sql.SQL("SELECT {} FROM public.{}").format(columns, sql.Identifier(table))]
    parts += [sql.SQL("WHERE ") + sql.SQL(" AND ").join(where)] if where else []
    parts += [sql.SQL("ORDER BY {}{}").format(sql.Identifier(order[1]), sql.SQL(" DESC" if order[2] == ".desc" else ""))] if order else []
    parts += [sql.SQL("LIMIT {}").format(sql.Literal(int(known["limit"])))] if "limit" in known else []
    inner = sql.SQL(" ").join(parts)
    return sql.SQL("SELECT coalesce(json_agg(found), '[]') FROM ({}) found").format(inner), [value for _name, _operator, value in filters]
