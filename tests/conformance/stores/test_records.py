"""The ledger and the lease keep their promises in the other clouds too: the same cases as in a folder and in S3."""

from __future__ import annotations

import secrets
import typing as t

import pytest

from tests.integration.release_lab import Memory
from tests.integration.test_release_lease import (
    test_breaking_it_is_written_into_the_ledger,
    test_of_many_at_once_exactly_one_gets_it,
    test_somebody_else_is_refused_at_once_and_told_who_holds_it,
    test_taking_renewing_and_freeing,
)
from tests.integration.test_release_ledger import (
    test_a_run_that_was_fenced_off_writes_nothing,
    test_many_that_write_at_once_make_one_whole_chain,
    test_what_is_written_can_be_read_and_folded,
)

if t.TYPE_CHECKING:
    from tests.conformance.stores.servers import Azurite, FakeGcs

__all__ = [
    "test_a_run_that_was_fenced_off_writes_nothing",
    "test_breaking_it_is_written_into_the_ledger",
    "test_many_that_write_at_once_make_one_whole_chain",
    "test_of_many_at_once_exactly_one_gets_it",
    "test_somebody_else_is_refused_at_once_and_told_who_holds_it",
    "test_taking_renewing_and_freeing",
    "test_what_is_written_can_be_read_and_folded",
]


@pytest.fixture(params=["azurite", "fake_gcs"])
def memory(request: pytest.FixtureRequest) -> Memory:
    server: Azurite | FakeGcs = request.getfixturevalue(request.param)
    return Memory(f"{server.url}/records-{secrets.token_hex(4)}", server.store_options)
