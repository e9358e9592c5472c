# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables in which migration tools note what they have applied. A database restored without its own cannot be migrated:
Prisma refuses it (P3005), the Supabase CLI begins from the first file.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

if t.TYPE_CHECKING:
    from psycopg import Connection

SUPABASE_TABLE = "supabase_migrations.schema_migrations"
PRISMA_TABLE = "_prisma_migrations"  # in the schema that Prisma's URL names
_PRISMA = (
    "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = %s AND c.relkind = 'r' ORDER BY 1"
)
_PRISMA_ROWS = "SELECT count(*), max(migration_name) FROM {table} WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL"
_SUPABASE_ROWS = "SELECT count(*), max(version) FROM {table}"


@dataclasses.dataclass(frozen=True)
class History:
    """One history: how many migrations are applied, and the last of them (None where there is none)."""

    table: str
    applied: int
    newest: str | None


def is_history(table: str) -> bool:
    """Whether `schema.table` is one of them."""
    return table == SUPABASE_TABLE or table.partition(".")[2] == PRISMA_TABLE


def read_histories(connection: Connection[t.Any]) -> tuple[History, ...]:
    """Those that a database has."""
    schemas = [schema for (schema,) in connection.execute(_PRISMA, (PRISMA_TABLE,)).fetchall()]
    found = [_read(connection, _PRISMA_ROWS, schema, PRISMA_TABLE) for schema in schemas]
    there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (SUPABASE_TABLE,)).fetchone()
    if there and there[0]:
        found.append(_read(connection, _SUPABASE_ROWS, *SUPABASE_TABLE.split(".")))
    return tuple(found)


def _read(connection: Connection[t.Any], query: str, schema: str, name: str) -> History:
    sql = need("psycopg.sql")
    applied, newest = connection.execute(sql.SQL(query).format(table=sql.Identifier(schema, name))).fetchall()[0]
    return History(f"{schema}.{name}", int(applied), newest)
