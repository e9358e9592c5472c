"""Rules about what is to go wrong in an emulator: tests and rehearsals set them, each for so many requests or events."""

from __future__ import annotations

import dataclasses
import fnmatch
import itertools
import threading
import typing as t


class UnknownFaultError(Exception):
    """A kind that there is not; the text lists what there is."""


@dataclasses.dataclass
class Fault:
    """`method` and `path` (a pattern) choose requests; `skip` lets that many pass, `times` is for how many it holds (0: for ever).

    `with_` are the kind's own figures.
    """

    id: int
    kind: str
    method: str = "*"
    path: str = "*"
    skip: int = 0
    times: int = 1
    with_: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    used: int = 0

    def matches(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and fnmatch.fnmatchcase(path, self.path)

    def happens(self) -> bool:
        """Whether it is this one's turn; counts."""
        if self.times > 0 and self.used >= self.times:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.used += 1
        return True

    def described(self) -> dict[str, t.Any]:
        own = {"id": self.id, "kind": self.kind, "method": self.method, "path": self.path, "skip": self.skip, "times": self.times}
        return {**own, **self.with_, "used": self.used}


class Rules:
    """The rules in force; the first that matches wins. `of_requests` are the kinds that requests meet, `others` what else may fail.

    Both are kind by what it does. Requests come in threads.
    """

    def __init__(self, of_requests: t.Mapping[str, str], others: t.Mapping[str, str]) -> None:
        self._of_requests = of_requests
        self._kinds = [*of_requests, *others]
        self._rules: list[Fault] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, kind: str, **given: t.Any) -> Fault:
        if kind not in self._kinds:
            raise UnknownFaultError(f"there is no fault {kind!r}; there are {', '.join(self._kinds)}")
        own = {name: given.pop(name) for name in ("method", "path", "skip", "times") if name in given}
        with self._lock:
            rule = Fault(next(self._ids), kind, **own, with_=given)
            self._rules.append(rule)
        return rule

    def drop(self, identity: int | None = None) -> None:
        """The one with this id, or all."""
        with self._lock:
            self._rules = [rule for rule in self._rules if identity is not None and rule.id != identity]

    def described(self) -> list[dict[str, t.Any]]:
        return [rule.described() for rule in self._rules]

    def of_request(self, method: str, path: str) -> Fault | None:
        """What goes wrong with this request."""
        return self._first(lambda rule: rule.kind in self._of_requests and rule.matches(method, path))

    def one(self, kind: str) -> dict[str, t.Any] | None:
        """The figures of a rule of this kind whose turn it is."""
        rule = self._first(lambda rule: rule.kind == kind)
        return None if rule is None else rule.with_

    def each(self, kinds: t.Collection[str]) -> dict[str, dict[str, t.Any]]:
        """The figures of all rules of these kinds whose turn it is."""
        with self._lock:
            return {rule.kind: rule.with_ for rule in self._rules if rule.kind in kinds and rule.happens()}

    def _first(self, fits: t.Callable[[Fault], bool]) -> Fault | None:
        with self._lock:
            return next((rule for rule in self._rules if fits(rule) and rule.happens()), None)
