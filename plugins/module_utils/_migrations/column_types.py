# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Columns as DDL describes them: what their default calls, what they make PostgreSQL do, and which changes of type rewrite a table."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Words, identifier

_SERIALS = ("SERIAL", "SERIAL2", "SERIAL4", "SERIAL8", "BIGSERIAL", "SMALLSERIAL")
# Where the DEFAULT of a column ends.
_NEXT_CLAUSE = ("NOT", "NULL", "CHECK", "UNIQUE", "PRIMARY", "REFERENCES", "CONSTRAINT", "GENERATED", "COLLATE", "DEFERRABLE", "INITIALLY")
# These stand before a parenthesis and call nothing that could be volatile.
_SYNTAX = (
    *("COALESCE", "NULLIF", "GREATEST", "LEAST", "CAST", "ROW", "ARRAY", "AND", "OR", "NOT", "IN", "EXTRACT"),
    *("CURRENT_TIMESTAMP", "CURRENT_TIME", "LOCALTIMESTAMP", "LOCALTIME"),
)
_WORD = re.compile(r'"(?:[^"]|"")*"|[^\W\d]\w*')


def default_of(definition: t.Sequence[str]) -> tuple[str, ...]:
    """The words of the DEFAULT in a column's definition; empty without one."""
    words = Words(definition)
    if not words.after("DEFAULT"):
        return ()
    found: list[str] = []
    depth = 0
    for word in words.rest:
        if depth == 0 and found and word in _NEXT_CLAUSE:
            break
        depth += {"(": 1, ")": -1}.get(word, 0)
        found.append(word)
    return tuple(found)


def called_functions(expression: t.Sequence[str]) -> list[str]:
    """The bare names of the functions that an expression calls."""
    return [
        identifier(word)
        for position, word in enumerate(expression[:-1])
        if expression[position + 1] == "("
        and _WORD.fullmatch(word)
        and word not in _SYNTAX
        and (position == 0 or expression[position - 1] not in ("::", "AS"))
    ]


def fills_every_row(definition: t.Sequence[str]) -> bool:
    """Whether every row gets a value of its own: serial, identity, stored generated."""
    words = Words(definition)
    return definition[:1] != () and (definition[0] in _SERIALS or words.holds("AS IDENTITY") or words.holds("STORED"))


def needs_a_value(definition: t.Sequence[str]) -> bool:
    """Whether the column is NOT NULL and nothing says what rows that are there get."""
    words = Words(definition)
    not_null = words.holds("NOT NULL") or words.holds("PRIMARY KEY")
    return not_null and not default_of(definition) and not words.holds("GENERATED") and not fills_every_row(definition)


class Type(t.NamedTuple):
    """A type with its modifiers, such as numeric (10, 2)."""

    name: str
    modifiers: tuple[int, ...] = ()


_ALIASES = {
    "CHARACTER VARYING": "VARCHAR",
    "CHAR VARYING": "VARCHAR",
    "CHARACTER": "CHAR",
    "BPCHAR": "CHAR",
    "DECIMAL": "NUMERIC",
    "DEC": "NUMERIC",
    "BIT VARYING": "VARBIT",
    "INT": "INTEGER",
    "INT4": "INTEGER",
    "INT8": "BIGINT",
    "INT2": "SMALLINT",
    "FLOAT8": "DOUBLE PRECISION",
    "FLOAT4": "REAL",
    "BOOL": "BOOLEAN",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    "TIME WITH TIME ZONE": "TIMETZ",
    "TIME WITHOUT TIME ZONE": "TIME",
}
# With one modifier that limits length or precision; without it there is no limit.
_LIMITED = ("VARCHAR", "VARBIT", "TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ", "INTERVAL")


def read_type(words: Words) -> Type:
    """A type as SQL or format_type() writes it, up to its USING or COLLATE."""
    name: list[str] = []
    modifiers: tuple[int, ...] = ()
    while words.next and words.next not in ("USING", "COLLATE"):
        if words.next == "(":
            modifiers = tuple(int(word) for word in words.group().rest if word.isdigit())
        else:
            name.append(words.skip())
    plain = " ".join(name).replace("PG_CATALOG . ", "")
    return Type(_ALIASES.get(plain, plain), modifiers)


def rewrites(old: str, definition: t.Sequence[str], column: str) -> bool:
    """Whether ALTER COLUMN TYPE with this definition writes the table anew (or its indexes), by what is known of both types."""
    words = Words(definition)
    before, after = read_type(Words.of(old)), read_type(words)
    if words.accept("COLLATE"):
        return True
    if words.accept("USING"):
        cast = [identifier(words.skip()), words.skip()]
        if cast != [column, "::"] or read_type(words) != after:
            return True
    return not _fits(before, after)


def _fits(old: Type, new: Type) -> bool:
    """Whether every value of the old type is one of the new type, bit by bit."""
    if old == new or (old.name, new.name) in (("VARCHAR", "TEXT"), ("CIDR", "INET")):
        return True
    if old.name == "TEXT":
        return new == Type("VARCHAR")
    if old.name != new.name:
        return False
    if old.name == "NUMERIC":
        return not new.modifiers or (bool(old.modifiers) and _scale(old) == _scale(new) and old.modifiers[0] <= new.modifiers[0])
    return old.name in _LIMITED and (not new.modifiers or (bool(old.modifiers) and old.modifiers <= new.modifiers))


def _scale(numeric: Type) -> int:
    return numeric.modifiers[1] if len(numeric.modifiers) > 1 else 0


def keeps_from_null(check: str, column: str) -> bool:
    """Whether a CHECK says nothing else than that columns, this one among them, are not null (with AND, never with OR)."""
    words = [word for word in Words.of(check).rest if word not in ("(", ")", "CHECK")]
    if "OR" in words or "CASE" in words or "NOT" in words[:1]:
        return False
    for start in range(len(words) - 3):
        first = start == 0 or words[start - 1] == "AND"
        if first and words[start + 1 : start + 4] == ["IS", "NOT", "NULL"] and identifier(words[start]) == column:
            return True
    return False
