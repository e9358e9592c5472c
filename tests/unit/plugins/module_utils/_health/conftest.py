"""Short ways to checks and results."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._health.arguments import COMMON, OF_KINDS
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Result
from tests.unit.fake_clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def options() -> t.Callable[..., dict[str, t.Any]]:
    """The options of one check as Ansible would hand them over: every option there, defaults filled in."""

    def make(**given: t.Any) -> dict[str, t.Any]:
        defaults = {option: spec.get("default") for option, spec in {**COMMON, **OF_KINDS}.items()}
        return {**defaults, "name": "app", "kind": "http", **({} if "kind" in given else {"url": "http://127.0.0.1/"}), **given}

    return make


@pytest.fixture
def result() -> t.Callable[..., Result]:
    def make(name: str = "app", status: str = "pass", *, critical: bool = True, reason: str = "Seen.") -> Result:
        return Result(name, "http", critical, status, reason, 1, 5)

    return make
