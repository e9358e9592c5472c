"""Writing and reading the ledger in a real file store, with others writing in between."""

from __future__ import annotations

import pathlib
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._release.ledger import Draft, Ledger, missing

if t.TYPE_CHECKING:
    from tests.unit.fake_clock import FakeClock

    from .conftest import DisturbedStore


def shift(percent: int, *, once: bool = False) -> Draft:
    return Draft("shift.completed", "1.0-x", {"percent": percent}, once)


def write(ledger: Ledger, *drafts: Draft) -> list[str]:
    return [entry.event for entry in ledger.append(drafts, ledger.intact(), lambda: None).entries]


@pytest.fixture
def ledger(store: DisturbedStore, clock: FakeClock) -> Ledger:
    return Ledger(store, "orders", clock, by="me", fencing=7)


def test_entries_come_back_in_order_and_chained(ledger: Ledger) -> None:
    write(ledger, shift(10), shift(50))
    write(ledger, shift(100))
    chain = ledger.read()
    assert chain.problem is None
    assert [entry.data["percent"] for entry in chain.entries] == [10, 50, 100]
    assert [(entry.number, entry.by, entry.fencing, entry.at) for entry in chain.entries][2] == (3, "me", 7, "2026-11-21T22:30:00Z")


def test_two_portals_in_one_store_do_not_mix(store: DisturbedStore, clock: FakeClock, ledger: Ledger) -> None:
    other = Ledger(store, "orders2", clock)
    write(ledger, shift(10))
    write(other, shift(50), shift(100))
    assert len(ledger.read().entries) == 1
    assert len(other.read().entries) == 2


def test_it_continues_after_what_somebody_else_wrote_in_between(store: DisturbedStore, clock: FakeClock, ledger: Ledger) -> None:
    other = Ledger(store, "orders", clock, by="other")
    asked: list[bool] = []
    store.disturb = lambda: write(other, Draft("backup.recorded", None, {}), Draft("proof.recorded", None, {}))
    chain = ledger.append([shift(10), shift(50)], ledger.intact(), lambda: asked.append(True))
    assert [entry.by for entry in chain.entries] == ["other", "other", "me", "me"]
    assert ledger.read() == chain
    assert asked == [True]


def test_it_stops_when_it_is_not_allowed_any_more(store: DisturbedStore, clock: FakeClock, ledger: Ledger) -> None:
    store.disturb = lambda: write(Ledger(store, "orders", clock, by="other"), shift(10))

    def refuse() -> None:
        raise ConflictError("fenced off")

    with pytest.raises(ConflictError, match="fenced off"):
        ledger.append([shift(50)], ledger.intact(), refuse)
    assert [entry.by for entry in ledger.read().entries] == ["other"]


def test_an_entry_whose_answer_was_lost_is_not_written_twice(store: DisturbedStore, ledger: Ledger) -> None:
    store.lose_next_answer = True
    write(ledger, shift(10))
    assert len(ledger.read().entries) == 1


def test_once_is_not_written_again(ledger: Ledger) -> None:
    first = shift(10, once=True)
    write(ledger, first)
    assert missing([first], ledger.intact().entries) == ()
    assert len(write(ledger, first)) == 1


def test_once_also_counts_what_somebody_else_wrote_in_between(store: DisturbedStore, clock: FakeClock, ledger: Ledger) -> None:
    store.disturb = lambda: write(Ledger(store, "orders", clock), shift(10))
    write(ledger, shift(10, once=True))
    assert len(ledger.read().entries) == 1


def test_once_twice_in_one_call_is_written_once() -> None:
    assert missing([shift(10, once=True), shift(50, once=True)], []) == (shift(10, once=True),)


def test_once_knows_a_backup_again_whichever_release_it_was_made_for(ledger: Ledger) -> None:
    made_for_a_release = Draft("backup.recorded", "1.0-x", {"backup_id": "b1"})
    write(ledger, made_for_a_release)
    by_hand, another = (Draft("backup.recorded", None, {"backup_id": name}, once=True) for name in ("b1", "b2"))
    assert missing([by_hand, another], ledger.intact().entries) == (another,)


def test_a_backup_that_is_proven_again_has_another_proof() -> None:
    first, again = (
        Draft("proof.recorded", None, {"backup_id": "b1", "proven_at": f"2026-11-{day}T03:00:00Z"}, once=True) for day in (21, 25)
    )
    assert missing([first, first, again], []) == (first, again)


def test_without_once_the_same_event_may_come_again() -> None:
    assert len(missing([shift(10), shift(10)], [])) == 2


def test_what_check_mode_draws_is_what_is_then_written(ledger: Ledger) -> None:
    drawn = ledger.draw_all([shift(10), shift(50)], ledger.intact())
    assert ledger.read().entries == ()
    assert ledger.append([shift(10), shift(50)], ledger.intact(), lambda: None) == drawn


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes().replace(b"50", b"51"))])
def test_nothing_is_decided_on_a_damaged_ledger(tmp_path: pathlib.Path, ledger: Ledger, damage: t.Callable[[pathlib.Path], object]) -> None:
    write(ledger, shift(10), shift(50), shift(100))
    damage(tmp_path / "store/orders/ledger/000000000002.json")
    with pytest.raises(ConflictError, match=r"damaged\. Entry 2"):
        ledger.intact()


def test_files_that_are_no_entries_are_left_alone(tmp_path: pathlib.Path, ledger: Ledger) -> None:
    write(ledger, shift(10))
    (tmp_path / "store/orders/ledger/README.txt").write_text("hello")
    assert ledger.read().problem is None
