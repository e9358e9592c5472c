from __future__ import annotations

import datetime
import decimal
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.examining import expectation, fits, read_exam
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

NOTHING = {"query": None, "expect": None, "at_least": None, "at_most": None, "child": None, "parent": None}


def exam(*validations: dict[str, t.Any]) -> t.Any:
    return read_exam({"validations": [{**NOTHING, "name": "one", **each} for each in validations], "canary": None})


@pytest.mark.parametrize(
    ("limits", "found", "right"),
    [
        ({"expect": 5}, 5, True),
        ({"expect": "5"}, decimal.Decimal("5.00"), True),
        ({"expect": 0}, 0, True),
        ({"expect": 0}, None, False),
        ({"expect": True}, True, True),
        ({"expect": "true"}, False, False),
        ({"expect": "open"}, "open", True),
        ({"expect": "open"}, "closed", False),
        ({"expect": "None"}, None, False),
        ({"at_least": 3.0}, 3, True),
        ({"at_least": 3.0}, 2.9, False),
        ({"at_least": 3.0}, "many", False),
        ({"at_most": 3.0}, None, False),
        ({"at_most": 3.0}, decimal.Decimal("NaN"), False),
        ({"at_least": 1.0, "at_most": 3.0}, 4, False),
        ({"at_least": 1.0}, True, False),
        ({"at_least": 1.0}, datetime.datetime(2026, 1, 1), False),
    ],
)
def test_an_answer_fits_what_was_expected(limits: dict[str, t.Any], found: t.Any, right: bool) -> None:
    (asked,) = exam({"query": "SELECT 1", **limits}).validations
    assert fits(asked, found) is right


def test_nobody_may_be_an_orphan_unless_a_number_is_allowed() -> None:
    ends = {"child": "orders.customer", "parent": "customers.id"}
    assert expectation(exam(ends).validations[0]) == "0"
    assert expectation(exam({**ends, "at_most": 3.0}).validations[0]) == "at most 3"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "validations: one: it needs either a query, or child and parent."),
        ({"query": "SELECT 1", "expect": 1, "child": "a.b", "parent": "c.d"}, "it needs either a query, or child and parent."),
        ({"query": "SELECT 1", "expect": 1, "child": "a.b"}, "it needs either a query, or child and parent."),
        ({"child": "a.b"}, "it needs either a query, or child and parent."),
        ({"query": "SELECT 1"}, "validations: one: nothing would be wrong with any answer."),
        ({"child": "id", "parent": "a.b"}, "validations: one: 'id' is no column."),
        ({"child": "a..b", "parent": "a.b"}, "'a..b' is no column."),
        ({"name": "canary", "query": "SELECT 1", "expect": 1}, "'canary' is the name of two questions."),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(given: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        exam(given)
    assert said in str(refused.value)
