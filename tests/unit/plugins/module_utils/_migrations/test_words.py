"""The words of a statement."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Name, Words, identifier


@pytest.mark.parametrize(
    ("word", "name"),
    [("ORDERS", "orders"), ('"Orders"', "Orders"), ('"a""b"', 'a"b'), ("STRAßE", "straße"), ("É", "É"), ("X" * 70, "x" * 63)],
)
def test_an_identifier_is_folded_like_the_server_folds_it(word: str, name: str) -> None:
    assert identifier(word) == name


@pytest.mark.parametrize(
    ("text", "name", "next_word"),
    [
        ("orders add", Name("", "orders"), "ADD"),
        ('only Public . "My Orders" * x', Name("public", "My Orders"), "X"),
        ("only (orders) x", Name("", "orders"), "X"),
        ("shop.public.orders", Name("public", "orders"), ""),
        ("(select 1)", None, "("),
    ],
)
def test_a_name_is_read_with_what_belongs_to_it(text: str, name: Name | None, next_word: str) -> None:
    words = Words.of(text)
    assert words.name() == name
    assert words.next == next_word


def test_quoted_words_are_never_keywords() -> None:
    assert not Words.of('"TABLE" x').accept("TABLE")
    assert Words.of("table x").accept("VIEW", "TABLE") == "TABLE"


def test_parts_are_cut_at_commas_outside_of_parentheses_and_brackets() -> None:
    assert [list(part.rest) for part in Words.of("a numeric(1,2), b int[1,2] , c").parts()] == [
        ["A", "NUMERIC", "(", "1", ",", "2", ")"],
        ["B", "INT", "[", "1", ",", "2", "]"],
        ["C"],
    ]


def test_what_stands_in_parentheses_is_another_matter() -> None:
    words = Words.of("check (a is not null) not valid")
    assert words.holds("NOT VALID")
    assert not words.holds("NOT NULL")
    assert words.holds("CHECK (")
    assert Words.of("f(where) where x").outside() == ["F", "(", "WHERE", "X"]


def test_a_parenthesis_that_never_closes_ends_with_the_statement() -> None:
    words = Words.of("( a b")
    assert list(words.group().rest) == ["A", "B"]
    assert words.next == ""


def test_going_behind_a_word_stops_at_the_end_where_it_is_missing() -> None:
    words = Words.of("a (on) b")
    assert not words.after("ON")
    assert words.next == ""
