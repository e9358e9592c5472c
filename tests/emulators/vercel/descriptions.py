"""Holds the emulator's answers against Vercel's two published API descriptions.

The official one (OpenAPI 3.0) needs tolerances, since it contradicts itself: alternatives that overlap or are empty count as `anyOf`, and
null is allowed where an enumeration is nullable. Since it is the older one, BLOCKED is allowed where the other states are. The one that was
made from Vercel's SDK (OpenAPI 3.1) is taken as it is.
"""

from __future__ import annotations

import json
import re
import typing as t

import jsonschema
from openapi_schema_validator import OAS30Validator

from tests.emulators.vercel.api import plain

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.vercel.call import Answer

OFFICIAL = "vercel-openapi.json"
OF_SDK = "vercel-openapi-sdk-1.28.35.json"
VARIABLE = re.compile(r"\{[^}]+\}")
TELLING = frozenset(("readyState", "readySubstate", "status", "state", "type", "target", "jobStatus", "advancementType", "environment"))
STATES = frozenset(("QUEUED", "BUILDING", "READY", "CANCELED"))
# The two contradict each other about these; the clients expect what the newer one says.
OUTDATED = frozenset((("get", "/aliases/*"),))
REFUSED = 400
# Both are silent about these where everybody gets them; and about the body of any refusal.
UNSAID = frozenset((404, 429))
Schema = dict[str, t.Any]


class Descriptions:
    """Collects answers that differ in shape, and judges them when somebody asks: a full check of one takes up to a tenth of a second."""

    def __init__(self, folder: Path) -> None:
        self._books = [Book(folder / OFFICIAL, relaxed=True), Book(folder / OF_SDK, relaxed=False)]
        self._waiting: list[tuple[str, str, int, t.Any]] = []
        self._known: set[str] = set()

    def saw(self, method: str, pattern: str, answer: Answer) -> None:
        if isinstance(answer.body, bytes):
            return
        signature = f"{pattern} {answer.status} {_shape(answer.body)}"
        if signature not in self._known:
            self._known.add(signature)
            self._waiting.append((method.lower(), pattern.split(" ")[1], answer.status, json.loads(json.dumps(answer.body))))

    def violations(self) -> list[str]:
        waiting, self._waiting = self._waiting, []
        return [told for book in self._books for case in waiting for told in book.judge(*case)]


class Book:
    """One description, by method and path without version."""

    def __init__(self, path: Path, *, relaxed: bool) -> None:
        self.name = path.name
        self._whole: Schema = json.loads(path.read_text(encoding="utf-8"))
        self._relaxed = relaxed
        if relaxed:
            relax(self._whole)
        self._validators: dict[str, t.Any] = {}
        self._operations: dict[tuple[str, str], Schema] = {}
        for template, operations in sorted(self._whole["paths"].items(), key=lambda pair: _version(pair[0])):
            for method, operation in operations.items():
                self._operations[method, VARIABLE.sub("*", plain(template))] = operation

    def judge(self, method: str, pattern: str, status: int, body: t.Any) -> list[str]:
        """One sentence for each violation. What the description does not know of, it says nothing about."""
        operation = self._operations.get((method, pattern))
        if operation is None or (self._relaxed and (method, pattern) in OUTDATED):
            return []
        where = f"{self.name}: {method.upper()} {pattern} {status}"
        described = operation["responses"].get(str(status))
        if described is None:
            return [] if status in UNSAID else [f"{where}: this status is not described"]
        if status >= REFUSED:
            return []
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if schema is None or body is None:
            return [] if body in (None, {}) or schema is not None else [f"{where}: a body is not described"]
        found = self._validator(json.dumps(schema, sort_keys=True)).iter_errors(body)
        return [f"{where}: {_told(error)}" for error in found]

    def _validator(self, schema: str) -> t.Any:
        if schema not in self._validators:
            found = {**json.loads(schema), "components": self._whole.get("components", {})}
            self._validators[schema] = OAS30Validator(found) if self._relaxed else jsonschema.Draft202012Validator(found)
        return self._validators[schema]


def relax(node: t.Any) -> None:
    """Apply the tolerances, in place."""
    if isinstance(node, list):
        for item in node:
            relax(item)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("oneOf"), list):
        node["anyOf"] = node.pop("oneOf")
    if node.get("nullable") is True and isinstance(node.get("enum"), list) and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]
    if STATES.issubset(map(str, node.get("enum") or [])):
        node["enum"] = [*node["enum"], "BLOCKED"]
    for value in node.values():
        relax(value)


def _version(template: str) -> int:
    match = re.match(r"^/v(\d+)/", template)
    return int(match[1]) if match else 0


def _told(error: t.Any) -> str:
    """The innermost reasons of the alternative that came closest."""
    place = "/".join(map(str, error.absolute_path)) or "the answer"
    if error.context:
        deepest = max(error.context, key=lambda inner: (len(inner.absolute_path), inner.validator == "required"))
        return f"{place}: {_told(deepest)}"
    return f"{place}: {error.message[:300]}"


def _shape(body: t.Any) -> str:
    """What a body looks like: its keys, types, and the values of what are enumerations."""
    if isinstance(body, dict):
        inner = ",".join(f"{key}:{value if key in TELLING else _shape(value)}" for key, value in sorted(body.items()))
        return "{" + inner + "}"
    if isinstance(body, list):
        return "[" + ",".join(sorted({_shape(item) for item in body})) + "]"
    return type(body).__name__
