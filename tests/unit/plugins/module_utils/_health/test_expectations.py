from __future__ import annotations

import json
import re
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import Answer
from ansible_collections.holdfast.webops.plugins.module_utils._health.expectations import MISSING, is_version, problems_of, value_at
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web import Location, Request
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web_answer import ExpectedVersion, HttpTarget

HERE = Request(Location("http", "h", 80, "/"))
VERSION = ExpectedVersion("1.1", "json", "version")
DOCUMENT = {"status": "healthy", "checks": {"database": {"status": "down"}}, "items": [{"id": 7}], "ok": True, "none": None}


def answer(status: int = 200, body: bytes = json.dumps(DOCUMENT).encode(), *, complete: bool = True, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, complete)


def test_an_answer_as_expected_has_no_problems() -> None:
    target = HttpTarget(
        HERE,
        expect_body="healthy",
        expect_regex=re.compile(r'"id":\s*\d'),
        expect_json={"status": "healthy", "items.0.id": 7, "ok": True, "none": None},
        expect_headers={"X-Portal-Version": "1.1"},
    )
    assert problems_of(answer(x_portal_version="1.1"), target) == ()


@pytest.mark.parametrize(
    ("given", "expectation", "problem"),
    [
        (answer(503), {}, "answered 503 instead of 200"),
        (answer(500), {"expect_status": (200, 204)}, "answered 500 instead of 200 or 204"),
        (answer(302, location="/login"), {}, "answered 302 (to '/login') instead of 200"),
        (answer(), {"expect_headers": {"X-V": "1"}}, "the answer has no header X-V, wanted '1'"),
        (answer(x_v="2"), {"expect_headers": {"X-V": "1"}}, "the header X-V is '2' instead of '1'"),
        (answer(body=b"no"), {"expect_body": "yes"}, "the body does not contain 'yes'"),
        (answer(body=b"no"), {"expect_regex": re.compile("y.s")}, "the body does not match the regular expression 'y.s'"),
        (answer(body=b"{"), {"expect_json": {"a": 1}}, "the body is not JSON"),
        (answer(body=b"[" * 100_000), {"expect_json": {"a": 1}}, "the body is not JSON"),
        (answer(body=b"\xff\xfe"), {"expect_json": {"a": 1}}, "the body is not JSON"),
        (answer(), {"expect_json": {"checks.database.status": "up"}}, 'the value at checks.database.status is "down" instead of "up"'),
        (answer(), {"expect_json": {"checks.cache": "up"}}, 'the JSON has nothing at checks.cache, wanted "up"'),
        (answer(), {"expect_json": {"items.0.id": "7"}}, 'the value at items.0.id is 7 instead of "7"'),
        (answer(), {"expect_json": {"ok": 1}}, "the value at ok is true instead of 1"),
        (answer(), {"expect_query": {"items[?id > `7`] | length(@)": 1}}, "the query items[?id > `7`] | length(@) gave 0 instead of 1"),
        (answer(), {"expect_query": {"nowhere": 1}}, "the query nowhere gave null instead of 1"),
        (answer(), {"expect_version": VERSION}, "the answer names no version in the json version, wanted 1.1"),
        (answer(body=b'{"version": true}'), {"expect_version": VERSION}, "the answer names no version in the json version, wanted 1.1"),
        (answer(body=b'{"version": 1.2}'), {"expect_version": VERSION}, "the version is 1.2 instead of 1.1"),
        (answer(x_v="2"), {"expect_version": ExpectedVersion("1.1", "header", "X-V")}, "the version is 2 instead of 1.1"),
    ],
)
def test_each_unmet_expectation_is_a_sentence(given: Answer, expectation: dict[str, t.Any], problem: str) -> None:
    assert problems_of(given, HttpTarget(HERE, **expectation)) == (problem,)


def test_all_problems_are_told_not_only_the_first() -> None:
    problems = problems_of(answer(500, b"oops"), HttpTarget(HERE, expect_body="fine", expect_json={"a": 1}))
    assert len(problems) == 3


def test_a_text_missing_in_the_part_that_was_read_is_told_with_that_reservation() -> None:
    assert problems_of(answer(body=b"x" * 10, complete=False), HttpTarget(HERE, expect_body="y"))[-1] == (
        "only the first 10 bytes of the body were looked at"
    )


@pytest.mark.parametrize("path", ["", "status.x", "items.1", "items.-1", "items.x", "checks.", "items." + "9" * 5000])
def test_a_place_that_is_not_there_is_missing_not_an_error(path: str) -> None:
    assert value_at(DOCUMENT, path) is MISSING


def test_a_query_that_the_types_of_the_answer_do_not_suit_is_told() -> None:
    (problem,) = problems_of(answer(), HttpTarget(HERE, expect_query={"length(ok)": 1}))
    assert problem.startswith("the query length(ok) could not be evaluated: In function length()")


def test_a_query_sees_what_a_dotted_path_cannot() -> None:
    query = {"items[*].id": [7], "checks.*.status | contains(@, 'down')": True}
    assert problems_of(answer(), HttpTarget(HERE, expect_query=query)) == ()


@pytest.mark.parametrize(
    ("found", "wanted", "same"),
    [
        ("1.1", "1.1", True),
        ("1.1", "1.1.0", False),
        ("1234567", "1234567890abcdef", True),
        ("1234567890abcdef", "1234567", True),
        ("123456", "1234567890abcdef", False),
        ("1234567x", "1234567", False),
    ],
)
def test_a_short_commit_is_the_same_as_its_long_form(found: str, wanted: str, same: bool) -> None:
    assert is_version(found, wanted) is same
