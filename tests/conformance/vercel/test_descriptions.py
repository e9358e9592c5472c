"""What holds the answers against the published descriptions of the API can tell right from wrong."""

from __future__ import annotations

import json
import typing as t

import pytest

from tests.emulators.vercel.call import Answer
from tests.emulators.vercel.descriptions import OF_SDK, OFFICIAL, Descriptions

if t.TYPE_CHECKING:
    from pathlib import Path

STATES: t.Final = ["QUEUED", "BUILDING", "READY", "CANCELED"]


def described(schema: dict[str, t.Any]) -> dict[str, t.Any]:
    answers = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}, "400": {"description": ""}}
    return {"paths": {"/v2/things/{id}": {"get": {"responses": answers}}}}


@pytest.fixture
def witness(tmp_path: Path) -> Descriptions:
    state = {"type": "string", "nullable": True, "enum": STATES}
    old = {"oneOf": [{"type": "object", "required": ["id"], "properties": {"state": state}}, {"type": "object"}]}
    new = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "state": {"enum": [*STATES, "BLOCKED", None]}}}
    (tmp_path / OFFICIAL).write_text(json.dumps(described(old)), encoding="utf-8")
    (tmp_path / OF_SDK).write_text(json.dumps(described(new)), encoding="utf-8")
    return Descriptions(tmp_path)


@pytest.mark.parametrize("body", [{"id": "1"}, {"id": "1", "state": "BLOCKED"}, {"id": "1", "state": None}])
def test_what_fits_is_fine(witness: Descriptions, body: dict[str, t.Any]) -> None:
    witness.saw("GET", "GET /things/*", Answer(200, body))
    assert witness.violations() == []


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, {}, "'id' is a required property"),
        (200, {"id": 1}, "1 is not of type 'string'"),
        (200, {"id": "1", "state": "SLEEPING"}, "'SLEEPING' is not one of"),
        (409, {}, "this status is not described"),
    ],
)
def test_what_does_not_fit_is_told_once(witness: Descriptions, status: int, body: dict[str, t.Any], told: str) -> None:
    for _time in range(2):
        witness.saw("GET", "GET /things/*", Answer(status, body))
    assert any(told in violation for violation in witness.violations())
    assert witness.violations() == []
