"""Targets weighed against what RDS keeps."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._rds.holdings import Holdings, problems, shown, unprotected, weighed
from ansible_collections.holdfast.webops.plugins.module_utils._rds.orders import order_for, read_target
from tests.unit.plugins.module_utils._rds.described import HOUR, NOW, instance, snapshot

NIGHTLY = snapshot("rds:shop-2026-11-22-02-00", NOW - 10 * HOUR)
MANUAL = snapshot("shop-before", NOW - 2 * HOUR, kind="manual")
UNFINISHED = snapshot("shop-now", None, kind="manual", status="creating")
SNAPSHOTS = (UNFINISHED, MANUAL, NIGHTLY)


def window() -> Holdings:
    return weighed(instance().raw, None, SNAPSHOTS, NOW)


def without() -> Holdings:
    return weighed(instance(BackupRetentionPeriod=0).raw, None, SNAPSHOTS, NOW)


def test_the_window_begins_with_what_rds_says_or_else_with_its_oldest_snapshot() -> None:
    assert (window().pitr, window().oldest, window().newest) == (True, NIGHTLY.at, NOW - datetime.timedelta(minutes=3))
    assert weighed(instance().raw, NOW - 20 * HOUR, SNAPSHOTS, NOW).oldest == NOW - 20 * HOUR
    assert (without().pitr, without().oldest, without().newest) == (False, NIGHTLY.at, MANUAL.at)


def test_a_moment_of_the_window_is_taken_without_its_fraction() -> None:
    order = order_for(read_target("2026-11-22T11:30:00.900Z"), window())
    assert (order.way, order.moment) == ("pitr", datetime.datetime(2026, 11, 22, 11, 30, tzinfo=datetime.UTC))
    assert order_for(read_target("latest"), window()).moment == NOW - datetime.timedelta(minutes=3)


def test_without_a_window_the_latest_is_the_newest_snapshot_and_a_moment_names_the_one_before_it() -> None:
    assert order_for(read_target("latest"), without()).snapshot == "shop-before"
    with pytest.raises(InputError, match="no point-in-time recovery"):
        order_for(read_target("2026-11-22T11:30:00Z"), without())
    with pytest.raises(InputError) as refused:
        order_for(read_target("2026-11-22T03:00:00Z"), without())
    assert "'point rds:shop-2026-11-22-02-00'" in str(refused.value)
    with pytest.raises(NotFoundError, match="keeps nothing"):
        order_for(read_target("latest"), weighed(instance(BackupRetentionPeriod=0).raw, None, (), NOW))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("2026-11-22T12:00:01Z", "in the future"),
        ("2026-11-22T11:58:00Z", "the newest moment that can be restored is 2026-11-22T11:57:00Z"),
        ("2026-11-22T01:59:59Z", "before the first moment that can be restored, which is 2026-11-22T02:00:00Z"),
        ("point never-made", "no such restore point or snapshot"),
    ],
)
def test_a_moment_that_cannot_be_had_is_refused_with_the_window(target: str, said: str) -> None:
    with pytest.raises((InputError, NotFoundError), match=said):
        order_for(read_target(target), window())


def test_a_snapshot_is_taken_once_it_is_made() -> None:
    assert order_for(read_target("point before"), window(), MANUAL).moment == MANUAL.at
    with pytest.raises(InputError, match="that snapshot is creating"):
        order_for(read_target("point now"), window(), UNFINISHED)


def test_a_transaction_is_refused_with_what_rds_can() -> None:
    with pytest.raises(InputError, match=r"not to transactions\. Give latest, a time such as"):
        read_target("transaction 7351")


def test_what_stands_in_the_way_of_a_restore_is_said() -> None:
    assert problems(instance(), window()) == []
    late = weighed(instance(LatestRestorableTime=NOW - HOUR).raw, None, (), NOW)
    assert "is 1 h 0 min ago" in problems(instance(), late)[0]
    assert "Automated backups are off" in problems(instance(BackupRetentionPeriod=0), without())[0]
    assert "names no moment" in problems(instance(), weighed(instance(LatestRestorableTime=None).raw, None, (), NOW))[0]
    assert "is storage-full" in problems(instance(DBInstanceStatus="storage-full"), window())[0]
    assert len(unprotected(instance())) == 2
    assert unprotected(instance(DeletionProtection=True, StorageEncrypted=True)) == []


def test_the_contract_gets_every_key() -> None:
    found = shown("eu-central-1", instance(), window())
    assert (found["cluster"], found["provable"], found["rpo_seconds"], found["retention_days"]) == ("shop", True, 180.0, 7)
    assert [one["restorable"] for one in found["backups"]] == [False, True, True]
