"""One local Vercel for all of these tests; each begins in a new world with the project `shop`.

Whatever it answers our modules is held against Vercel's published descriptions, where they are beside the checkout.
"""

from __future__ import annotations

import typing as t

import pytest

from tests.emulators.vercel.running import LocalVercel, published_descriptions
from tests.integration.vercel.lab import Lab

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def local_vercel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalVercel]:
    with LocalVercel(tmp_path_factory.mktemp("vercel"), descriptions=published_descriptions()) as server:
        yield server


@pytest.fixture
def lab(local_vercel: LocalVercel, tmp_path: Path) -> Iterator[Lab]:
    local_vercel.reset()
    local_vercel.settle(queue_seconds=0.01, build_seconds=0.02)
    local_vercel.api("POST", f"/v11/projects?teamId={local_vercel.team}", {"name": "shop"})
    yield Lab(local_vercel, tmp_path)
    assert local_vercel.violations() == []
