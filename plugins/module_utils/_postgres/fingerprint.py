# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of a database as numbers that do not depend on the order of its rows.

Per table: the number of rows, and the sum of PostgreSQL's 64-bit record hashes (`hash_record_extended`, PostgreSQL 14
and newer). Where a column's type has no such hash (json, xml, point, ...) the text of the row is hashed instead. Equal
sums of equal counts mean equal content, short of an attack on the hash; the ciphertext's SHA-256 stands against those.
Of large objects, the content is hashed in pieces of a MiB, where the role may read them.

The level `sample` hashes about one row of sixteen, chosen by the hash of its primary key: the same rows in the source and in
a restored database, which a sample by place on the disk would not be. A table without a primary key is hashed whole.
Sequences are not part of a snapshot: a restored one must not be behind the value that was read before the dump.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.dump import EVERYTHING, Scope

if t.TYPE_CHECKING:
    from psycopg import Connection

LEVELS = ("full", "sample", "counts", "none")

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
SELECT n.nspname, c.relname,
       (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
        WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""
# With the table that a sequence belongs to, whose fate it shares.
_SEQUENCES = """
SELECT s.schemaname, s.sequencename, s.last_value, s.increment_by,
       (SELECT n.nspname || '.' || c.relname
        FROM pg_depend d JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
          AND d.objid = format('%I.%I', s.schemaname, s.sequencename)::regclass)
FROM pg_sequences s
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e'
                  AND d.objid = format('%I.%I', s.schemaname, s.sequencename)::regclass)
ORDER BY 1, 2
"""
_LARGE_OBJECTS = "SELECT count(*) FROM pg_largeobject_metadata"
_MAY_READ_LARGE_OBJECTS = "SELECT has_table_privilege('pg_catalog.pg_largeobject', 'SELECT')"
# By lo_get and not by pages: an object with holes has other pages after a restore, and the same content.
_LARGE_OBJECTS_HASH = """
SELECT coalesce(sum(hash_record_extended(ROW(m.oid, piece, lo_get(m.oid, piece, 1048576)), 0)), 0)::text
FROM pg_largeobject_metadata m
LEFT JOIN (SELECT loid, max(pageno::bigint * 2048 + length(data)) AS size FROM pg_largeobject GROUP BY 1) s ON s.loid = m.oid,
LATERAL generate_series(0, greatest(coalesce(s.size, 0) - 1, 0), 1048576) piece
"""

COUNT = "SELECT count(*), NULL FROM ONLY {table} holdfast_row"
RECORD_HASH = "SELECT count(*), coalesce(sum(hash_record_extended(holdfast_row, 0)){chosen}, 0)::text FROM ONLY {table} holdfast_row"
TEXT_HASH = "SELECT count(*), coalesce(sum(hashtextextended(holdfast_row::text, 0)){chosen}, 0)::text FROM ONLY {table} holdfast_row"
CHOSEN_BY_RECORD = " FILTER (WHERE hash_record_extended(ROW({key}), 1) & 15 = 0)"
CHOSEN_BY_TEXT = " FILTER (WHERE hashtextextended(ROW({key})::text, 1) & 15 = 0)"


@dataclasses.dataclass(frozen=True)
class TableMark:
    """One table: `hash` is None where only rows were counted; `method` is count, record or text, with ` sample` where not
    every row was hashed."""

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
    """Tables and sequences by `schema.name`. `large_objects` is their number, `large_objects_hash` None where their content
    was not read."""

    level: str
    tables: dict[str, TableMark]
    sequences: dict[str, SequenceMark]
    large_objects: int
    large_objects_hash: str | None = None

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
            plain.get("large_objects", 0),
            plain.get("large_objects_hash"),
        )


# Of a backup that holds the schema alone: neither rows, nor positions of sequences, nor large objects.
NO_CONTENT = Fingerprint("none", {}, {}, 0)


def pin_settings(connection: Connection[t.Any]) -> None:
    """Make this session's text output independent of server, database and role."""
    for name, value in SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))


def read_sequences(connection: Connection[t.Any], scope: Scope = EVERYTHING) -> dict[str, SequenceMark]:
    """Read before the dump starts: a dump's value is then never smaller."""
    rows = connection.execute(_SEQUENCES).fetchall()
    return {f"{schema}.{name}": SequenceMark(last, step) for schema, name, last, step, table in rows if scope.has_sequence(table)}


def take_fingerprint(
    connection: Connection[t.Any], level: str, sequences: t.Mapping[str, SequenceMark], scope: Scope = EVERYTHING
) -> Fingerprint:
    """Read every table of the scope once, in the connection's open transaction if it has one."""
    listed = connection.execute(_TABLES).fetchall() if level != "none" else []
    chosen = [(schema, name, key) for schema, name, key in listed if scope.has_rows(f"{schema}.{name}")]
    tables = {f"{schema}.{name}": _mark(connection, level, schema, name, key or []) for schema, name, key in chosen}
    if scope.tables:  # pg_dump leaves large objects out then
        return Fingerprint(level, tables, dict(sequences), 0)
    objects = connection.execute(_LARGE_OBJECTS).fetchone()
    return Fingerprint(level, tables, dict(sequences), int(objects[0]) if objects else 0, _large_objects_hash(connection, level))


def _large_objects_hash(connection: Connection[t.Any], level: str) -> str | None:
    if level in ("counts", "none"):
        return None
    allowed = connection.execute(_MAY_READ_LARGE_OBJECTS).fetchone()
    found = connection.execute(_LARGE_OBJECTS_HASH).fetchone() if allowed and allowed[0] else None
    return str(found[0]) if found else None


def _mark(connection: Connection[t.Any], level: str, schema: str, name: str, key: t.Sequence[str]) -> TableMark:
    if level == "counts":
        return TableMark(*_measure(connection, COUNT, schema, name), "count")
    sampled = key if level == "sample" else ()
    end = " sample" if sampled else ""
    try:
        with connection.transaction():
            return TableMark(*_measure(connection, RECORD_HASH, schema, name, CHOSEN_BY_RECORD, sampled), f"record{end}")
    except need("psycopg.errors").UndefinedFunction:
        return TableMark(*_measure(connection, TEXT_HASH, schema, name, CHOSEN_BY_TEXT, sampled), f"text{end}")


def _measure(
    connection: Connection[t.Any], query: str, schema: str, name: str, chosen: str = "", key: t.Sequence[str] = ()
) -> tuple[int, str | None]:
    """Rows and hash; of the rows that `chosen` chooses by the columns of `key`, or of all."""
    sql = need("psycopg.sql")
    columns = sql.SQL(", ").join(sql.Identifier("holdfast_row", column) for column in key)
    condition = sql.SQL(chosen).format(key=columns) if key else sql.SQL("")
    row = connection.execute(sql.SQL(query).format(table=sql.Identifier(schema, name), chosen=condition)).fetchone()
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
    found.append(_compared("large objects", "all", source.large_objects, restored.large_objects))
    if None not in (source.large_objects_hash, restored.large_objects_hash):
        found.append(_compared("large objects", "content", source.large_objects_hash, restored.large_objects_hash))
    return found


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
