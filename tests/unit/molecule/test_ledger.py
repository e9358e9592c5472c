"""The independent check of the ledger that the molecule scenarios use: it must be able to say no."""

from __future__ import annotations

import json

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Entry
from tests.molecule import ledger


@pytest.fixture
def chain() -> list[ledger.Entry]:
    """Three entries as the collection writes them."""
    found: list[ledger.Entry] = []
    previous = None
    for number in (1, 2, 3):
        entry = Entry(number, "2026-11-21T22:30:00Z", "release.opened", "1.0-a", {"häuser": number}, 7, "ops", previous).sealed()
        found.append(json.loads(entry.as_bytes()))
        previous = entry.hash
    return found


def test_what_the_collection_writes_is_whole(chain: list[ledger.Entry]) -> None:
    assert ledger.first_break(chain) == ""


def test_an_edited_entry_is_named(chain: list[ledger.Entry]) -> None:
    chain[1]["by"] = "somebody else"
    assert ledger.first_break(chain) == "entry 2 is not what was hashed"


def test_a_missing_entry_is_noticed(chain: list[ledger.Entry]) -> None:
    assert ledger.first_break([chain[0], chain[2]]) == "entry 2 has the number 3"


def test_an_entry_that_was_written_anew_with_a_right_hash_is_noticed(chain: list[ledger.Entry]) -> None:
    forged = Entry(2, "2026-11-21T22:30:00Z", "release.failed", "1.0-a", {}, 7, "ops", "0" * 64).sealed()
    assert ledger.first_break([chain[0], json.loads(forged.as_bytes()), chain[2]]) == "entry 2 does not follow the one before"


def test_files_are_read_in_the_order_of_their_numbers(chain: list[ledger.Entry]) -> None:
    text = "".join(json.dumps(entry) for entry in reversed(chain))
    assert ledger.parse(text) == chain
