"""Every platform that there is, provisioned: one environment for all cases."""

from __future__ import annotations

import typing as t

import pytest

from tests.conformance.platform.adapters import ADAPTERS
from tests.conformance.platform.environment import Environment

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", params=sorted(ADAPTERS))
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    with ADAPTERS[request.param]() as adapter:
        environment = Environment(adapter, tmp_path_factory.mktemp(request.param))
        environment.done({"file": "provision"})
        yield environment
