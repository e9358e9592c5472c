"""Holds the emulator's answers against the published description of the API (OpenAPI 3.0)."""

from __future__ import annotations

import json
import typing as t

from openapi_schema_validator import OAS30Validator

from tests.emulators.supabase.excerpt import ALIKE, plain

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.http_server import Answer

FILE = "supabase-management-openapi.json"
REFUSED = 400
# The description is silent about these, which everybody gets from every endpoint.
UNSAID = frozenset((400, 402, 404, 405, 409, 429, 500))
Schema = dict[str, t.Any]
Case = tuple[str, int, t.Any]


class Description:
    """Collects answers, and judges them when somebody asks."""

    def __init__(self, folder: Path) -> None:
        self._whole: Schema = json.loads((folder / FILE).read_text(encoding="utf-8"))
        relax(self._whole)
        self._waiting: dict[str, Case] = {}
        self._operations = {
            f"{method.upper()} {plain(template)}": operation
            for template, operations in self._whole["paths"].items()
            for method, operation in operations.items()
        }

    def saw(self, method: str, pattern: str, answer: Answer) -> None:
        text = json.dumps(answer.body, sort_keys=True)
        self._waiting[f"{pattern} {answer.status} {text}"] = (pattern, answer.status, json.loads(text))

    def violations(self) -> list[str]:
        waiting, self._waiting = list(self._waiting.values()), {}
        return sorted({told for case in waiting for told in self.judge(*case)})

    def judge(self, pattern: str, status: int, body: t.Any) -> list[str]:
        """One sentence for each violation. What the description does not know of, it says nothing about."""
        operation = self._operations.get(ALIKE.get(pattern, pattern))
        if operation is None:
            return []
        where = f"{pattern} {status}"
        described = operation["responses"].get(str(status))
        if described is None:
            return [] if status in UNSAID else [f"{where}: this status is not described"]
        if status >= REFUSED:
            return []
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return [] if body in (None, {}) or pattern.endswith("/database/query") else [f"{where}: a body is not described"]
        validator = OAS30Validator({**schema, "components": self._whole.get("components", {})})
        return [f"{where}: {_told(error)}" for error in validator.iter_errors(body)]


def relax(node: t.Any) -> None:
    """Null is allowed where an enumeration is nullable, in place: the description forgets to list it, and the service answers it."""
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        relax(inner)
    if isinstance(node, dict) and node.get("nullable") is True and isinstance(node.get("enum"), list):
        node["enum"] = list(dict.fromkeys([*node["enum"], None]))


def _told(error: t.Any) -> str:
    return f"{'/'.join(map(str, error.absolute_path)) or 'the answer'}: {error.message[:300]}"
