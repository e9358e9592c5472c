# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the database says about the relations that a run is going to touch. Reads only, and never waits long for a lock."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database, Rows
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import LOCK_NOT_AVAILABLE, DatabaseError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Name

PARTITIONED = "p"

# Partitions and children count with their parent. A table that was never analysed is guessed from its size.
_RELATIONS = """
WITH RECURSIVE named AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, tn.nspname AS table_schema, tc.relname AS table_name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
    WHERE c.relname = ANY(%s) AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I', 'S')
), family (root, member) AS (
    SELECT oid, oid FROM named UNION SELECT f.root, h.inhrelid FROM family f JOIN pg_catalog.pg_inherits h ON h.inhparent = f.member
), measured AS (
    SELECT f.root, c.reltuples, c.relpages, PAGES AS pages, BYTES AS bytes, pg_catalog.pg_stat_get_live_tuples(c.oid) AS live
    FROM family f JOIN pg_catalog.pg_class c ON c.oid = f.member
), sized AS (
    SELECT root, sum(bytes) AS bytes, sum(CASE
        WHEN relpages > 0 AND reltuples >= 0 THEN reltuples / relpages * pages
        WHEN live > 0 THEN live
        ELSE pages * current_setting('block_size')::numeric / 100 END) AS rows
    FROM measured GROUP BY root
)
SELECT named.oid::bigint, nspname::text, relname::text, relkind::text, table_schema::text, table_name::text,
       round(rows)::bigint, bytes::bigint
FROM named JOIN sized ON root = oid
"""
_MEASURED = {
    "PAGES": "coalesce(pg_catalog.pg_relation_size(c.oid), 0) / current_setting('block_size')::numeric",
    "BYTES": "coalesce(pg_catalog.pg_total_relation_size(c.oid), 0)",
}
# Measuring opens the table. Where somebody holds it, the catalog's own older figures have to do.
_REMEMBERED = {"PAGES": "c.relpages::numeric", "BYTES": "c.relpages * current_setting('block_size')::bigint"}
_SURROUNDINGS = """
SELECT pg_catalog.current_schemas(false)::text[], ARRAY(SELECT nspname::text FROM pg_catalog.pg_namespace),
       (SELECT coalesce(max(c.reltuples), 0)::bigint FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'm')
        AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace))
"""
_COLUMNS = """
SELECT attrelid::bigint, attname::text, pg_catalog.format_type(atttypid, atttypmod), attnotnull
FROM pg_catalog.pg_attribute WHERE attrelid = ANY(%s::bigint[]::oid[]) AND attnum > 0 AND NOT attisdropped
"""
_CHECKS = """
SELECT conrelid::bigint, conname::text, pg_catalog.pg_get_constraintdef(oid), convalidated
FROM pg_catalog.pg_constraint WHERE contype = 'c' AND conrelid = ANY(%s::bigint[]::oid[])
"""
# Dropping a foreign key, or what it hangs on, locks the table that it points to.
_FOREIGN_KEYS = """
SELECT f.conrelid::bigint, f.conname::text, n.nspname::text, c.relname::text,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = f.conrelid AND a.attnum = ANY(f.conkey))
FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class c ON c.oid = f.confrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE f.contype = 'f' AND f.conrelid = ANY(%s::bigint[]::oid[])
"""
_TYPES = "SELECT typname::text FROM pg_catalog.pg_type WHERE typname = ANY(%s)"
_VOLATILE = "SELECT proname::text, bool_or(provolatile = 'v') FROM pg_catalog.pg_proc WHERE proname = ANY(%s) GROUP BY 1"


class Relation(t.NamedTuple):
    """A table, view or index. `rows` (an estimate) and `bytes` are None for one that this run makes; `table`: whose index it is."""

    name: Name
    oid: int | None = None
    kind: str = "r"
    rows: int | None = None
    bytes: int | None = None
    table: Name | None = None

    @property
    def is_new(self) -> bool:
        return self.oid is None


class Surroundings(t.NamedTuple):
    """The schemas that are searched, all schemas, and the rows of the largest table."""

    path: tuple[str, ...] = ("public",)
    schemas: frozenset[str] = frozenset()
    most_rows: int = 0


class Check(t.NamedTuple):
    """A CHECK constraint; `text` is its definition."""

    text: str
    is_valid: bool


class ForeignKey(t.NamedTuple):
    """From the columns of the table `table` to the relation `other`."""

    table: int
    name: str
    other: Name
    columns: tuple[str, ...]


class Details(t.NamedTuple):
    """`columns`: type and whether NOT NULL, by table and name; `checks` by table and name; `volatile`: by name of a function.

    `types`: the names of those that are there.
    """

    columns: t.Mapping[tuple[int, str], tuple[str, bool]] = {}
    checks: t.Mapping[tuple[int, str], Check] = {}
    volatile: t.Mapping[str, bool] = {}
    foreign_keys: t.Sequence[ForeignKey] = ()
    types: t.Collection[str] = ()


def surroundings(database: Database) -> Surroundings:
    path, schemas, most_rows = database.rows(_SURROUNDINGS)[0]
    return Surroundings(tuple(path), frozenset(schemas), most_rows)


def relations(database: Database, names: t.Collection[str]) -> list[Relation]:
    """Every relation with one of these bare names, in whatever schema."""
    found = _unless_locked(database, _filled(_MEASURED), list(names))
    if found is None:
        found = database.rows(_filled(_REMEMBERED), (list(names),))
    return [
        Relation(Name(schema, name), oid, kind, rows, size, Name(table_schema, table) if table else None)
        for oid, schema, name, kind, table_schema, table, rows, size in found
    ]


def _filled(expressions: t.Mapping[str, str]) -> str:
    query = _RELATIONS
    for name, expression in expressions.items():
        query = query.replace(name, expression)
    return query


def _unless_locked(database: Database, query: str, given: list[t.Any]) -> Rows | None:
    try:
        return database.rows(query, (given,))
    except DatabaseError as exc:
        if exc.sqlstate != LOCK_NOT_AVAILABLE:
            raise
        return None


def foreign_keys(database: Database, tables: t.Collection[int]) -> list[ForeignKey]:
    """Those that begin at one of the tables."""
    rows = database.rows(_FOREIGN_KEYS, (list(tables),)) if tables else []
    return [ForeignKey(oid, name, Name(schema, other), tuple(columns)) for oid, name, schema, other, columns in rows]


def details(database: Database, tables: t.Collection[int], functions: t.Collection[str], types: t.Collection[str]) -> Details:
    """Of tables by their oids, functions and types by their bare names; nothing is asked where nothing is wanted."""
    wanted = list(tables)
    columns = database.rows(_COLUMNS, (wanted,)) if wanted else []
    # The definition of a CHECK cannot be read while somebody holds its table; then there is none.
    checks = _unless_locked(database, _CHECKS, wanted) if wanted else []
    volatile = database.rows(_VOLATILE, (list(functions),)) if functions else []
    known = database.rows(_TYPES, (list(types),)) if types else []
    return Details(
        {(oid, name): (kind, not_null) for oid, name, kind, not_null in columns},
        {(oid, name): Check(text, is_valid) for oid, name, text, is_valid in checks or ()},
        dict(volatile),
        types=frozenset(name for (name,) in known),
    )
