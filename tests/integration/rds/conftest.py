"""One local RDS for all of these tests; each begins with one instance and nothing else."""

from __future__ import annotations

import typing as t

import pytest

from tests.emulators.rds.running import LocalRds
from tests.integration.rds.lab import Lab

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def local_rds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRds]:
    with LocalRds(tmp_path_factory.mktemp("rds"), transition_seconds=0) as server:
        yield server


@pytest.fixture
def lab(local_rds: LocalRds) -> Lab:
    local_rds.reset()
    return Lab(local_rds)
