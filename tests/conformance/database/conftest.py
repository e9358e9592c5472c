"""Every database that there is, provisioned: one environment for all cases."""

from __future__ import annotations

import typing as t

import pytest

from tests.conformance.database.adapters import ADAPTERS
from tests.conformance.database.environment import Environment


@pytest.fixture(scope="session", params=sorted(ADAPTERS))
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Environment]:
    folder = tmp_path_factory.mktemp(request.param)
    with ADAPTERS[request.param](folder) as adapter:
        yield Environment(adapter, folder)
