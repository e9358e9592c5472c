# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges an HTTP answer against what was expected of it. Pure: every function returns sentences, none when all is well."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._health.exchange import Answer
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.web_answer import ExpectedVersion, HttpTarget

SHOWN = 120


def problems_of(answer: Answer, target: HttpTarget) -> tuple[str, ...]:
    """Sentences without a full stop, the most telling first."""
    problems = [
        *_status(answer, target),
        *_headers(answer, target),
        *_body(answer, target),
        *_json(answer, target),
        *_version(answer, target),
    ]
    if problems and target.needs_body and not answer.complete:
        problems.append(f"only the first {len(answer.body)} bytes of the body were looked at")
    return tuple(problems)


def _status(answer: Answer, target: HttpTarget) -> t.Iterator[str]:
    if answer.status not in target.expect_status:
        wanted = " or ".join(str(status) for status in target.expect_status)
        place = f" (to '{answer.headers['location'][:SHOWN]}')" if "location" in answer.headers else ""
        yield f"answered {answer.status}{place} instead of {wanted}"


def _headers(answer: Answer, target: HttpTarget) -> t.Iterator[str]:
    for name, wanted in target.expect_headers.items():
        found = answer.headers.get(name.lower())
        if found is None:
            yield f"the answer has no header {name}, wanted '{wanted}'"
        elif found != wanted:
            yield f"the header {name} is '{found[:SHOWN]}' instead of '{wanted}'"


def _body(answer: Answer, target: HttpTarget) -> t.Iterator[str]:
    if target.expect_body and target.expect_body not in answer.text:
        yield f"the body does not contain '{target.expect_body}'"
    if target.expect_regex and not target.expect_regex.search(answer.text):
        yield f"the body does not match the regular expression '{target.expect_regex.pattern}'"


def _json(answer: Answer, target: HttpTarget) -> t.Iterator[str]:
    if not target.needs_json:
        return
    document = _document(answer)
    if document is MISSING:
        yield "the body is not JSON"
        return
    for path, wanted in target.expect_json.items():
        found = value_at(document, path)
        if found is MISSING:
            yield f"the JSON has nothing at {path}, wanted {_shown(wanted)}"
        elif not _same(found, wanted):
            yield f"the value at {path} is {_shown(found)} instead of {_shown(wanted)}"
    for expression, wanted in target.expect_query.items():
        yield from _query(document, expression, wanted)


def _document(answer: Answer) -> t.Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return MISSING


def _query(document: t.Any, expression: str, wanted: t.Any) -> t.Iterator[str]:
    jmespath = need("jmespath")
    try:
        found = jmespath.search(expression, document)
    except (jmespath.exceptions.JMESPathError, RecursionError) as exc:  # a function that the document's types do not suit
        yield f"the query {expression} could not be evaluated: {' '.join(str(exc).split())[:SHOWN]}"
        return
    if not _same(found, wanted):
        yield f"the query {expression} gave {_shown(found)} instead of {_shown(wanted)}"


def version_in(answer: Answer, expected: ExpectedVersion) -> t.Optional[str]:
    """The version that an answer says it is of, None where it says none."""
    if expected.where == "header":
        return answer.headers.get(expected.place.lower())
    found = value_at(_document(answer), expected.place)
    return str(found) if isinstance(found, (str, int, float)) and not isinstance(found, bool) else None


def _version(answer: Answer, target: HttpTarget) -> t.Iterator[str]:
    expected = target.expect_version
    if expected is None:
        return
    found = version_in(answer, expected)
    if found is None:
        yield f"the answer names no version in the {expected.where} {expected.place}, wanted {expected.wanted}"
    elif not is_version(found, expected.wanted):
        yield f"the version is {found[:SHOWN]} instead of {expected.wanted}"


def is_version(found: str, wanted: str) -> bool:
    """Equal, or the same commit written shorter: at least 7 hexadecimal digits."""
    short, long = sorted((found, wanted), key=len)
    return found == wanted or (bool(re.fullmatch(r"[0-9a-f]{7,40}", short)) and bool(re.fullmatch(short + r"[0-9a-f]*", long)))


class _Missing:
    """Stands for a place that is not there; null is a value."""


MISSING = _Missing()


def value_at(document: t.Any, path: str) -> t.Any:
    """What stands at a dotted path (`checks.database.status`, `items.0.id`), or MISSING."""
    for step in path.split("."):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and re.fullmatch(r"\d{1,9}", step) and int(step) < len(document):
            document = document[int(step)]
        else:
            return MISSING
    return document


def _same(found: t.Any, wanted: t.Any) -> bool:
    """Equality of JSON values: unlike in Python, true is not 1."""
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)


def _shown(value: t.Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)[:SHOWN]
