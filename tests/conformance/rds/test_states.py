"""An instance changes its state by and by, and what was asked for holds when RDS says it does."""

from __future__ import annotations

import typing as t

import psycopg
import pytest

from tests.emulators.rds.running import USER, LocalRds, execute

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.rds.conftest import Refused

# Longer than a test: a change of state that a test looks at ends when the test lets it.
LONG = 3600
OTHER_PASSWORD = "an0ther-local-pass"


@pytest.fixture(scope="module")
def small(running_rds: LocalRds) -> Iterator[LocalRds]:
    """With one instance, `small`, that has no backups."""
    running_rds.reset()
    running_rds.create("small", BackupRetentionPeriod=0)
    yield running_rds
    running_rds.reset()


@pytest.fixture
def server(small: LocalRds, rds: LocalRds) -> LocalRds:
    assert small.status("small") == "available"
    return rds


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_stopped_instance_is_gone_until_it_is_started(server: LocalRds, refused: Refused) -> None:
    client, url = server.client(), server.database_url("small")
    server.settle(transition_seconds=LONG)
    assert client.stop_db_instance(DBInstanceIdentifier="small")["DBInstance"]["DBInstanceStatus"] == "stopping"
    assert refused("reboot_db_instance", DBInstanceIdentifier="small")[0] == "InvalidDBInstanceState"
    server.settle(transition_seconds=0)
    server.wait_until("stopped", "small")
    assert not answers(url)
    assert refused("stop_db_instance", DBInstanceIdentifier="small")[0] == "InvalidDBInstanceState"
    assert refused("modify_db_instance", DBInstanceIdentifier="small", DeletionProtection=True)[0] == "InvalidDBInstanceState"
    client.start_db_instance(DBInstanceIdentifier="small")
    server.wait_until("available", "small")
    assert answers(url)
    assert refused("start_db_instance", DBInstanceIdentifier="small")[0] == "InvalidDBInstanceState"


def test_what_can_wait_waits_for_the_maintenance_window(server: LocalRds) -> None:
    client = server.client()
    wanted = {"DBInstanceClass": "db.t4g.large", "NewDBInstanceIdentifier": "larger"}
    client.modify_db_instance(DBInstanceIdentifier="small", DeletionProtection=True, **wanted)
    row = server.describe("small")
    assert (row["DBInstanceStatus"], row["DBInstanceClass"], row["DeletionProtection"]) == ("available", "db.t4g.micro", True)
    assert row["PendingModifiedValues"] == {"DBInstanceClass": "db.t4g.large", "DBInstanceIdentifier": "larger"}
    server.control("POST", "maintenance", instance="small")
    server.wait_until("available", "larger")
    row = server.describe("larger")
    assert (row["DBInstanceClass"], row["PendingModifiedValues"]) == ("db.t4g.large", {})
    client.modify_db_instance(
        DBInstanceIdentifier="larger", NewDBInstanceIdentifier="small", DeletionProtection=False, ApplyImmediately=True
    )
    server.wait_until("available", "small")


def test_a_new_password_is_never_shown_and_holds_when_it_is_not_pending_any_more(server: LocalRds) -> None:
    client, url = server.client(), server.database_url("small")
    row = client.modify_db_instance(DBInstanceIdentifier="small", MasterUserPassword=OTHER_PASSWORD)["DBInstance"]
    assert row["PendingModifiedValues"] == {"MasterUserPassword": "****"}
    server.wait_until("available", "small")
    assert not answers(url)
    assert answers(server.database_url("small", password=OTHER_PASSWORD))
    client.modify_db_instance(DBInstanceIdentifier="small", MasterUserPassword=url.split(":")[2].split("@")[0])
    server.wait_until("available", "small")
    assert answers(url)


def test_settings_of_a_parameter_group_hold_after_a_reboot(server: LocalRds, refused: Refused) -> None:
    client, url = server.client(), server.database_url("small")
    server.control("POST", "groups", parameter="portal", settings={"work_mem": "9MB"})
    assert refused("modify_db_instance", DBInstanceIdentifier="small", DBParameterGroupName="nobodys")[0] == "DBParameterGroupNotFound"
    client.modify_db_instance(DBInstanceIdentifier="small", DBParameterGroupName="portal")
    (group,) = server.describe("small")["DBParameterGroups"]
    assert group == {"DBParameterGroupName": "portal", "ParameterApplyStatus": "pending-reboot"}
    assert execute(url, "SHOW work_mem") == [("4MB",)]
    client.reboot_db_instance(DBInstanceIdentifier="small")
    server.wait_until("available", "small")
    assert execute(url, "SHOW work_mem") == [("9MB",)]
    assert server.describe("small")["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"


def test_without_backups_there_is_no_recovery_to_a_moment_until_there_are_some(server: LocalRds, refused: Refused) -> None:
    client = server.client()
    names = {"SourceDBInstanceIdentifier": "small", "TargetDBInstanceIdentifier": "never"}
    assert "LatestRestorableTime" not in server.describe("small")
    assert client.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"] == []
    assert refused("restore_db_instance_to_point_in_time", **names, UseLatestRestorableTime=True)[0] == "PointInTimeRestoreNotEnabled"
    client.modify_db_instance(DBInstanceIdentifier="small", BackupRetentionPeriod=3, ApplyImmediately=True)
    server.wait_until("available", "small")
    assert "LatestRestorableTime" in server.describe("small")
    (snapshot,) = client.describe_db_snapshots(DBInstanceIdentifier="small", SnapshotType="automated")["DBSnapshots"]
    assert refused("delete_db_snapshot", DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])[0] == "InvalidDBSnapshotState"
    client.modify_db_instance(DBInstanceIdentifier="small", BackupRetentionPeriod=0, ApplyImmediately=True)
    server.wait_until("available", "small")
    assert client.describe_db_snapshots()["DBSnapshots"] == []


def test_who_asks_at_once_may_see_the_old_state(server: LocalRds) -> None:
    server.settle(acceptance_seconds=LONG)
    server.client().modify_db_instance(DBInstanceIdentifier="small", NewDBInstanceIdentifier="renamed", ApplyImmediately=True)
    assert server.describe("small")["DBInstanceStatus"] == "available"
    server.settle(transition_seconds=LONG)
    server.settle(acceptance_seconds=0)
    server.wait_until("renaming", "renamed")
    server.settle(transition_seconds=0)
    server.wait_until("available", "renamed")
    server.client().modify_db_instance(DBInstanceIdentifier="renamed", NewDBInstanceIdentifier="small", ApplyImmediately=True)
    server.wait_until("available", "small")


def test_what_never_ends_can_be_thrown_away_and_what_failed_says_so(server: LocalRds, refused: Refused) -> None:
    client = server.client()
    client.create_db_snapshot(DBInstanceIdentifier="small", DBSnapshotIdentifier="shot")
    server.wait_until("available", "small")
    server.fault("stuck")
    client.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="stuck", DBSnapshotIdentifier="shot")
    assert server.status("stuck") == "creating"
    assert "Endpoint" not in server.describe("stuck")
    server.put_into("available", "stuck")
    server.fault("change_failed")
    client.reboot_db_instance(DBInstanceIdentifier="stuck")
    server.wait_until("failed", "stuck")
    client.delete_db_instance(DBInstanceIdentifier="stuck", SkipFinalSnapshot=True)
    server.wait_until("", "stuck")
    server.fault("snapshot_failed")
    client.create_db_snapshot(DBInstanceIdentifier="small", DBSnapshotIdentifier="bad")
    server.wait_until("available", "small")
    (bad,) = client.describe_db_snapshots(DBSnapshotIdentifier="bad")["DBSnapshots"]
    assert bad["Status"] == "failed"
    code, _message = refused("restore_db_instance_from_db_snapshot", DBInstanceIdentifier="never", DBSnapshotIdentifier="bad")
    assert code == "InvalidDBSnapshotState"
    client.delete_db_snapshot(DBSnapshotIdentifier="bad")
    client.delete_db_snapshot(DBSnapshotIdentifier="shot")
    server.put_into("storage-optimization", "small")
    assert server.describe("small")["DBInstanceStatus"] == "storage-optimization"
    server.put_into("available", "small")


def test_the_master_is_no_superuser_and_owns_the_database(server: LocalRds) -> None:
    url = server.database_url("small")
    assert execute(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert execute(url, owner) == [(USER,)]
    assert execute(url, "SELECT pg_has_role('rds_superuser', 'member')") == [(True,)]
