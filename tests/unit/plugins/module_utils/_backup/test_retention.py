"""Which backups a policy keeps, and which ones no policy may touch."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.holdfast.webops.plugins.module_utils._backup.retention import PERIODS, RULES, Held, check_policy, plan
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

NOW = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.timezone.utc)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
STORES = ("file:///one", "s3://two")


def held(age: datetime.timedelta, *, proven: bool = False, sound_in: t.Collection[str] = STORES, known: bool = True) -> Held:
    return Held(f"b{int(age.total_seconds())}", NOW - age, frozenset(sound_in), proven, known)


def ages(backups: t.Sequence[Held], policy: dict[str, int]) -> list[float]:
    """Ages in hours of what is kept, the youngest first."""
    at = {one.id: one.at for one in backups}
    return [(NOW - at[decision.id]) / HOUR for decision in plan(backups, policy, NOW) if decision.kept]


NIGHTLY = [held(10 * HOUR + number * DAY) for number in range(400)]


@pytest.mark.parametrize(("days", "kept"), [(30, 30), (90, 90), (365, 365)])
def test_everything_that_is_not_too_old_is_kept(days: int, kept: int) -> None:
    assert len(ages(NIGHTLY, {"keep_days": days})) == kept


def test_the_last_ones_are_kept_however_old() -> None:
    old = [held(DAY * number) for number in (500, 600, 700)]
    assert ages(old, {"keep_last": 2}) == [500 * 24, 600 * 24]


def test_of_each_period_the_newest_is_kept() -> None:
    hourly = [held(HOUR * number) for number in range(72)]
    assert ages(hourly, {"keep_daily": 2}) == [0, 13]  # noon today, 23:00 yesterday
    assert ages(hourly, {"keep_hourly": 3}) == [0, 1, 2]
    assert len(ages(NIGHTLY, {"keep_weekly": 4})) == 4
    assert len(ages(NIGHTLY, {"keep_monthly": 12})) == 12
    assert len(ages(NIGHTLY, {"keep_yearly": 5})) == 2


def test_periods_without_a_backup_are_not_counted() -> None:
    assert ages([held(DAY * number) for number in (1, 40, 80)], {"keep_daily": 2}) == [24, 40 * 24]


def test_a_week_at_the_turn_of_the_year_is_one_week() -> None:
    turn = [datetime.datetime(2027, 1, 1, tzinfo=datetime.timezone.utc), datetime.datetime(2026, 12, 31, tzinfo=datetime.timezone.utc)]
    assert len({PERIODS["keep_weekly"](moment) for moment in turn}) == 1


def test_rules_add_up() -> None:
    assert len(ages(NIGHTLY, {"keep_days": 30, "keep_monthly": 6})) == 30 + 4  # two of the six months lie within the 30 days


def test_the_newest_sound_one_of_each_store_stays() -> None:
    both, only_one = held(400 * DAY), held(300 * DAY, sound_in=STORES[:1])
    decisions = {one.id: one for one in plan([both, only_one], {"keep_days": 1}, NOW)}
    assert decisions[only_one.id].reasons == (f"the newest undamaged one in {STORES[0]}",)
    assert decisions[both.id].reasons == (f"the newest undamaged one in {STORES[1]}",)


def test_the_newest_proven_one_stays() -> None:
    proven, older, fresh = held(50 * DAY, proven=True), held(60 * DAY, proven=True), held(DAY)
    assert ages([proven, older, fresh], {"keep_last": 1}) == [24, 50 * 24]


def test_a_damaged_one_fills_no_place() -> None:
    damaged, sound = held(DAY, sound_in=()), held(2 * DAY)
    assert ages([damaged, sound], {"keep_last": 1}) == [48]
    assert ages([damaged, sound], {"keep_daily": 1}) == [48]
    assert ages([damaged, sound], {"keep_days": 5}) == [24, 48]


def test_what_cannot_be_judged_and_what_is_of_the_future_stays() -> None:
    strange, future = held(900 * DAY, known=False, sound_in=()), held(-3 * DAY)
    reasons = {one.id: one.reasons for one in plan([strange, future, held(DAY)], {"keep_last": 1}, NOW)}
    assert reasons[strange.id] == ("its manifest cannot be read, so nobody can judge it",)
    assert "it is of the future; compare the clocks of the hosts" in reasons[future.id]


@pytest.mark.parametrize("policy", [{}, {"keep_last": None}, {"keep_last": 0}, {"keep_days": -1, "keep_last": 3}])
def test_a_policy_that_makes_no_sense_is_refused(policy: dict[str, t.Any]) -> None:
    with pytest.raises(InputError):
        check_policy(policy)


BACKUPS = st.lists(
    st.builds(
        held,
        st.timedeltas(min_value=-DAY, max_value=800 * DAY),
        proven=st.booleans(),
        sound_in=st.sets(st.sampled_from(STORES)),
        known=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda one: one.id,
)
POLICIES = st.dictionaries(st.sampled_from(RULES), st.integers(1, 40), min_size=1)


@given(BACKUPS, POLICIES)
def test_every_store_keeps_what_it_can_be_restored_from(backups: list[Held], policy: dict[str, int]) -> None:
    kept = {decision.id for decision in plan(backups, policy, NOW) if decision.kept}
    sound = [one for one in backups if one.known and one.sound_in]
    for store in STORES:
        there = [one for one in sound if store in one.sound_in]
        assert not there or max(there, key=lambda one: (one.at, one.id)).id in kept
    proven = [one for one in sound if one.proven]
    assert not proven or max(proven, key=lambda one: (one.at, one.id)).id in kept
    assert {one.id for one in backups if not one.known or one.at > NOW} <= kept


@given(BACKUPS, POLICIES)
def test_what_a_policy_has_kept_it_keeps_again(backups: list[Held], policy: dict[str, int]) -> None:
    kept = {decision.id for decision in plan(backups, policy, NOW) if decision.kept}
    again = {decision.id for decision in plan([one for one in backups if one.id in kept], policy, NOW) if decision.kept}
    assert again == kept


@given(BACKUPS, POLICIES, st.sampled_from(RULES), st.integers(1, 40))
def test_another_rule_never_removes_more(backups: list[Held], policy: dict[str, int], rule: str, number: int) -> None:
    kept = {decision.id for decision in plan(backups, policy, NOW) if decision.kept}
    wider = {**policy, rule: max(number, policy.get(rule, 0))}
    assert kept <= {decision.id for decision in plan(backups, wider, NOW) if decision.kept}
