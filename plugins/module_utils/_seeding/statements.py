# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statements that bring rows into a table. Values travel as one JSON parameter, and the server converts them itself. Pure.

Rows are compared by their stored images: that works for every type, also for those without an equality (json, xml, point).
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.documents import Row, Seed
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.tables import Table

if t.TYPE_CHECKING:
    from psycopg.sql import Composable, Composed


class Group(t.NamedTuple):
    """Rows that name the same columns, in the order of the table. What a row does not name is left alone, or gets its default."""

    seed: Seed
    table: Table
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def others(self) -> tuple[str, ...]:
        """The columns beside the key."""
        return tuple(column for column in self.columns if column not in self.seed.key)


def groups_of(seed: Seed, table: Table) -> list[Group]:
    """The rows by the columns that they name, in the order of their first rows."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in seed.rows:
        found.setdefault(tuple(column for column in table.types if column in row.values), []).append(row)
    return [Group(seed, table, columns, tuple(rows)) for columns, rows in found.items()]


def parameter(rows: t.Sequence[Row]) -> dict[str, str]:
    return {"rows": f"[{','.join(row.text for row in rows)}]"}


def comparing(group: Group) -> Composed:
    """For every row: its place in the parameter from 1, whether the table has it, and the columns that are different there."""
    sql = need("psycopg.sql")
    different = [sql.SQL("CASE WHEN {} THEN {} END").format(_differ([column]), _sent(sql.Literal(column))) for column in group.others]
    return t.cast(
        "Composed",
        sql.SQL(
            "SELECT element.number, present.{first} IS NOT NULL, pg_catalog.array_remove(ARRAY[{different}]::text[], NULL) "
            "FROM {source} LEFT JOIN {table} AS present ON {same} ORDER BY element.number"
        ).format(
            first=_quoted(group.seed.key[0]),
            different=sql.SQL(", ").join(different),
            source=_source(group),
            table=_name(group),
            same=_same(group),
        ),
    )


def inserting(group: Group) -> Composed:
    """Adds rows. One that somebody else has added meanwhile is an error of the isolation level, to be tried again."""
    sql = need("psycopg.sql")
    return t.cast(
        "Composed",
        sql.SQL(
            "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {source} ORDER BY element.number "
            "ON CONFLICT ({key}) DO NOTHING"
        ).format(
            table=_name(group),
            columns=sql.SQL(", ").join(map(_quoted, group.columns)),
            values=sql.SQL(", ").join(_quoted("seed", column) for column in group.columns),
            source=_source(group),
            key=sql.SQL(", ").join(map(_quoted, group.seed.key)),
        ),
    )


def updating(group: Group) -> Composed:
    """Changes rows that are there; one that is as wanted is not written again."""
    sql = need("psycopg.sql")
    wanted = [sql.SQL("{} = {}").format(_quoted(column), _quoted("seed", column)) for column in group.others]
    return t.cast(
        "Composed",
        sql.SQL("UPDATE {table} AS present SET {wanted} FROM {source} WHERE {same} AND {differ}").format(
            table=_name(group), wanted=sql.SQL(", ").join(wanted), source=_source(group), same=_same(group), differ=_differ(group.others)
        ),
    )


def _quoted(*names: str) -> Composed:
    return _sent(need("psycopg.sql").Identifier(*names))


def _sent(part: Composable) -> Composed:
    """A part of a statement that has parameters: there a percent sign, in names too, is written twice."""
    return t.cast("Composed", need("psycopg.sql").SQL(part.as_string(None).replace("%", "%%")))


def _name(group: Group) -> Composed:
    return _quoted(group.table.schema, group.table.name)


def _source(group: Group) -> Composed:
    """The rows in the types of the table. A type is SQL from the catalogue, which quotes what needs it."""
    sql = need("psycopg.sql")
    typed = [sql.SQL("{} {}").format(_quoted(column), _sent(sql.SQL(group.table.types[column]))) for column in group.columns]
    return t.cast(
        "Composed",
        sql.SQL(
            "pg_catalog.json_array_elements(%(rows)s::json) WITH ORDINALITY AS element(value, number), "
            "LATERAL pg_catalog.json_to_record(element.value) AS seed({})"
        ).format(sql.SQL(", ").join(typed)),
    )


def _same(group: Group) -> Composed:
    sql = need("psycopg.sql")
    pairs = [sql.SQL("{} = {}").format(_quoted("present", column), _quoted("seed", column)) for column in group.seed.key]
    return t.cast("Composed", sql.SQL(" AND ").join(pairs))


def _differ(columns: t.Sequence[str]) -> Composed:
    sql = need("psycopg.sql")

    def row(where: str) -> t.Any:
        return sql.SQL(", ").join(_quoted(where, column) for column in columns)

    return t.cast("Composed", sql.SQL("pg_catalog.record_image_ne(ROW({}), ROW({}))").format(row("present"), row("seed")))
