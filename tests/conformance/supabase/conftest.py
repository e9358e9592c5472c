"""The local Supabase, held against the published description of Supabase's API where that is beside the checkout."""

from __future__ import annotations

import typing as t

import pytest

from tests.emulators.supabase.running import LocalSupabase, published_description

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def running_supabase(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSupabase]:
    with LocalSupabase(tmp_path_factory.mktemp("supabase"), descriptions=published_description()) as server:
        yield server


@pytest.fixture
def supabase(running_supabase: LocalSupabase) -> Iterator[LocalSupabase]:
    """Configured as just started; whatever it answers during the test is held against the description."""
    running_supabase.reset()
    yield running_supabase
    assert running_supabase.violations() == []
