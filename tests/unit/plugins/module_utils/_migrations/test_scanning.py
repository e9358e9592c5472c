"""Where statements end: a table of traps, each checked against the splitter of the Supabase CLI 3.1.0."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.scanning import Token, scan, tokens


def split(text: str) -> list[str]:
    return [piece.text for piece in scan(text).pieces]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        (" ;; \n;", []),
        ("select 1;select 2", ["select 1", "select 2"]),
        ("select 1;;;\n", ["select 1"]),
        ("select ';';", ["select ';'"]),
        ("select 'it''s; so';x", ["select 'it''s; so'", "x"]),
        (r"select E'it\'s; so';x", [r"select E'it\'s; so'", "x"]),
        (r"select e'a\\';x", [r"select e'a\\'", "x"]),
        (r"select 'a\';x", [r"select 'a\'", "x"]),
        ("select typE'a\\';x", ["select typE'a\\'", "x"]),
        ("select E'a'\n  'b\\';c';x", ["select E'a'\n  'b\\';c'", "x"]),
        ("select E'a' -- why\n'b\\';c';x", ["select E'a' -- why\n'b\\';c'", "x"]),
        ('select "a;""b";x', ['select "a;""b"', "x"]),
        ("select $$a;b$$;x", ["select $$a;b$$", "x"]),
        ("select $a$ $$ ; $b$ ; $a$;x", ["select $a$ $$ ; $b$ ; $a$", "x"]),
        ("select a$b$;x$b$;", ["select a$b$", "x$b$"]),
        ("select $1;x", ["select $1", "x"]),
        ("-- a;b\nselect 1;", ["-- a;b\nselect 1"]),
        ("-- a;b\rselect 1;x", ["-- a;b\rselect 1", "x"]),
        ("select 1; -- tail", ["select 1", "-- tail"]),
        ("select 1 -- tail;\n;x", ["select 1 -- tail;", "x"]),
        ("/* a; /* b; */ c; */ select 1;x", ["/* a; /* b; */ c; */ select 1", "x"]),
        ("select 1 /*/ ; */;x", ["select 1 /*/ ; */", "x"]),
        ("select 1 - -1 / 2 * 3;x", ["select 1 - -1 / 2 * 3", "x"]),
        (
            "create rule r as on insert to t do also (select 1; select 2);x",
            ["create rule r as on insert to t do also (select 1; select 2)", "x"],
        ),
        ("do also (insert into t values (1); select 2);x", ["do also (insert into t values (1); select 2)", "x"]),
        ("select ')';x", ["select ')'", "x"]),
        ("select f(a), g(), (h(b);c);x", ["select f(a), g(), (h(b);c)", "x"]),
        ("select (a;b;;c) ;;;x", ["select (a;b;;c)", "x"]),
        ("select $a$b$a$$c$;x$c$", ["select $a$b$a$$c$", "x$c$"]),
        ("select E'a'\n\n -- why\n\n 'b\\';c';x", ["select E'a'\n\n -- why\n\n 'b\\';c'", "x"]),
        ("create function f() begin atomic select 1; select 2; end;x", ["create function f() begin atomic select 1; select 2; end", "x"]),
        (
            "create function f() begin atomic select case when a then b end; end;x",
            ["create function f() begin atomic select case when a then b end; end", "x"],
        ),
        ("create function f() BEGIN\n ATOMIC /* a; */ END;x", ["create function f() BEGIN\n ATOMIC /* a; */ END", "x"]),
        ("begin; select atomic; end; x", ["begin", "select atomic", "end", "x"]),
        ("\ufeffselect 1;\r\nselect 2;\r\n", ["select 1", "select 2"]),
        ("select 'é;ü';\u00a0x\u00a0", ["select 'é;ü'", "x"]),
    ],
)
def test_statements_end_where_the_cli_ends_them(text: str, pieces: list[str]) -> None:
    assert split(text) == pieces


@pytest.mark.parametrize(
    ("text", "offset", "what"),
    [
        ("select 'a;b", 7, "quoted string"),
        ("select 'a''", 7, "quoted string"),
        (r"select E'a\'", 7, "quoted string"),
        ('select "a', 7, "quoted identifier"),
        ("select $x$ $$", 7, "dollar-quoted string"),
        ("select /* /* */", 7, "comment"),
    ],
)
def test_what_never_ends_is_found_where_it_begins(text: str, offset: int, what: str) -> None:
    assert scan(text).unclosed == (offset, what)


@pytest.mark.parametrize(("text", "offset"), [("select 1;\n\\d t", 10), (r"select '\d', E'\d', $$\d$$ -- \d", None)])
def test_a_backslash_counts_only_outside_of_quotes(text: str, offset: int | None) -> None:
    assert scan(text).backslash == offset


def test_a_piece_knows_its_place_and_its_words() -> None:
    (piece,) = scan(" ; -- a\n  create /* b */ table t (c text default 'x;y');").pieces
    assert (piece.start, piece.code) == (3, 10)
    assert piece.words.split() == ["create", "table", "t", "(c", "text", "default", "'')"]


def test_a_piece_of_comments_has_no_words() -> None:
    assert [piece.words for piece in scan("select 1; /* a */ -- b").pieces] == ["select 1", ""]


def test_tokens_cover_what_is_quoted() -> None:
    assert list(tokens("a 'b' e'c' -- d")) == [Token("string", 2, 5), Token("escaped", 6, 10), Token("comment", 11, 15)]


def test_parentheses_around_nothing_special_are_one_token() -> None:
    assert [token.kind for token in tokens("numeric(10, 2) default (a || 'b')")] == ["group", "open", "string", "close"]


def test_end_is_a_token_only_beside_an_atomic() -> None:
    assert [token.kind for token in tokens("case when a then b end")] == []
    assert [token.kind for token in tokens("begin atomic end")] == ["atomic", "end"]


PLAIN = st.text(alphabet="abc \n\té1+", min_size=1).filter(lambda text: bool(text.strip()))
QUOTED = st.one_of(
    st.text(alphabet="a;'\n-$").map(lambda text: "'" + text.replace("'", "''") + "'"),
    st.text(alphabet='a;"').map(lambda text: '"' + text.replace('"', '""') + '"'),
    st.text(alphabet="a;'\n-").map(lambda text: f"$tag${text}$tag$"),
    st.text(alphabet="a;' $").map(lambda text: f"/*{text}*/"),
    st.text(alphabet="a;' $").map(lambda text: f"--{text}\n"),
)
STATEMENT = st.tuples(PLAIN, st.lists(st.one_of(QUOTED, PLAIN)), PLAIN).map(lambda parts: " ".join((parts[0], *parts[1], parts[2])).strip())


@given(st.lists(STATEMENT))
def test_joined_statements_are_split_into_themselves(statements: list[str]) -> None:
    assert split(";\n".join(statements)) == statements


@given(st.text(alphabet="aE'\"$;-/*()\\\n beginatomcd"))
def test_whatever_the_text_nothing_is_lost_and_pieces_stay_in_order(text: str) -> None:
    found = scan(text)
    position = 0
    for piece in found.pieces:
        assert text[piece.start : piece.start + len(piece.text)] == piece.text
        assert not text[position : piece.start].strip("; \n")
        position = piece.start + len(piece.text)
    assert not text[position:].strip("; \n")


@pytest.mark.parametrize(
    "unit", ["create table t (a text default 'it''s'); -- c\n", "''", "(", "/* */", "$a$ $a$", "E'a'\n", "begin atomic case end;"]
)
def test_the_work_grows_with_the_text_and_no_faster(unit: str) -> None:
    """Counted in tokens, not in seconds: each token is looked at once, and each ends after it began."""
    few, many = list(tokens(unit * 100)), list(tokens(unit * 1000))
    assert len(many) <= 10 * len(few) + 10
    assert all(token.start < token.end for token in many)
    assert all(first.end <= second.start for first, second in zip(many, many[1:], strict=False))
