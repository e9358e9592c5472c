"""A client of Supabase whose answers are given."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import Access, Supabase
from tests.unit.plugins.module_utils._vercel.stand_in import StandIn

if t.TYPE_CHECKING:
    from tests.unit.fake_clock import FakeClock

TOKEN = "sbp_" + "0123456789" * 4
REF = "abcdefghijklmnopqrst"


def client(clock: FakeClock, stand_in: StandIn, *, seconds: float = 60.0) -> Supabase:
    """A client of that session."""
    api = Supabase(Access("https://api.example.com", TOKEN, 30.0, project_ref=REF), clock, Deadline(clock, seconds))
    api._session = stand_in
    return api
