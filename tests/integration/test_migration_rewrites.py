"""What the lint says of a column, against what a real server does: a rewritten table gets a new file."""

from __future__ import annotations

import typing as t

import psycopg
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.catalog import Details, Surroundings
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.column_types import (
    called_functions,
    default_of,
    fills_every_row,
    keeps_from_null,
    rewrites,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.tables import Tables
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Words

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.embedded.postgres import EmbeddedPostgres

TYPES = [
    ("varchar(20)", "varchar(40)"),
    ("varchar(20)", "varchar(10)"),
    ("varchar(20)", "varchar"),
    ("varchar(20)", "text"),
    ("text", "varchar"),
    ("text", "varchar(20)"),
    ("char(5)", "text"),
    ("char(5)", "char(6)"),
    ("integer", "bigint"),
    ("integer", "int4"),
    ("numeric(8,2)", "numeric(10,2)"),
    ("numeric(8,2)", "numeric"),
    ("numeric(8,2)", "numeric(8,3)"),
    ("numeric(8,2)", "numeric(6,2)"),
    ("numeric", "numeric(8,2)"),
    ("timestamp(3)", "timestamp"),
    ("timestamp(6)", "timestamp(3)"),
    ("timestamptz(0)", "timestamptz(3)"),
    ("time(1)", "time(2)"),
    ("interval(2)", "interval(3)"),
    ("varbit(3)", "varbit(5)"),
    ("varbit(5)", "varbit(3)"),
    ("bit(3)", "bit(5)"),
    ("cidr", "inet"),
    ("inet", "cidr"),
    ("integer[]", "bigint[]"),
    ("varchar(20)", "text using c::text"),
    ("varchar(20)", "text using lower(c)"),
]
COLUMNS = [
    "a text",
    "a text default 'x'",
    "a int not null default 1 + 2",
    "a timestamptz not null default now()",
    "a timestamptz default clock_timestamp()",
    "a uuid default gen_random_uuid()",
    "a float default random()",
    "a numeric default 0::numeric(8, 2)",
    "a text default lower('X')",
    "a bigserial",
    "a int generated always as identity",
    "a int generated always as (id * 2) stored",
]


@pytest.fixture(scope="module")
def connection(postgres_server: EmbeddedPostgres) -> Iterator[psycopg.Connection[t.Any]]:
    with psycopg.connect(postgres_server.admin_url) as made:
        yield made
        made.rollback()


@pytest.fixture
def rewritten(connection: psycopg.Connection[t.Any]) -> Iterator[t.Callable[[str, str], bool]]:
    """Whether a change gives a table of one row a new file."""

    def change(columns: str, alteration: str) -> bool:
        connection.execute(f"CREATE TABLE probe ({columns})".encode())
        connection.execute("INSERT INTO probe DEFAULT VALUES")
        files = []
        for statement in ("SELECT", f"ALTER TABLE probe {alteration}"):
            connection.execute(statement.encode())
            files.append(connection.execute("SELECT pg_relation_filenode('probe')").fetchone())
        return files[0] != files[1]

    yield change
    connection.rollback()


@pytest.mark.parametrize(("old", "new"), TYPES)
def test_a_change_of_type_rewrites_what_the_lint_says(
    connection: psycopg.Connection[t.Any], rewritten: t.Callable[[str, str], bool], old: str, new: str
) -> None:
    really = rewritten(f"c {old}", f"ALTER COLUMN c TYPE {new}")
    connection.rollback()
    connection.execute(f"CREATE TABLE probe (c {old})".encode())
    shown = connection.execute(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'probe'::regclass AND attname = 'c'"
    ).fetchall()
    assert rewrites(shown[0][0], Words.of(new).rest, "c") == really


@pytest.mark.parametrize("definition", COLUMNS)
def test_a_new_column_rewrites_what_the_lint_says(
    connection: psycopg.Connection[t.Any], rewritten: t.Callable[[str, str], bool], definition: str
) -> None:
    words = Words.of(definition)
    words.skip()
    functions = called_functions(default_of(words.rest))
    volatile = connection.execute(
        "SELECT proname, bool_or(provolatile = 'v') FROM pg_proc WHERE proname = ANY(%s) GROUP BY 1", (functions,)
    )
    tables = Tables(Surroundings(), (), Details(volatile=dict(volatile.fetchall())))
    said = fills_every_row(words.rest) or any(map(tables.is_volatile, functions))
    assert said == rewritten("id int", f"ADD COLUMN {definition}")


@pytest.mark.parametrize(
    "condition",
    ["a IS NOT NULL", "a IS NOT NULL AND b > 0", "b > 0 AND a IS NOT NULL", "a IS NOT NULL OR b > 0", "a > 0", "NOT (a IS NULL)"],
)
def test_a_check_spares_the_look_at_every_row_where_the_lint_says_so(connection: psycopg.Connection[t.Any], condition: str) -> None:
    notices: list[str] = []
    connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    connection.execute(f"CREATE TABLE probe (a int, b int, CONSTRAINT proof CHECK ({condition}))".encode())
    text = connection.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'proof'").fetchall()[0][0]
    connection.execute("SET LOCAL client_min_messages = debug1")
    connection.execute("ALTER TABLE probe ALTER a SET NOT NULL")
    connection.rollback()
    proved = any("sufficient to prove" in notice for notice in notices)
    assert keeps_from_null(text, "a") <= proved
