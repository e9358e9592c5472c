"""The chain of hashes: what it finds, and that anybody can check it."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Chain, Entry, check_anchor, link


def chain_of(length: int) -> list[tuple[int, bytes]]:
    contents: list[tuple[int, bytes]] = []
    previous = None
    for number in range(1, length + 1):
        entry = Entry(
            number, "2026-11-21T22:30:00Z", "shift.completed", "1.0-x", {"percent": number, "ü": [1.5]}, 3, "me", previous
        ).sealed()
        contents.append((number, entry.as_bytes()))
        previous = entry.hash
    return contents


def edited(content: bytes, **changes: object) -> bytes:
    return json.dumps({**json.loads(content), **changes}).encode()


def test_a_whole_chain_has_no_problem() -> None:
    chain = link(chain_of(5))
    assert chain.problem is None
    assert chain.head["number"] == 5


def test_an_empty_ledger_is_whole() -> None:
    assert link([]) == Chain(())
    assert link([]).head == {"number": 0, "hash": None}


def test_the_hash_can_be_computed_with_a_json_parser_and_sha256() -> None:
    document = json.loads(chain_of(1)[0][1])
    claimed = document.pop("hash")
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == claimed


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"percent": 100}},
        {"event": "shift.failed"},
        {"at": "2026-11-21T22:30:01Z"},
        {"by": "you"},
        {"fencing": 4},
        {"release": None},
    ],
)
def test_an_edit_is_found(changes: dict[str, object]) -> None:
    contents = chain_of(5)
    contents[2] = (3, edited(contents[2][1], **changes))
    chain = link(contents)
    assert chain.problem == "Entry 3 is damaged: its content does not match its hash: it was edited."
    assert len(chain.entries) == 2


def test_an_edit_with_a_new_hash_is_found_at_the_entry_after_it() -> None:
    contents = chain_of(5)
    entry = Entry(**json.loads(contents[2][1]))
    contents[2] = (3, dataclasses.replace(entry, by="you").sealed().as_bytes())
    assert link(contents).problem == "Entry 4 does not follow entry 3: one of them was replaced."


def test_a_gap_is_found() -> None:
    contents = chain_of(5)
    del contents[2]
    assert link(contents).problem == "Entry 3 is missing; the next one there is 4."


def test_a_missing_beginning_is_found() -> None:
    assert link(chain_of(5)[1:]).problem == "Entry 1 is missing; the next one there is 2."


def test_another_order_is_found() -> None:
    contents = chain_of(5)
    contents[1], contents[2] = (2, contents[2][1]), (3, contents[1][1])
    assert link(contents).problem == "Entry 2 holds number 3: entries were moved."


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"number": 1}'])
def test_what_is_no_entry_is_found(content: bytes) -> None:
    assert str(link([(1, content)]).problem).startswith("Entry 1 is damaged: it ")


def test_a_key_that_was_added_is_found() -> None:
    assert str(link([(1, edited(chain_of(1)[0][1], extra=1))]).problem).startswith("Entry 1 is damaged")


def test_a_cut_end_is_found_by_what_the_lease_remembers() -> None:
    whole = link(chain_of(5))
    assert check_anchor(whole, whole.head).problem is None
    cut = check_anchor(link(chain_of(5)[:4]), whole.head)
    assert cut.problem == "The ledger ends at entry 4, but it once reached entry 5: its end was cut off."


def test_a_ledger_written_anew_is_found_by_what_the_lease_remembers() -> None:
    anchor = {"number": 2, "hash": "0" * 64}
    assert str(check_anchor(link(chain_of(5)), anchor).problem).startswith("Entry 2 is not the one that the lease remembers")


@pytest.mark.parametrize("anchor", [None, {}, {"number": 0, "hash": None}])
def test_without_memory_only_the_chain_counts(anchor: dict[str, object] | None) -> None:
    assert check_anchor(link(chain_of(2)), anchor).problem is None
