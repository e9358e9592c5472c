"""The local Vercel, and Vercel's published descriptions of its API where they are beside the checkout."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from tests.conformance.vercel.lab import Lab
from tests.emulators.vercel.running import LocalVercel

if t.TYPE_CHECKING:
    from collections.abc import Iterator

# Not part of the repository: 9 MB, and Vercel's. Without them nothing holds the answers against them, everything else is tested alike.
DESCRIPTIONS = Path(__file__).resolve().parents[4] / "shared" / "specs"


@pytest.fixture(scope="session")
def running_vercel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalVercel]:
    there = DESCRIPTIONS if (DESCRIPTIONS / "vercel-openapi.json").exists() else None
    with LocalVercel(tmp_path_factory.mktemp("vercel"), descriptions=there) as server:
        yield server


@pytest.fixture
def vercel(running_vercel: LocalVercel) -> Iterator[LocalVercel]:
    """As just started; whatever it answers during the test is held against both descriptions."""
    running_vercel.reset()
    yield running_vercel
    assert running_vercel.violations() == []


@pytest.fixture
def lab(vercel: LocalVercel) -> Lab:
    return Lab(vercel)
