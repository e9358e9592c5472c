"""Which restore is ordered, and which one is refused before anything is touched."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.holdings import Holdings
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.orders import GRAMMAR, Order, order_for
from tests.unit.plugins.module_utils._supabase.kept import NOON, any_moment, at, backup, daily

DAILY = daily(backup(1, -2000), backup(2, -600), backup(3, -30, physical=False), backup(4, -10, "FAILED"))


def order(text: str, held: Holdings) -> Order:
    return order_for(GRAMMAR.read(text), held)


def test_a_moment_in_the_window_is_ordered_to_the_second_below() -> None:
    found = order("2026-11-22T11:30:00.9Z", any_moment())
    assert (found.way, found.path) == ("pitr", "/database/backups/restore-pitr")
    assert (found.body, found.moment) == ({"recovery_time_target_unix": int(at(-30).timestamp())}, at(-30))
    assert found.lost_seconds(NOON) == 1800
    assert "Everything that was committed after 2026-11-22T11:30:00Z is lost: 30 min 0 s until now." in found.loss(NOON)


def test_the_latest_moment_is_the_end_of_the_window_or_the_newest_backup_that_can_be_ordered() -> None:
    assert order("latest", any_moment(until=-2)).moment == at(-2)
    newest = order("latest", DAILY)
    assert (newest.way, newest.backup, newest.moment, newest.body) == ("backup", 2, at(-600), {"id": 2})


def test_a_backup_goes_by_its_number() -> None:
    assert (order("backup 1", DAILY).path, order("backup 1", DAILY).body) == ("/database/backups/restore", {"id": 1})


def test_a_restore_point_goes_by_its_name_and_back_to_when_it_was_made() -> None:
    found = order_for(GRAMMAR.read("point before"), any_moment(), at(-7))
    assert (found.way, found.path, found.body, found.moment) == ("point", "/database/backups/undo", {"name": "before"}, at(-7))


@pytest.mark.parametrize(
    ("target", "held", "said"),
    [
        ("2026-11-22T12:00:01Z", any_moment(), r"in the future; it is 2026-11-22T12:00:00Z"),
        ("2026-11-22T11:59:00Z", any_moment(until=-2), r"newest moment that can be restored is 2026-11-22T11:58:00Z"),
        ("2026-11-21T00:00:00Z", any_moment(), r"before the first moment that can be restored, which is 2026-11-22T02:00:00Z"),
        ("2026-11-22T11:00:00Z", DAILY, r"has no point-in-time recovery\. .*add-on.* 'backup 2' of 2026-11-22T02:00:00Z"),
        ("2026-11-22T11:00:00Z", daily(), r"has no point-in-time recovery\. .*switched on\.$"),
        ("backup 3", DAILY, r"that backup is a logical one, which only the dashboard restores"),
        ("backup 4", DAILY, r"that backup is FAILED"),
    ],
)
def test_what_cannot_be_had_is_refused_in_a_sentence(target: str, held: Holdings, said: str) -> None:
    with pytest.raises(InputError, match=said):
        order(target, held)


@pytest.mark.parametrize(
    ("target", "held", "said"),
    [
        ("backup 9", DAILY, r"which Supabase does not keep\. It has: 2, 1\."),
        ("backup 9", daily(), r"It has: none that can be restored\."),
        ("point before", any_moment(), r"has no such restore point"),
        ("latest", daily(), r"keeps nothing of the project"),
    ],
)
def test_what_is_not_there_is_named(target: str, held: Holdings, said: str) -> None:
    with pytest.raises(NotFoundError, match=said):
        order(target, held)


@pytest.mark.parametrize("text", ["transaction 7351", "backup", "backup two", "tomorrow", "point two words"])
def test_what_is_no_target_here_is_refused_with_what_is_one(text: str) -> None:
    with pytest.raises(InputError, match=r"names no moment\. Give latest, a time such as .*, 'backup 12345' or 'point before-release-42'"):
        GRAMMAR.read(text)
