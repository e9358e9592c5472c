"""One local Supabase for all of these tests; each begins with a project as it was made.

Whatever it answers our modules is held against Supabase's published description, where that is beside the checkout.
"""

from __future__ import annotations

import typing as t

import pytest

from tests.emulators.supabase.running import LocalSupabase, published_description
from tests.integration.supabase.lab import Lab

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def local_supabase(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSupabase]:
    with LocalSupabase(tmp_path_factory.mktemp("supabase"), descriptions=published_description()) as server:
        yield server


@pytest.fixture
def lab(local_supabase: LocalSupabase) -> Iterator[Lab]:
    local_supabase.reset()
    yield Lab(local_supabase)
    assert local_supabase.violations() == []
