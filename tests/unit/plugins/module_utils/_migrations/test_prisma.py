"""The history of Prisma Migrate."""

from __future__ import annotations

import hashlib
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied, State
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.prisma import PrismaHistory, checksum, schema_of

from .fakes import FakeDatabase

HISTORY = PrismaHistory("public")
SUM = checksum(b"select 1;\n")


def reading(rows: list[tuple[t.Any, ...]]) -> State:
    return HISTORY.read(FakeDatabase({"to_regclass": [(True, True)], "rolled_back_at IS NULL": rows}))


def test_without_a_history_an_empty_schema_is_ready_and_another_one_is_not() -> None:
    assert HISTORY.read(FakeDatabase({"to_regclass": [(False, False)]})) == State()
    found = HISTORY.read(FakeDatabase({"to_regclass": [(False, True)]}))
    assert found.obstacle.startswith("The schema public holds tables but no history of Prisma")


def test_finished_rows_are_applied_in_the_order_of_their_names_and_others_failed() -> None:
    database = FakeDatabase(
        {
            "to_regclass": [(True, True)],
            "rolled_back_at IS NULL": [
                ("2_b", SUM, True, "", "T1"),
                ("1_a", SUM, True, "", "T2"),
                ("3_c", SUM, False, "no such\n table\n   0: engine::code", "T3"),
                ("4_d", SUM, False, "", "T4"),
            ],
        }
    )
    state = HISTORY.read(database)
    assert list(state.applied.values()) == [Applied("1_a", "a", SUM, "1_a"), Applied("2_b", "b", SUM, "2_b")]
    assert state.failed == {"3_c": "begun T3: no such table", "4_d": "begun T4; the history does not say what became of it"}
    assert len(database.sent) == 2
    assert HISTORY.repairable(state) == state.failed


def test_of_a_long_failure_the_beginning_is_shown() -> None:
    failed = reading([("1_a", SUM, False, "x" * 10_000, "T")]).failed
    assert len(failed["1_a"]) < 600


@pytest.mark.parametrize("content", [b"select 1;\n", b"select 1;\r\n"])
def test_line_ends_do_not_make_an_edit(content: bytes) -> None:
    assert HISTORY.matches(SUM, content)
    assert HISTORY.matches(checksum(b"select 1;\r\n"), content)
    assert not HISTORY.matches(SUM, content + b" ")


def test_the_checksum_of_an_old_prisma_without_zeros_is_known() -> None:
    content = next(text for text in (b"%d" % number for number in range(100)) if any(byte < 16 for byte in hashlib.sha256(text).digest()))
    old = "".join(f"{byte:x}" for byte in hashlib.sha256(content).digest())
    assert len(old) < 64
    assert HISTORY.matches(old, content)
    assert not HISTORY.matches(old, content + b" ")


def test_names_that_need_quotes_are_quoted_everywhere() -> None:
    history = PrismaHistory("my-shop")
    assert (history.table, history.search_path) == ('"my-shop"._prisma_migrations', '"my-shop"')
    assert history.journal == '"my-shop"._prisma_migrations_journal'
    database = FakeDatabase({"to_regclass": [(True, True)]})
    history.create(database)
    assert [query.partition(" (")[0] for query, _given in database.sent[1:]] == [
        'CREATE SCHEMA "my-shop"',
        'CREATE TABLE "my-shop"._prisma_migrations',
    ]


def test_the_search_path_is_left_alone_in_public() -> None:
    assert HISTORY.search_path is None


@pytest.mark.parametrize(
    ("option", "url", "schema"),
    [
        (None, "postgresql://h/d", "public"),
        (None, "postgresql://h/d?schema=shop&sslmode=disable", "shop"),
        ("other", "postgresql://h/d?schema=shop", "other"),
        (None, None, "public"),
    ],
)
def test_the_schema_is_the_option_or_that_of_the_url(option: str | None, url: str | None, schema: str) -> None:
    assert schema_of({"schema": option, "database_url": url}) == schema


@pytest.mark.parametrize("schema", ['a"b', "a%b", "a;b", "x" * 64])
def test_a_schema_that_cannot_be_is_refused(schema: str) -> None:
    with pytest.raises(InputError, match="is not the name of a schema"):
        schema_of({"schema": schema, "database_url": "postgresql://h/d"})
