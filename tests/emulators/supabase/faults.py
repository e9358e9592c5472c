"""What is to go wrong: rules that tests and rehearsals set, each for so many requests or changes of state."""

from __future__ import annotations

import dataclasses
import fnmatch
import itertools
import threading
import typing as t

OF_REQUESTS: t.Final = {
    "status": "answers `code` (503) with `message` instead of working",
    "rate_limited": "answers 429 with `retry_after` seconds (1); with `header=reset` only x-ratelimit-reset says so",
    "cut_before": "the connection is cut and nothing has happened",
    "cut_after": "the connection is cut when everything has happened: the answer is lost",
    "slow": "waits `seconds` (1) before it works",
    "empty_json": "works, and answers with an empty body that it calls JSON",
    "unchanged": "says that it worked, and nothing has changed",
}
OF_TRANSITIONS: t.Final = {
    "restore_failed": "the next restore ends in RESTORE_FAILED",
    "pause_failed": "the next pause ends in PAUSE_FAILED",
    "start_failed": "the next start, restart or resumption ends in INIT_FAILED",
    "stuck": "the next change of state never ends",
    "restore_point_failed": "the next restore point FAILED",
}
KINDS: t.Final = {**OF_REQUESTS, **OF_TRANSITIONS}


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


class Faults:
    """The rules in force. The first that matches wins. Requests come in threads."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, kind: str, **given: t.Any) -> Fault:
        if kind not in KINDS:
            raise UnknownFaultError(f"there is no fault {kind!r}; there are {', '.join(KINDS)}")
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
        return self._first(lambda rule: rule.kind in OF_REQUESTS and rule.matches(method, path))

    def happens(self, kind: str) -> bool:
        """Whether a rule of this kind has its turn now."""
        return self._first(lambda rule: rule.kind == kind) is not None

    def _first(self, fits: t.Callable[[Fault], bool]) -> Fault | None:
        with self._lock:
            return next((rule for rule in self._rules if fits(rule) and rule.happens()), None)
