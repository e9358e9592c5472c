"""Which bodies the API takes, as an excerpt of its published description: so that nobody needs the description to rehearse.

`python -m tests.emulators.supabase.excerpt supabase-management-openapi.json` writes `bodies.json` anew.
"""

from __future__ import annotations

import functools
import json
import sys
import typing as t
from pathlib import Path

import jsonschema

from tests.emulators.supabase.errors import bad_request

if t.TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, t.Any]
FILE = Path(__file__).with_name("bodies.json")
SILENT = frozenset(("description", "example", "title", "format", "deprecated", "x-oai-meta"))
PREFIX = "/v1"
# Newer than the description, and of the same shape as what is in it.
ALIKE: t.Final = {"PATCH /projects/*/config/database/postgres": "PUT /projects/*/config/database/postgres"}


def excerpt(whole: Schema, patterns: Iterable[str]) -> dict[str, Schema]:
    """The schema of the body for each route `METHOD /path/with/*` that has one."""
    found: dict[str, Schema] = {}
    for template, operations in whole["paths"].items():
        for method, operation in operations.items():
            pattern = f"{method.upper()} {plain(template)}"
            content = operation.get("requestBody", {}).get("content", {}) if pattern in patterns else {}
            if "application/json" in content:
                found[pattern] = _resolved(content["application/json"]["schema"], whole)
    return dict(sorted(found.items()))


def plain(template: str) -> str:
    """`/v1/projects/{ref}/secrets` as routes have it: `/projects/*/secrets`."""
    parts = template.removeprefix(PREFIX).split("/")
    return "/".join("*" if part.startswith("{") else part for part in parts)


def _resolved(node: t.Any, whole: Schema) -> t.Any:
    """Without references and words; what OpenAPI 3.0 calls nullable as JSON Schema has it."""
    if isinstance(node, list):
        return [_resolved(item, whole) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _resolved(whole["components"]["schemas"][node["$ref"].rsplit("/", 1)[1]], whole)
    made = {name: _resolved(value, whole) for name, value in node.items() if name not in SILENT or isinstance(value, dict)}
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made


@functools.cache
def bodies() -> dict[str, Schema]:
    """The excerpt of the repository."""
    found: dict[str, Schema] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def check(pattern: str, body: t.Any) -> None:
    """ApiError 400 that names what is wrong with a request's body, as the service does; a route without a body takes anything."""
    schema = bodies().get(ALIKE.get(pattern, pattern))
    if schema is None:
        return
    error = jsonschema.exceptions.best_match(jsonschema.Draft4Validator(schema).iter_errors({} if body is None else body))
    if error is not None:
        place = ".".join(map(str, error.absolute_path))
        raise bad_request(f"{place}: {error.message}" if place else error.message)


def main() -> None:
    from tests.emulators.supabase.api import ROUTES

    whole = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    rows = [f"{json.dumps(pattern)}: {json.dumps(schema)}" for pattern, schema in excerpt(whole, ROUTES).items()]
    FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
