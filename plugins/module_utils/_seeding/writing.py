# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings the rows into their tables: all of it in one transaction, or nothing."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.documents import Row, Seed
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.refusals import SeedError, refused
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.statements import (
    Group,
    comparing,
    groups_of,
    inserting,
    parameter,
    updating,
)
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.tables import check_seed, read_table

if t.TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Composed

LONGEST_PAUSE = 30.0
Statement = t.Callable[[Group], "Composed"]


class Limits(t.NamedTuple):
    """Times in seconds; a `statement_timeout` of 0 is none. `retries`: how often a run is tried again that met others."""

    lock_timeout: float
    statement_timeout: float
    retries: int


class Written(t.NamedTuple):
    """What became of one seed. `updated`: the rows, each with the columns that were different."""

    seed: Seed
    table: str
    inserted: tuple[Row, ...]
    updated: tuple[tuple[Row, tuple[str, ...]], ...]

    @property
    def unchanged(self) -> int:
        return len(self.seed.rows) - len(self.inserted) - len(self.updated)


def write(
    connection: Connection[t.Any], seeds: t.Sequence[Seed], *, schema: str | None, limits: Limits, keep: bool, clock: Clock
) -> list[Written]:
    """Write the seeds in their order. Without `keep` the same happens, and is rolled back at the end."""
    for number in range(limits.retries + 1):
        try:
            return _once(connection, seeds, schema, limits, keep=keep)
        except SeedError as exc:
            if not exc.is_passing or number == limits.retries:
                raise
        clock.sleep(min(2.0**number, LONGEST_PAUSE))
    raise AssertionError  # the last round returns or raises


def _once(connection: Connection[t.Any], seeds: t.Sequence[Seed], schema: str | None, limits: Limits, *, keep: bool) -> list[Written]:
    # What was compared is what is written: who changes a row in between makes this an error of the isolation level.
    connection.isolation_level = need("psycopg").IsolationLevel.REPEATABLE_READ
    with _in_words_at_the_end(seeds), connection.transaction(force_rollback=not keep):
        _set(connection, "lock_timeout", limits.lock_timeout)
        _set(connection, "statement_timeout", limits.statement_timeout)
        written = [_seed(connection, seed, schema) for seed in seeds]
        # What a constraint has put off is checked also where nothing is kept.
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return written


def _set(connection: Connection[t.Any], setting: str, seconds: float) -> None:
    connection.execute("SELECT pg_catalog.set_config(%s, %s, true)", (setting, str(round(seconds * 1000))))


@contextlib.contextmanager
def _in_words_at_the_end(seeds: t.Sequence[Seed]) -> t.Iterator[None]:
    try:
        yield
    except need("psycopg").Error as exc:
        raise refused(exc, _whose(exc.diag.table_name, seeds)) from None


def _whose(table: str | None, seeds: t.Sequence[Seed]) -> Seed:
    """The rows that an error at the end is about. Where nobody knows, secret ones, because those say less."""
    named = [seed for seed in seeds if seed.table.rpartition(".")[2] == table]
    return (named or [seed for seed in seeds if seed.is_secret] or list(seeds))[0]


def _seed(connection: Connection[t.Any], seed: Seed, schema: str | None) -> Written:
    with _in_words(seed):
        table = read_table(connection, seed, schema)
    check_seed(seed, table)
    inserted: list[Row] = []
    updated: list[tuple[Row, tuple[str, ...]]] = []
    for group in groups_of(seed, table):
        new, different = _compare(connection, group)
        _write(connection, group._replace(rows=tuple(new)), inserting)
        _write(connection, group._replace(rows=tuple(row for row, _columns in different)), updating)
        inserted += new
        updated += different
    return Written(seed, f"{table.schema}.{table.name}", tuple(inserted), tuple(updated))


def _compare(connection: Connection[t.Any], group: Group) -> tuple[list[Row], list[tuple[Row, tuple[str, ...]]]]:
    """The rows that the table lacks, and those that it has otherwise, where they may be changed."""
    found = _executed(connection, group, comparing).fetchall()
    new = [group.rows[number - 1] for number, is_there, _columns in found if not is_there]
    different = [(group.rows[number - 1], tuple(columns)) for number, is_there, columns in found if is_there and columns]
    return new, different if group.seed.update else []


def _write(connection: Connection[t.Any], group: Group, statement: Statement) -> None:
    if not group.rows:
        return
    count = _executed(connection, group, statement).rowcount
    if count != len(group.rows):
        raise WebopsError(
            f"{group.seed.place()}: of {len(group.rows)} rows PostgreSQL wrote {count}. No row was changed.",
            hint="Either two rows have the same key once the server has read them, or a trigger or a policy of the table keeps rows out.",
        )


def _executed(connection: Connection[t.Any], group: Group, statement: Statement) -> t.Any:
    """Run a statement about all rows of a group. When it is refused, look for the row."""
    try:
        return _tried(connection, group, statement)
    except need("psycopg").Error as exc:
        error = refused(exc, group.seed)
    if connection.closed or error.is_passing:
        raise error
    raise _blamed(connection, group, statement, error)


def _tried(connection: Connection[t.Any], group: Group, statement: Statement) -> t.Any:
    """In a savepoint, so that the transaction can be used when it is refused."""
    with connection.transaction():
        return connection.execute(statement(group), parameter(group.rows))


def _blamed(connection: Connection[t.Any], group: Group, statement: Statement, error: SeedError) -> SeedError:
    """The same error with its row: the first one with which the rows before it are refused. Halves what is left to try."""
    rows = group.rows
    while len(rows) > 1:
        half = rows[: len(rows) // 2]
        rows = half if _refusal(connection, group._replace(rows=half), statement) else rows[len(half) :]
    found = _refusal(connection, group._replace(rows=rows), statement)
    return found if found and found.signature == error.signature else error


def _refusal(connection: Connection[t.Any], group: Group, statement: Statement) -> SeedError | None:
    """What is said of these rows; of the first of them, as far as anybody can tell."""
    try:
        _tried(connection, group, statement)
    except need("psycopg").Error as exc:
        return refused(exc, group.seed, group.rows[0])
    return None


@contextlib.contextmanager
def _in_words(seed: Seed) -> t.Iterator[None]:
    try:
        yield
    except need("psycopg").Error as exc:
        raise refused(exc, seed) from None
