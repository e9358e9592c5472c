"""One local Vercel for all of these tests; each begins in a new world with the project `shop`."""

from __future__ import annotations

import typing as t

import pytest

from tests.emulators.vercel.running import LocalVercel
from tests.integration.vercel.lab import Lab

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def local_vercel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalVercel]:
    with LocalVercel(tmp_path_factory.mktemp("vercel")) as server:
        yield server


@pytest.fixture
def lab(local_vercel: LocalVercel, tmp_path: Path) -> Lab:
    local_vercel.reset()
    local_vercel.settle(queue_seconds=0.01, build_seconds=0.02)
    local_vercel.api("POST", f"/v11/projects?teamId={local_vercel.team}", {"name": "shop"})
    return Lab(local_vercel, tmp_path)
