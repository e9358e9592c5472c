# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of a database as numbers that do not depend on the order of its rows.

Per table: the number of rows, and the sum of PostgreSQL's 64-bit record hashes (`hash_record_extended`, PostgreSQL 14
and newer). Where a column's type has no such hash (json, xml, point, ...) the text of the row is hashed instead. Equal
sums of equal counts mean equal content, short of an attack on the hash; the ciphertext's SHA-256 stands against those.
Sequences are not part of a snapshot: a restored one must not be behind the value that was read before the dump.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

if t.TYPE_CHECKING:
    from psycopg import Connection

LEVELS = ("hash", "counts", "none")

# What the text of a value depends on, and what could stop a long read.
SETTINGS = {
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "xmloption": "content",
    "search_path": "pg_catalog",
    "row_security": "off",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}

# Extensions fill their own tables, and a materialised view is made anew by a restore: neither is content to compare.
_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""
_SEQUENCES = """
SELECT s.schemaname, s.sequencename, s.last_value, s.increment_by FROM pg_sequences s
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e'
                  AND d.objid = format('%I.%I', s.schemaname, s.sequencename)::regclass)
ORDER BY 1, 2
"""
_LARGE_OBJECTS = "SELECT count(*) FROM pg_largeobject_metadata"

COUNT = "SELECT count(*), NULL FROM ONLY {table} holdfast_row"
RECORD_HASH = "SELECT count(*), coalesce(sum(hash_record_extended(holdfast_row, 0)::numeric), 0)::text FROM ONLY {table} holdfast_row"
TEXT_HASH = "SELECT count(*), coalesce(sum(hashtextextended(holdfast_row::text, 0)::numeric), 0)::text FROM ONLY {table} holdfast_row"


@dataclasses.dataclass(frozen=True)
class TableMark:
    """One table: `hash` is None where only rows were counted; `method` is count, record or text."""

    rows: int
    hash: str | None
    method: str


@dataclasses.dataclass(frozen=True)
class SequenceMark:
    """One sequence: `last_value` is None where it was never used (or may not be read)."""

    last_value: int | None
    increment: int


@dataclasses.dataclass(frozen=True)
class Fingerprint:
    """Tables and sequences by `schema.name`. `large_objects` is their number."""

    level: str
    tables: dict[str, TableMark]
    sequences: dict[str, SequenceMark]
    large_objects: int

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def as_plain(self) -> dict[str, t.Any]:
        """As the manifest holds it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_plain(cls, plain: t.Mapping[str, t.Any]) -> Fingerprint:
        return cls(
            plain["level"],
            {name: TableMark(**mark) for name, mark in plain["tables"].items()},
            {name: SequenceMark(**mark) for name, mark in plain["sequences"].items()},
            plain["large_objects"],
        )


# Of a backup that holds the schema alone: neither rows, nor positions of sequences, nor large objects.
NO_CONTENT = Fingerprint("none", {}, {}, 0)


def pin_settings(connection: Connection[t.Any]) -> None:
    """Make this session's text output independent of server, database and role."""
    for name, value in SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))


def read_sequences(connection: Connection[t.Any]) -> dict[str, SequenceMark]:
    """Read before the dump starts: a dump's value is then never smaller."""
    return {f"{schema}.{name}": SequenceMark(last, step) for schema, name, last, step in connection.execute(_SEQUENCES).fetchall()}


def take_fingerprint(
    connection: Connection[t.Any], level: str, sequences: t.Mapping[str, SequenceMark], *, without: t.Collection[str] = ()
) -> Fingerprint:
    """Read every table once, in the connection's open transaction if it has one; tables in `without` are left out."""
    listed = connection.execute(_TABLES).fetchall() if level != "none" else []
    names = [(schema, name) for schema, name in listed if f"{schema}.{name}" not in without]
    tables = {f"{schema}.{name}": _mark(connection, schema, name, level) for schema, name in names}
    objects = connection.execute(_LARGE_OBJECTS).fetchone()
    return Fingerprint(level, tables, dict(sequences), int(objects[0]) if objects else 0)


def _mark(connection: Connection[t.Any], schema: str, name: str, level: str) -> TableMark:
    if level == "counts":
        return TableMark(*_measure(connection, COUNT, schema, name), "count")
    errors = need("psycopg.errors")
    try:
        with connection.transaction():
            return TableMark(*_measure(connection, RECORD_HASH, schema, name), "record")
    except errors.UndefinedFunction:
        return TableMark(*_measure(connection, TEXT_HASH, schema, name), "text")


def _measure(connection: Connection[t.Any], query: str, schema: str, name: str) -> tuple[int, str | None]:
    sql = need("psycopg.sql")
    row = connection.execute(sql.SQL(query).format(table=sql.Identifier(schema, name))).fetchone()
    return (int(row[0]), row[1]) if row else (0, None)


@dataclasses.dataclass(frozen=True)
class Comparison:
    """How one thing of the source stands in the restored database. `what` is table, sequence, large objects or schema."""

    what: str
    name: str
    source: t.Any
    restored: t.Any
    equal: bool


def compare(source: Fingerprint, restored: Fingerprint) -> list[Comparison]:
    """Everything of both, table by table. Pure."""
    found = [_compare_table(name, source, restored) for name in sorted({*source.tables, *restored.tables})]
    found += [_compare_sequence(name, source, restored) for name in sorted({*source.sequences, *restored.sequences})]
    return [*found, _compared("large objects", "all", source.large_objects, restored.large_objects)]


def _compared(what: str, name: str, source: t.Any, restored: t.Any) -> Comparison:
    return Comparison(what, name, source, restored, source == restored)


def _compare_table(name: str, source: Fingerprint, restored: Fingerprint) -> Comparison:
    shown = [
        None if mark is None else {"rows": mark.rows, "hash": mark.hash} for mark in (source.tables.get(name), restored.tables.get(name))
    ]
    return _compared("table", name, *shown)


def _compare_sequence(name: str, source: Fingerprint, restored: Fingerprint) -> Comparison:
    before, after = source.sequences.get(name), restored.sequences.get(name)
    values = (before.last_value if before else None, after.last_value if after else None)
    return Comparison("sequence", name, *values, equal=before is not None and after is not None and _not_behind(before, after))


def _not_behind(before: SequenceMark, after: SequenceMark) -> bool:
    if before.last_value is None:
        return True
    if after.last_value is None:
        return False
    return (after.last_value - before.last_value) * (1 if before.increment > 0 else -1) >= 0
