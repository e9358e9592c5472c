"""A request to the API, once it is known who asks and about which project."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from tests.emulators.supabase.errors import bad_request

if t.TYPE_CHECKING:
    from tests.emulators.http_server import Answer
    from tests.emulators.supabase.project import Project
    from tests.emulators.supabase.world import Token, World

Query = dict[str, list[str]]


@dataclasses.dataclass
class Call:
    """`names` are the variable parts of the path; `body` is what the JSON in it says, None without one."""

    method: str
    path: str
    pattern: str
    names: list[str]
    query: Query
    token: Token
    body: t.Any = None
    found: Project | None = None

    @property
    def project(self) -> Project:
        """The one that the path names."""
        assert self.found is not None, self.pattern
        return self.found

    def word(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[-1]

    def flag(self, name: str) -> bool:
        return self.word(name).lower() in {"1", "true"}


Handler = t.Callable[["World", Call], "Answer"]


def parsed(raw: bytes) -> t.Any:
    """The JSON of a body."""
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except ValueError as exc:
        raise bad_request("Unexpected token in JSON") from exc
