# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to a restored database: is what the business needs in it, and how young is the youngest change?

The inventory asks them: a query with what it must give, or two columns of which one refers to the other.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import decimal
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect

if t.TYPE_CHECKING:
    from psycopg import Connection

VALIDATION_OPTIONS: t.Mapping[str, t.Any] = {
    "name": {"type": "str", "required": True},
    "query": {"type": "str"},
    "expect": {"type": "raw"},
    "at_least": {"type": "float"},
    "at_most": {"type": "float"},
    "child": {"type": "str"},
    "parent": {"type": "str"},
}
EXAM_ARGUMENTS: t.Mapping[str, t.Any] = {
    "validations": {"type": "list", "elements": "dict", "default": [], "options": VALIDATION_OPTIONS},
    "canary": {"type": "str"},
}
CANARY = "canary"
LONGEST_SHOWN = 200
_ORPHANS = "SELECT count(*) FROM {child} c WHERE c.{key} IS NOT NULL AND NOT EXISTS (SELECT FROM {parent} p WHERE p.{parent_key} = c.{key})"


@dataclasses.dataclass(frozen=True)
class Validation:
    """One question. `child` and `parent` are columns ("" where a query is given), such as public.orders.customer."""

    name: str
    query: str
    child: str
    parent: str
    expect: t.Any
    at_least: float | None
    at_most: float | None


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came of a question, as the module returns it. `found` is a text, None where nothing was found."""

    name: str
    passed: bool
    expected: str
    found: str | None
    says: str
    seconds: float


@dataclasses.dataclass(frozen=True)
class Exam:
    """All questions. `canary` is a query that gives the moment of the youngest change, "" where there is none."""

    validations: tuple[Validation, ...]
    canary: str


def read_exam(params: t.Mapping[str, t.Any]) -> Exam:
    """Check the questions; InputError names the one that is wrong."""
    names = [one["name"] for one in params["validations"]]
    for name in names:
        if names.count(name) > 1 or name == CANARY:
            raise InputError(f"validations: '{name}' is the name of two questions.", hint="Give each its own; 'canary' is taken.")
    return Exam(tuple(map(_validation, params["validations"])), params["canary"] or "")


def _validation(raw: t.Mapping[str, t.Any]) -> Validation:
    place, limits = f"validations: {raw['name']}", (raw["expect"], raw["at_least"], raw["at_most"])
    if bool(raw["query"]) == bool(raw["child"] and raw["parent"]) or bool(raw["child"]) != bool(raw["parent"]):
        raise InputError(f"{place}: it needs either a query, or child and parent.", hint="Give one of the two.")
    if raw["query"] and limits == (None, None, None):
        raise InputError(f"{place}: nothing would be wrong with any answer.", hint="Give expect, at_least or at_most.")
    if raw["child"]:
        for column in (raw["child"], raw["parent"]):
            if len(column.split(".")) not in (2, 3) or not all(column.split(".")):
                raise InputError(f"{place}: '{column}' is no column.", hint="Write it as public.orders.customer.")
    expect = 0 if raw["child"] and limits == (None, None, None) else raw["expect"]
    return Validation(raw["name"], raw["query"] or "", raw["child"] or "", raw["parent"] or "", expect, raw["at_least"], raw["at_most"])


def expectation(asked: Validation) -> str:
    """What a person is told that the answer should be."""
    said = [
        f"{word} {value:g}" if isinstance(value, float) else f"{word} {value}".strip()
        for word, value in (("", asked.expect), ("at least", asked.at_least), ("at most", asked.at_most))
        if value is not None
    ]
    return ", ".join(said)


def fits(asked: Validation, found: t.Any) -> bool:
    """Whether an answer is what was expected. Numbers are compared as numbers, everything else as text."""
    number = _number(found)
    if asked.expect is not None and not _equal(found, asked.expect):
        return False
    if asked.at_least is not None and (number is None or number < decimal.Decimal(str(asked.at_least))):
        return False
    return asked.at_most is None or (number is not None and number <= decimal.Decimal(str(asked.at_most)))


def _equal(found: t.Any, expect: t.Any) -> bool:
    if isinstance(found, bool):
        return str(found).lower() == str(expect).lower()
    number, wanted = _number(found), _number(expect)
    if number is not None and wanted is not None:
        return number == wanted
    return found is not None and str(found) == str(expect)


def _number(value: t.Any) -> decimal.Decimal | None:
    if isinstance(value, (bool, datetime.date, type(None))):
        return None
    try:
        number = decimal.Decimal(str(value))
    except decimal.InvalidOperation:
        return None
    return number if number.is_finite() else None


def examine(url: str, exam: Exam, application: str, clock: Clock, deadline: Deadline) -> tuple[list[Answer], str | None]:
    """Ask all questions; answers, and the moment of the youngest change. What cannot be asked has failed."""
    with contextlib.closing(connect(url, application_name=application)) as connection:
        connection.execute("SET default_transaction_read_only = on")
        connection.execute(f"SET statement_timeout = {max(int(deadline.remaining() * 1000), 1)}")
        answers = [_answer(connection, asked, clock) for asked in exam.validations]
        if not exam.canary:
            return answers, None
        answer, moment = _youngest(connection, exam.canary, clock)
        return [*answers, answer], moment


def _answer(connection: Connection[t.Any], asked: Validation, clock: Clock) -> Answer:
    began, expected = clock.monotonic(), expectation(asked)
    try:
        found = _value(connection, _query(asked))
    except WebopsError as exc:
        return Answer(asked.name, False, expected, None, exc.message, round(clock.monotonic() - began, 3))
    passed, shown = fits(asked, found), _shown(found)
    says = f"{shown} as expected ({expected})." if passed else f"{shown} was found, and {expected} was expected."
    return Answer(asked.name, passed, expected, shown, says, round(clock.monotonic() - began, 3))


def _youngest(connection: Connection[t.Any], query: str, clock: Clock) -> tuple[Answer, str | None]:
    began, moment, says = clock.monotonic(), None, ""
    try:
        found = _value(connection, query)
    except WebopsError as exc:
        found, says = None, exc.message
    if isinstance(found, datetime.datetime):
        moment = iso(found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc))
        says = f"The youngest change in it is of {moment}."
    says = says or f"{_shown(found)} was found, which is no moment."
    return Answer(CANARY, moment is not None, "a moment", moment, says, round(clock.monotonic() - began, 3)), moment


def _query(asked: Validation) -> t.Any:
    if asked.query:
        return asked.query
    sql = need("psycopg.sql")
    *table, key = asked.child.split(".")
    *parent, parent_key = asked.parent.split(".")
    names = {"child": table, "key": [key], "parent": parent, "parent_key": [parent_key]}
    return sql.SQL(_ORPHANS).format(**{name: sql.Identifier(*parts) for name, parts in names.items()})


def _value(connection: Connection[t.Any], query: t.Any) -> t.Any:
    """The one value that a query gives; WebopsError when it gives anything else, or cannot be asked."""
    try:
        cursor = connection.execute(query)
        rows = cursor.fetchmany(2) if cursor.description else []
    except need("psycopg").Error as exc:
        raise WebopsError(f"It could not be asked: {' '.join(str(exc).split())}.") from exc
    if len(rows) != 1 or len(rows[0]) != 1:
        said = f"{'more than one row' if len(rows) > 1 else 'one row'} of {len(rows[0])} columns" if rows else "no row"
        raise WebopsError(f"It gave {said}; one row of one column was expected.")
    return rows[0][0]


def _shown(value: t.Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
