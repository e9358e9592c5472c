"""Taking, renewing, losing and breaking a lease."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._release.lease import SKEW_SECONDS, PortalLease, default_owner

if t.TYPE_CHECKING:
    from tests.unit.fake_clock import FakeClock

    from .conftest import DisturbedStore

TTL = 60


@pytest.fixture
def lease(store: DisturbedStore, clock: FakeClock) -> PortalLease:
    return PortalLease(store, "orders", clock)


def test_a_lease_that_was_never_taken_is_free(lease: PortalLease, clock: FakeClock) -> None:
    assert lease.status().as_dict(clock.now()) == {
        "held": False,
        "owner": None,
        "purpose": None,
        "fencing": 0,
        "taken_at": None,
        "expires_at": None,
    }


def test_taking_it_says_who_and_until_when(lease: PortalLease, clock: FakeClock) -> None:
    lease.take("ann", "deploy 1.1", TTL)
    assert lease.status().as_dict(clock.now()) == {
        "held": True,
        "owner": "ann",
        "purpose": "deploy 1.1",
        "fencing": 1,
        "taken_at": "2026-11-21T22:30:00Z",
        "expires_at": "2026-11-21T22:31:00Z",
    }


def test_somebody_else_is_refused_and_told_who_holds_it(lease: PortalLease) -> None:
    lease.take("ann", "deploy 1.1", TTL)
    with pytest.raises(
        ConflictError, match=r"held by ann \(deploy 1\.1\), since .* run again as the same owner .* holdfast.webops.lease"
    ) as caught:
        lease.take("bob", "restore", TTL)
    assert caught.value.details["lease"]["owner"] == "ann"


def test_the_same_owner_gets_in_at_once_and_fences_the_first_run_off(lease: PortalLease) -> None:
    first = lease.take("ann", "deploy 1.1", TTL)
    second = lease.take("ann", "deploy 1.1", TTL)
    assert second.fencing == first.fencing + 1
    with pytest.raises(ConflictError, match="not held under number 1"):
        lease.renew("ann", first.fencing, TTL)
    assert lease.require("ann", second.fencing).held


def test_it_is_open_to_others_only_after_the_allowance_for_clocks(lease: PortalLease, clock: FakeClock) -> None:
    lease.take("ann", "deploy", TTL)
    clock.pass_by(TTL + SKEW_SECONDS - 1)
    with pytest.raises(ConflictError):
        lease.take("bob", "deploy", TTL)
    clock.pass_by(1)
    assert lease.take("bob", "deploy", TTL).fencing == 2


def test_waiting_ends_as_soon_as_it_is_free(lease: PortalLease, clock: FakeClock) -> None:
    held = lease.take("ann", "deploy", 600)
    naps: list[float] = []

    def nap() -> None:
        naps.append(clock.seconds)
        if len(naps) == 3:
            lease.release("ann", held.fencing)

    clock.on_sleep = nap
    assert lease.take("bob", "deploy", TTL, wait_timeout=100).owner == "bob"
    assert len(naps) == 3


def test_waiting_ends_at_its_deadline(lease: PortalLease, clock: FakeClock) -> None:
    lease.take("ann", "deploy", 600)
    with pytest.raises(ConflictError, match="waited for 30 s"):
        lease.take("bob", "deploy", TTL, wait_timeout=30)
    assert clock.seconds == 30


def test_the_number_grows_also_while_nobody_holds_it(lease: PortalLease) -> None:
    first = lease.take("ann", "deploy", TTL)
    lease.release("ann", first.fencing)
    assert lease.status().fencing == 1
    second = lease.take("bob", "deploy", TTL)
    assert second.fencing == 2
    assert lease.break_open().fencing == 3
    assert lease.take("ann", "deploy", TTL).fencing == 4


def test_renewing_keeps_the_number_and_moves_the_end(lease: PortalLease, clock: FakeClock) -> None:
    held = lease.take("ann", "deploy", TTL)
    clock.pass_by(40)
    renewed = lease.renew(None, held.fencing, TTL, anchor={"number": 3, "hash": "x"})
    assert (renewed.fencing, renewed.expires_at) == (1, "2026-11-21T22:31:40Z")
    assert lease.status().anchor == {"number": 3, "hash": "x"}


def test_a_lease_that_ran_out_can_be_renewed_while_nobody_else_took_it(lease: PortalLease, clock: FakeClock) -> None:
    held = lease.take("ann", "deploy", TTL)
    clock.pass_by(3600)
    assert not lease.status().is_held(clock.now())
    assert lease.renew("ann", held.fencing, TTL).is_held(clock.now())


def test_a_run_that_was_paused_while_another_took_over_is_refused(lease: PortalLease, clock: FakeClock) -> None:
    paused = lease.take("ann", "deploy", TTL)
    clock.pass_by(3600)
    lease.take("bob", "deploy", TTL)
    with pytest.raises(ConflictError, match=r"^fencing: .* it is with bob"):
        lease.require("ann", paused.fencing)
    with pytest.raises(ConflictError, match=r"^fencing: "):
        lease.renew("ann", paused.fencing, TTL)


def test_a_broken_lease_refuses_its_old_holder(lease: PortalLease) -> None:
    held = lease.take("ann", "deploy", TTL)
    lease.break_open()
    with pytest.raises(ConflictError, match="nobody, fencing 2"):
        lease.require("ann", held.fencing)


def test_the_right_number_under_a_wrong_name_is_refused(lease: PortalLease) -> None:
    held = lease.take("ann", "deploy", TTL)
    with pytest.raises(ConflictError):
        lease.require("bob", held.fencing)


def test_breaking_a_free_lease_changes_nothing(lease: PortalLease) -> None:
    assert lease.break_open().fencing == 0


def test_somebody_elses_lease_cannot_be_freed(lease: PortalLease) -> None:
    lease.take("ann", "deploy", TTL)
    with pytest.raises(ConflictError, match="Only its holder frees it"):
        lease.release("bob", None)
    assert lease.status().held


def test_freeing_it_after_another_run_took_over_leaves_that_one_alone(lease: PortalLease, clock: FakeClock) -> None:
    lost = lease.take("ann", "deploy", TTL)
    clock.pass_by(3600)
    lease.take("bob", "deploy", TTL)
    assert lease.release("ann", lost.fencing).owner == "bob"
    assert lease.status().held


def test_freeing_it_twice_is_no_error(lease: PortalLease) -> None:
    held = lease.take("ann", "deploy", TTL)
    lease.release(None, held.fencing)
    assert not lease.release(None, held.fencing).held


def test_of_two_that_take_it_at_the_same_moment_one_wins(store: DisturbedStore, clock: FakeClock) -> None:
    ann, bob = PortalLease(store, "orders", clock), PortalLease(store, "orders", clock)
    store.disturb = lambda: bob.take("bob", "deploy", TTL)
    with pytest.raises(ConflictError, match="held by bob"):
        ann.take("ann", "deploy", TTL)
    held = bob.status()
    clock.pass_by(3600)
    store.disturb = lambda: bob.renew("bob", held.fencing, TTL)
    with pytest.raises(ConflictError, match="held by bob"):
        ann.take("ann", "deploy", TTL)


def test_two_runs_of_one_owner_at_the_same_moment_get_different_numbers(store: DisturbedStore, clock: FakeClock) -> None:
    lease = PortalLease(store, "orders", clock)
    numbers: list[int] = []
    store.disturb = lambda: numbers.append(lease.take("ann", "deploy", TTL).fencing)
    numbers.append(lease.take("ann", "deploy", TTL).fencing)
    assert numbers == [1, 2]


def test_a_write_whose_answer_was_lost_counts_once(store: DisturbedStore, lease: PortalLease) -> None:
    store.lose_next_answer = True
    first = lease.take("ann", "deploy", TTL)
    store.lose_next_answer = True
    assert lease.renew("ann", first.fencing, TTL).fencing == lease.status().fencing == 1


def test_a_store_that_ignores_conditions_is_refused(store: DisturbedStore, lease: PortalLease, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "probe_conditional", lambda: False)
    with pytest.raises(WebopsError, match="ignores conditional writes"):
        lease.take("ann", "deploy", TTL)
    assert lease.status().fencing == 0


@pytest.mark.parametrize("content", ["", "[]", '{"unknown": 1}'])
def test_an_object_that_is_no_lease_is_not_overwritten(tmp_path: pathlib.Path, lease: PortalLease, content: str) -> None:
    path = tmp_path / "store/orders/lease.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(WebopsError, match="is not a lease"):
        lease.take("ann", "deploy", TTL)
    assert path.read_text() == content


def test_what_is_stored_can_be_read_by_people(tmp_path: pathlib.Path, lease: PortalLease) -> None:
    lease.take("ann", "deploy", TTL)
    document = json.loads((tmp_path / "store/orders/lease.json").read_text())
    assert (document["owner"], document["fencing"], document["held"]) == ("ann", 1, True)


def test_check_mode_knows_the_number_that_it_would_have_got(lease: PortalLease) -> None:
    assert lease.would_be_taken_with("ann", 1)
    lease.take("ann", "deploy", TTL)
    assert lease.would_be_taken_with("ann", 2)
    assert not lease.would_be_taken_with("ann", 1)
    assert not lease.would_be_taken_with("bob", 2)


def test_the_owner_without_a_name_says_who_where_and_what_for() -> None:
    assert default_owner().count("@") == 1
    assert default_owner("deploy 1.1") == f"{default_owner()} deploy 1.1"
