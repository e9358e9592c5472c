"""The local Vercel, held against Vercel's published descriptions of its API where they are beside the checkout."""

from __future__ import annotations

import typing as t

import pytest

from tests.conformance.vercel.lab import Lab
from tests.emulators.vercel.running import LocalVercel, published_descriptions

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def running_vercel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalVercel]:
    with LocalVercel(tmp_path_factory.mktemp("vercel"), descriptions=published_descriptions()) as server:
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
