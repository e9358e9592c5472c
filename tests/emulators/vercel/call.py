"""A request to the API, once it is known who asks and for which team, and what is answered."""

from __future__ import annotations

import dataclasses
import json
import typing as t

from tests.emulators.vercel.errors import bad_request

if t.TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.emulators.vercel.records import Team, Token
    from tests.emulators.vercel.storage import Body
    from tests.emulators.vercel.world import World


@dataclasses.dataclass
class Call:
    """`path` is without version and without the legacy `/now`; `names` are its variable parts."""

    method: str
    path: str
    names: list[str]
    query: dict[str, str]
    headers: dict[str, str]
    body: Body
    token: Token
    team: Team

    def given(self) -> dict[str, t.Any]:
        """The JSON object in the body; none at all counts as empty."""
        found = self.json()
        if not isinstance(found, dict):
            raise bad_request("Invalid request: should be object.")
        return found

    def json(self) -> t.Any:
        raw = self.body.read()
        try:
            return json.loads(raw) if raw.strip() else {}
        except ValueError as exc:
            raise bad_request("Invalid JSON", code="invalid_json") from exc

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.query.get(name) or default)
        except ValueError as exc:
            raise bad_request(f"Invalid request: `{name}` should be number.") from exc


@dataclasses.dataclass
class Answer:
    """`body`: what becomes JSON, or bytes, or lines that come while they happen; None is no body at all. `seconds`: it comes so late."""

    status: int = 200
    body: t.Any = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    lines: AsyncIterator[bytes] | None = None
    seconds: float = 0.0


Handler = t.Callable[["World", Call], Answer]
