"""A database that does what it is told."""

from __future__ import annotations

import typing as t


class FakeDatabase:
    """Answers queries by the first known fragment that they hold; remembers what was sent."""

    def __init__(self, answers: t.Mapping[str, t.Any] | None = None) -> None:
        self.answers = dict(answers or {})
        self.sent: list[tuple[str, tuple[t.Any, ...] | None]] = []

    def rows(self, query: str, parameters: t.Sequence[t.Any] | None = None) -> list[tuple[t.Any, ...]]:
        self.sent.append((" ".join(query.split()), tuple(parameters) if parameters is not None else None))
        for fragment, answer in self.answers.items():
            if fragment in query:
                found = answer(parameters) if callable(answer) else answer
                return list(found)
        return []


class FakeSession(FakeDatabase):
    """The same as a session that only reads."""

    server_version = 170000

    def wait_for_locks(self, seconds: float | None) -> None:
        """There is nobody to wait for."""
