"""What is to go wrong: rules that tests and rehearsals set, each for so many requests or deployments."""

from __future__ import annotations

import dataclasses
import fnmatch
import itertools
import typing as t

OF_REQUESTS: t.Final = {
    "status": "answers `code` (503) instead of working",
    "rate_limited": "answers 429 with `retry_after` seconds (1); long ones say hours, as the service's daily limits do",
    "cut_before": "the connection is cut and nothing has happened",
    "cut_after": "the connection is cut when everything has happened: the answer is lost",
    "slow": "waits `seconds` (1) before it works",
    "empty_json": "works, and answers with an empty body that it calls JSON",
}
OF_DEPLOYMENTS: t.Final = {
    "build_error": "the build fails with `message` after the lines `log`",
    "build_blocked": "the build is refused: BLOCKED",
    "build_stuck": "the build never ends",
    "build_slow": "the build takes `seconds`",
    "alias_stuck": "READY, but aliasAssigned stays false",
    "alias_error": "READY, but its aliases fail with `code` and `message`",
    "alias_wins_over_error": "the build fails, yet aliasAssigned is true",
    "checks_failed": "READY, but a check of its aliases failed",
}
OF_PROMOTIONS: t.Final = {
    "promote_failed": "the domains `aliases` (all of them) do not move, and jobStatus becomes failed",
    "promote_stuck": "jobStatus stays pending, nothing moves",
}
OF_ENV: t.Final = {"env_failed": "the variables `keys` are refused inside an answer of 201"}
KINDS: t.Final = {**OF_REQUESTS, **OF_DEPLOYMENTS, **OF_PROMOTIONS, **OF_ENV}


class UnknownFaultError(Exception):
    """A kind that there is not; the text lists what there is."""


@dataclasses.dataclass
class Fault:
    """`method` and `path` (a pattern, over the path without version) choose requests; `skip` lets that many pass, `times` is for how many
    it holds (0: for ever). `with_` are the kind's own figures."""

    id: int
    kind: str
    method: str = "*"
    path: str = "*"
    skip: int = 0
    times: int = 1
    with_: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    used: int = 0

    def is_spent(self) -> bool:
        return self.times > 0 and self.used >= self.times

    def matches(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and fnmatch.fnmatchcase(path, self.path)

    def happens(self) -> bool:
        """Whether it is this one's turn; counts."""
        if self.is_spent():
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
    """The rules in force. The first that matches wins."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, kind: str, **given: t.Any) -> Fault:
        if kind not in KINDS:
            raise UnknownFaultError(f"there is no fault {kind!r}; there are {', '.join(KINDS)}")
        own = {name: given.pop(name) for name in ("method", "path", "skip", "times") if name in given}
        rule = Fault(next(self._ids), kind, **own, with_=given)
        self._rules.append(rule)
        return rule

    def clear(self) -> None:
        self._rules.clear()

    def drop(self, identity: int) -> None:
        self._rules = [rule for rule in self._rules if rule.id != identity]

    def described(self) -> list[dict[str, t.Any]]:
        return [rule.described() for rule in self._rules]

    def of_request(self, method: str, path: str) -> Fault | None:
        """What goes wrong with this request."""
        for rule in self._rules:
            if rule.kind in OF_REQUESTS and rule.matches(method, path) and rule.happens():
                return rule
        return None

    def of_deployment(self) -> dict[str, dict[str, t.Any]]:
        """What goes wrong with the deployment that is being created."""
        return {rule.kind: rule.with_ for rule in self._rules if rule.kind in OF_DEPLOYMENTS and rule.happens()}

    def one(self, kind: str) -> dict[str, t.Any] | None:
        """The figures of a rule of this kind whose turn it is."""
        rule = next((rule for rule in self._rules if rule.kind == kind and rule.happens()), None)
        return rule.with_ if rule else None
