"""Restores go back in a real PostgreSQL and make another instance; names, and with them addresses, are exchanged by renaming."""

from __future__ import annotations

import datetime
import typing as t

import psycopg
import pytest

from tests.emulators.rds.running import DATABASE, LocalRds, execute, next_second

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.rds.conftest import Refused

TO_MOMENT = "restore_db_instance_to_point_in_time"


def at(second: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(second, datetime.UTC)


def numbers(url: str) -> list[int]:
    return [number for (number,) in execute(url, "SELECT number FROM orders ORDER BY number")]


def restore(rds: LocalRds, target: str, **given: t.Any) -> str:
    """The restored instance's address. It has no backups of its own, unless a test wants them: they take the longest."""
    names = {"SourceDBInstanceIdentifier": "portal", "TargetDBInstanceIdentifier": target}
    rds.client().restore_db_instance_to_point_in_time(**{**names, "BackupRetentionPeriod": 0, **given})
    rds.wait_until("available", target)
    return rds.database_url(target)


@pytest.fixture
def orders(portal: LocalRds, rds: LocalRds) -> Iterator[LocalRds]:
    """One order is in the database of `portal`; what else a test makes is thrown away."""
    url = portal.database_url()
    execute(url, "DROP TABLE IF EXISTS orders")
    execute(url, "CREATE TABLE orders (number int)")
    execute(url, "INSERT INTO orders VALUES (1)")
    yield rds
    client = rds.client()
    for row in client.describe_db_instances()["DBInstances"]:
        name = row["DBInstanceIdentifier"]
        if name != "portal":
            client.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
            rds.wait_until("", name)


def test_a_moment_and_the_latest_one_come_back_beside_an_instance_that_stays_as_it_is(orders: LocalRds) -> None:
    second = next_second()
    execute(orders.database_url(), "INSERT INTO orders VALUES (2)")
    assert numbers(restore(orders, "then", RestoreTime=at(second))) == [1]
    assert numbers(restore(orders, "now", UseLatestRestorableTime=True)) == [1, 2]
    assert numbers(orders.database_url()) == [1, 2]
    ports = {orders.describe(name)["Endpoint"]["Port"] for name in ("portal", "then", "now")}
    assert len(ports) == 3


def test_what_a_restored_instance_has_from_its_source_and_what_it_has_not(orders: LocalRds) -> None:
    client, arn = orders.client(), orders.describe()["DBInstanceArn"]
    client.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "team", "Value": "portal"}])
    client.modify_db_instance(DBInstanceIdentifier="portal", DeletionProtection=True, CopyTagsToSnapshot=True)
    url = restore(orders, "fresh", UseLatestRestorableTime=True)
    client.modify_db_instance(DBInstanceIdentifier="portal", DeletionProtection=False, CopyTagsToSnapshot=False)
    source, fresh = orders.describe(), orders.describe("fresh")
    same = ("DBInstanceClass", "AllocatedStorage", "MasterUsername", "DBName", "EngineVersion", "PreferredBackupWindow")
    assert {name: fresh[name] for name in same} == {name: source[name] for name in same}
    assert numbers(url) == [1]  # with the password of the source
    assert [one["VpcSecurityGroupId"] for one in fresh["VpcSecurityGroups"]] == [orders.default_security_group]
    assert [one["DBParameterGroupName"] for one in fresh["DBParameterGroups"]] == ["default.postgres17"]
    assert (fresh["DeletionProtection"], fresh["CopyTagsToSnapshot"], fresh["TagList"]) == (False, False, [])
    assert fresh["DbiResourceId"] != source["DbiResourceId"]
    orders.settle(default_group_is_closed=True)
    with pytest.raises(psycopg.OperationalError):
        numbers(url)
    client.modify_db_instance(DBInstanceIdentifier="fresh", VpcSecurityGroupIds=[orders.security_group])
    assert numbers(url) == [1]


def test_two_renames_put_the_restored_data_behind_the_address_that_the_application_has(orders: LocalRds) -> None:
    client, url = orders.client(), orders.database_url()
    before = orders.describe()["DbiResourceId"]
    second = next_second()
    execute(url, "DELETE FROM orders")
    restore(orders, "portal-restored", RestoreTime=at(second))
    application = psycopg.connect(url, autocommit=True)
    rename(orders, "portal", "portal-old")
    with pytest.raises(psycopg.OperationalError):
        application.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        numbers(url)
    rename(orders, "portal-restored", "portal")
    assert numbers(url) == [1]
    assert numbers(orders.database_url("portal-old")) == []
    found = {row["DBInstanceIdentifier"]: row["DbiResourceId"] for row in client.describe_db_instances()["DBInstances"]}
    assert set(found) == {"portal", "portal-old"}
    assert found["portal-old"] == before
    rename(orders, "portal", "portal-restored")
    rename(orders, "portal-old", "portal")
    assert numbers(url) == []


def rename(rds: LocalRds, old: str, new: str) -> None:
    rds.client().modify_db_instance(DBInstanceIdentifier=old, NewDBInstanceIdentifier=new, ApplyImmediately=True)
    rds.wait_until("available", new)
    assert rds.status(old) == ""


def test_outside_of_the_window_nothing_begins(orders: LocalRds, refused: Refused) -> None:
    (backup,) = orders.client().describe_db_instance_automated_backups(DBInstanceIdentifier="portal")["DBInstanceAutomatedBackups"]
    window = backup["RestoreWindow"]
    names = {"SourceDBInstanceIdentifier": "portal", "TargetDBInstanceIdentifier": "never"}
    day = datetime.timedelta(days=1)
    for moment in (window["EarliestTime"] - day, window["LatestTime"] + day):
        code, message = refused(TO_MOMENT, **names, RestoreTime=moment)
        assert code == "InvalidParameterValue"
        assert "latest restorable time" in message
    assert refused(TO_MOMENT, **names)[0] == "InvalidParameterCombination"
    assert refused(TO_MOMENT, **names, RestoreTime=window["LatestTime"], UseLatestRestorableTime=True)[0] == "InvalidParameterCombination"
    orders.settle(restorable_lag_seconds=3600)
    assert refused(TO_MOMENT, **names, RestoreTime=window["LatestTime"] + datetime.timedelta(seconds=1))[0] == "InvalidParameterValue"
    assert orders.describe()["LatestRestorableTime"] == window["EarliestTime"]
    assert orders.status("never") == ""


def test_a_snapshot_is_restored_also_when_its_instance_is_gone(orders: LocalRds) -> None:
    client = orders.client()
    restore(orders, "source", UseLatestRestorableTime=True, Tags=[{"Key": "team", "Value": "portal"}])
    client.create_db_snapshot(DBInstanceIdentifier="source", DBSnapshotIdentifier="by-hand", Tags=[{"Key": "why", "Value": "release"}])
    orders.wait_until("available", "source")
    execute(orders.database_url("source"), "INSERT INTO orders VALUES (2)")
    client.modify_db_instance(DBInstanceIdentifier="source", CopyTagsToSnapshot=True)
    client.delete_db_instance(DBInstanceIdentifier="source", FinalDBSnapshotIdentifier="the-last")
    orders.wait_until("", "source")
    shown = {row["DBSnapshotIdentifier"]: row for row in client.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]}
    assert {name: row["Status"] for name, row in shown.items()} == {"by-hand": "available", "the-last": "available"}
    assert [row["TagList"] for row in shown.values()] == [[{"Key": "why", "Value": "release"}], [{"Key": "team", "Value": "portal"}]]
    for name, rows in {"by-hand": [1], "the-last": [1, 2]}.items():
        client.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=f"from-{name}", DBSnapshotIdentifier=name)
        orders.wait_until("available", f"from-{name}")
        assert numbers(orders.database_url(f"from-{name}")) == rows
        client.delete_db_snapshot(DBSnapshotIdentifier=name)
    assert client.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"] == []


def test_backups_that_outlive_their_instance_are_restored_by_their_own_name(orders: LocalRds, refused: Refused) -> None:
    client = orders.client()
    restore(orders, "gone", UseLatestRestorableTime=True, BackupRetentionPeriod=1)
    resource = orders.describe("gone")["DbiResourceId"]
    execute(orders.database_url("gone"), "INSERT INTO orders VALUES (7)")
    client.delete_db_instance(DBInstanceIdentifier="gone", SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
    orders.wait_until("", "gone")
    (kept,) = client.describe_db_instance_automated_backups(DbiResourceId=resource)["DBInstanceAutomatedBackups"]
    assert kept["Status"] == "retained"
    assert refused("describe_db_instance_automated_backups", DBInstanceIdentifier="gone")[0] == "DBInstanceAutomatedBackupNotFound"
    for values in ({"db-instance-id": "gone", "status": "retained"}, {"dbi-resource-id": resource}):
        filters = [{"Name": name, "Values": [value]} for name, value in values.items()]
        found = client.describe_db_instance_automated_backups(Filters=filters)["DBInstanceAutomatedBackups"]
        assert [row["DbiResourceId"] for row in found] == [resource]
    source = {"SourceDBInstanceAutomatedBackupsArn": kept["DBInstanceAutomatedBackupsArn"]}
    assert refused(TO_MOMENT, TargetDBInstanceIdentifier="back", UseLatestRestorableTime=True, SourceDbiResourceId="db-NONE")[0] == (
        "DBInstanceAutomatedBackupNotFound"
    )
    for name, given in {"back": source, "again": {"SourceDbiResourceId": resource}}.items():
        client.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier=name, UseLatestRestorableTime=True, **given)
        orders.wait_until("available", name)
        assert numbers(orders.database_url(name)) == [1, 7]


@pytest.mark.parametrize(("fault", "status"), [("restore_failed", "incompatible-restore"), ("storage_full", "storage-full")])
def test_a_restore_that_fails_shows_it_and_can_be_thrown_away(orders: LocalRds, fault: str, status: str) -> None:
    client = orders.client()
    orders.fault(fault)
    client.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="portal", TargetDBInstanceIdentifier="broken", UseLatestRestorableTime=True
    )
    orders.wait_until(status, "broken")
    client.delete_db_instance(DBInstanceIdentifier="broken", SkipFinalSnapshot=True)
    orders.wait_until("", "broken")
    assert numbers(orders.database_url("portal", database=DATABASE)) == [1]
