# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table that rows go into, as the server knows it."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.documents import Seed

if t.TYPE_CHECKING:
    from psycopg import Connection

_TABLES = """
SELECT c.oid::bigint, n.nspname::text, c.relkind::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = %(name)s AND CASE WHEN %(schema)s::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = %(schema)s END
"""
_COLUMNS = """
SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attgenerated <> '' FROM pg_catalog.pg_attribute a
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
# Those that make sure that a key is there once: whole, valid, of plain columns, and checked at once.
_UNIQUE = """
SELECT ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1]))
FROM pg_catalog.pg_index i
WHERE i.indrelid = %s AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
"""
# What pg_class calls an ordinary and a partitioned table.
_TABLE_KINDS = ("r", "p")


class Table(t.NamedTuple):
    """`types` are the types of the columns as SQL, in the order of the table."""

    schema: str
    name: str
    types: t.Mapping[str, str]
    generated: frozenset[str]
    unique: frozenset[frozenset[str]]


def read_table(connection: Connection[t.Any], seed: Seed, schema: str | None) -> Table:
    """Look a table up. `schema`: where a name without one is looked for; None is the search path."""
    before, dot, after = seed.table.partition(".")
    name, schema = (after, before) if dot else (before, schema)
    found = connection.execute(_TABLES, {"name": name, "schema": schema}).fetchall()
    if not found:
        raise NotFoundError(
            f"{seed.place()}: there is no such table.",
            hint="Write its name as the database has it, small and capital letters too, without quotes; migrations that make it run first.",
        )
    oid, schema, kind = found[0]
    if kind not in _TABLE_KINDS:
        raise InputError(
            f"{seed.place()}: that is no table.", hint="Rows go into tables only, not into views, sequences or foreign tables."
        )
    columns = connection.execute(_COLUMNS, (oid,)).fetchall()
    unique = frozenset(frozenset(names) for (names,) in connection.execute(_UNIQUE, (oid,)).fetchall())
    types = {column: kind_of_it for column, kind_of_it, _generated in columns}
    return Table(schema, name, types, frozenset(column for column, _type, generated in columns if generated), unique)


def check_seed(seed: Seed, table: Table) -> None:
    """Whether the rows fit the table, as far as names tell. Pure."""
    for column in seed.key:
        if column not in table.types:
            raise InputError(f"{seed.place()}: the table has no key column {column}.", hint=_near(column, table))
    if frozenset(seed.key) not in table.unique:
        raise InputError(
            f"{seed.place()}: no unique index of the table is on exactly its key ({', '.join(seed.key)}), so a row could be there twice.",
            hint="Name the columns of the primary key or of a unique constraint that is not deferrable, or add one in a migration.",
        )
    for row in seed.rows:
        for column in row.values:
            if column not in table.types:
                raise InputError(f"{seed.place(row)}: the table has no column {column}.", hint=_near(column, table))
            if column in table.generated:
                raise InputError(
                    f"{seed.place(row)}: the server works out the column {column} by itself.", hint="Leave it out of the rows."
                )


def _near(column: str, table: Table) -> str:
    near = difflib.get_close_matches(column, table.types, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else f"It has: {', '.join(table.types)}."
