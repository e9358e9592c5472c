"""Which changes of a column rewrite its table, and what a CHECK proves."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.column_types import (
    called_functions,
    default_of,
    keeps_from_null,
    rewrites,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Words

SAFE = [
    ("character varying(20)", "varchar(20)"),
    ("character varying(20)", "varchar(21)"),
    ("character varying(20)", "character varying"),
    ("character varying", "text"),
    ("text", "varchar"),
    ("numeric(8,2)", "numeric(9,2)"),
    ("numeric(8,2)", "numeric"),
    ("numeric(8,0)", "decimal(9)"),
    ("timestamp(3) without time zone", "timestamp(6)"),
    ("timestamp with time zone", "timestamptz"),
    ("bit varying(3)", "varbit(5)"),
    ("cidr", "inet"),
    ("integer", "int4"),
]
REWRITING = [
    ("character varying(20)", "varchar(19)"),
    ("character varying", "varchar(20)"),
    ("text", "varchar(20)"),
    ("character(5)", "text"),
    ("integer", "bigint"),
    ("numeric(8,2)", "numeric(8,3)"),
    ("numeric(8,2)", "numeric(7,2)"),
    ("numeric", "numeric(8,2)"),
    ("timestamp without time zone", "timestamptz"),
    ("timestamp(6) without time zone", "timestamp(3)"),
    ("text", "jsonb"),
    ("inet", "cidr"),
    ("integer[]", "bigint[]"),
]


@pytest.mark.parametrize(("old", "new"), SAFE)
def test_a_wider_type_keeps_the_table(old: str, new: str) -> None:
    assert not rewrites(old, Words.of(new).rest, "c")
    assert not rewrites(old, Words.of(f"{new} using c::{new}").rest, "c")


@pytest.mark.parametrize(("old", "new"), REWRITING)
def test_any_other_change_of_type_rewrites_it(old: str, new: str) -> None:
    assert rewrites(old, Words.of(new).rest, "c")


def test_an_expression_or_a_collation_rewrites() -> None:
    assert rewrites("text", Words.of("text using upper(c)").rest, "c")
    assert rewrites("text", Words.of('text collate "C"').rest, "c")
    assert rewrites("text", Words.of("text using d::text").rest, "c")


@pytest.mark.parametrize(
    ("definition", "functions"),
    [
        ("uuid default gen_random_uuid() not null", ["gen_random_uuid"]),
        ("int not null default (1 + Public.\"Next\"('a'))", ["Next"]),
        ("numeric default 1::numeric(8, 2)", []),
        ("text default coalesce(lower('A'), '') check (f(x))", ["lower"]),
        ("text check (length(x) > 1)", []),
    ],
)
def test_the_functions_of_a_default_are_found(definition: str, functions: list[str]) -> None:
    assert called_functions(default_of(Words.of(definition).rest)) == functions


@pytest.mark.parametrize(
    ("check", "proves"),
    [
        ("CHECK ((note IS NOT NULL))", True),
        ("( note is not null )", True),
        ("CHECK (((id > 0) AND (note IS NOT NULL)))", True),
        ("CHECK ((id IS NOT NULL))", False),
        ("CHECK (((note IS NOT NULL) OR (id > 0)))", False),
        ("CHECK ((NOT (note IS NOT NULL)))", False),
        ("CHECK ((note <> ''::text))", False),
    ],
)
def test_a_check_proves_that_a_column_is_never_null(check: str, proves: bool) -> None:
    assert keeps_from_null(check, "note") is proves
