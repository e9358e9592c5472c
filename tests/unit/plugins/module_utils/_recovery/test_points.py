from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._recovery.points import points
from tests.unit.plugins.module_utils._recovery.rehearsals import NOON, backup

HERE, THERE = "file:///srv/backups", "s3://backups/production"


def told(*backups: t.Any) -> dict[str, dict[str, t.Any]]:
    return {point["store"]: point for point in points(backups, NOON)}


def test_each_destination_has_its_newest_undamaged_backup_and_what_would_be_lost_with_it() -> None:
    old = backup(id="old", at="2026-11-22T10:00:00Z", proof=None)
    halved = backup(id="new", copies=[{"store": HERE, "damage": "gone"}, {"store": THERE, "damage": None}])
    found = told(old, halved)
    assert (found[HERE]["backup"], found[HERE]["lost_s"], found[HERE]["newer_damaged"], found[HERE]["proven"]) == ("old", 7200.0, 1, False)
    assert (found[THERE]["backup"], found[THERE]["lost_s"], found[THERE]["newer_damaged"], found[THERE]["proven"]) == (
        "new",
        1800.0,
        0,
        True,
    )


def test_a_destination_without_a_good_backup_is_named() -> None:
    found = told(backup(copies=[{"store": HERE, "damage": "gone"}], missing=[THERE]))
    assert (found[HERE]["backup"], found[HERE]["newer_damaged"]) == (None, 1)
    assert (found[THERE]["backup"], found[THERE]["newer_damaged"]) == (None, 0)
    assert told() == {}


def test_a_backup_of_a_clock_that_is_ahead_loses_nothing() -> None:
    assert told(backup(at="2026-11-22T12:00:30Z"))[HERE]["lost_s"] == 0.0
