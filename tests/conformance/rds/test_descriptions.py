"""The local RDS beside botocore's description of RDS, and beside moto: the same calls, the same shapes."""

from __future__ import annotations

import contextlib
import typing as t

import boto3
import moto
import pytest

from tests.emulators.rds import changing, facts
from tests.emulators.rds.api import ACTIONS
from tests.emulators.rds.instance import DEFAULTS, INHERITED, OF_SNAPSHOTS
from tests.emulators.rds.wire import description

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulators.rds.running import LocalRds

NEW: t.Final[dict[str, t.Any]] = {
    "DBInstanceIdentifier": "one",
    "DBInstanceClass": "db.t4g.micro",
    "Engine": "postgres",
    "AllocatedStorage": 20,
    "DBName": "portal",
    "MasterUsername": "portal",
    "MasterUserPassword": "l0ng-enough",
    "BackupRetentionPeriod": 1,
    "Tags": [{"Key": "team", "Value": "portal"}],
}
# What moto says of an instance, and RDS does not say of every PostgreSQL (or we do not know of).
MOTOS_OWN = frozenset(("EnabledCloudwatchLogsExports", "ReadReplicaDBClusterIdentifiers", "StatusInfos"))
SAME: t.Final = (
    "DBInstanceIdentifier",
    "DBInstanceStatus",
    "Engine",
    "MasterUsername",
    "DBName",
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "TagList",
)
Row = dict[str, t.Any]


def test_every_action_and_every_name_is_one_of_the_description() -> None:
    assert set(ACTIONS) <= set(description().operation_names)
    instance, pending = (set(description().shape_for(name).members) for name in ("DBInstance", "PendingModifiedValues"))
    assert {*DEFAULTS, *INHERITED, *facts.SHOWN_AS.values()} <= instance
    assert pending >= changing.DEFERRED
    for shape in ("DBSnapshot", "DBInstanceAutomatedBackup"):
        assert set(OF_SNAPSHOTS) <= set(description().shape_for(shape).members)


@pytest.fixture(scope="module")
def ours(running_rds: LocalRds) -> Iterator[t.Any]:
    """Our client, with the instance `one`."""
    running_rds.reset()
    client = running_rds.client()
    client.create_db_instance(**NEW)
    running_rds.wait_until("available", "one")
    client.create_db_snapshot(DBInstanceIdentifier="one", DBSnapshotIdentifier="shot")
    running_rds.wait_until("available", "one")
    yield client
    running_rds.reset()


@pytest.fixture(scope="module")
def motos() -> Iterator[t.Any]:
    """The same of moto."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "eu-central-1"}
    with moto.mock_aws():
        client = boto3.session.Session(**keys).client("rds")
        client.create_db_instance(**NEW)
        client.create_db_snapshot(DBInstanceIdentifier="one", DBSnapshotIdentifier="shot")
        yield client


def test_an_instance_a_snapshot_and_a_backup_have_what_motos_have(ours: t.Any, motos: t.Any) -> None:
    for operation, key in (
        ("describe_db_instances", "DBInstances"),
        ("describe_db_snapshots", "DBSnapshots"),
        ("describe_db_instance_automated_backups", "DBInstanceAutomatedBackups"),
    ):
        row, others = (getattr(client, operation)()[key][-1] for client in (ours, motos))
        assert set(others) - MOTOS_OWN - set(row) == set(), operation
        for name in set(others) & set(row):
            assert type(row[name]) is type(others[name]), f"{operation} {name}"
    states = [[client.describe_db_instances()["DBInstances"][0][name] for name in SAME] for client in (ours, motos)]
    assert states[0] == states[1]


def test_both_refuse_the_same(ours: t.Any, motos: t.Any) -> None:
    for client in (ours, motos):
        client.modify_db_instance(DBInstanceIdentifier="one", DeletionProtection=True)
    cases: list[tuple[str, Row]] = [
        ("create_db_instance", NEW),
        ("create_db_snapshot", {"DBInstanceIdentifier": "one", "DBSnapshotIdentifier": "shot"}),
        ("create_db_snapshot", {"DBInstanceIdentifier": "nobodys", "DBSnapshotIdentifier": "another"}),
        ("delete_db_instance", {"DBInstanceIdentifier": "one", "SkipFinalSnapshot": True}),
        ("describe_db_instances", {"DBInstanceIdentifier": "nobodys"}),
        ("modify_db_instance", {"DBInstanceIdentifier": "nobodys"}),
        ("restore_db_instance_from_db_snapshot", {"DBInstanceIdentifier": "one", "DBSnapshotIdentifier": "shot"}),
    ]
    for operation, given in cases:
        codes = [_code(client, operation, given) for client in (ours, motos)]
        assert codes[0] == codes[1] != "", operation


def _code(client: t.Any, operation: str, given: Row) -> str:
    with contextlib.suppress(KeyError):
        try:
            getattr(client, operation)(**given)
        except client.exceptions.ClientError as exc:
            return str(exc.response["Error"]["Code"])
    return ""


def test_lists_come_in_pages_and_can_be_filtered(ours: t.Any, rds: LocalRds) -> None:
    rds.fault("stuck", times=2)
    for name in ("two", "three"):
        ours.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier="shot")
    rds.settle(records_per_page=2)
    pages = list(ours.get_paginator("describe_db_instances").paginate())
    assert [[row["DBInstanceIdentifier"] for row in page["DBInstances"]] for page in pages] == [["one", "three"], ["two"]]
    arn = ours.describe_db_instances(DBInstanceIdentifier="two")["DBInstances"][0]["DBInstanceArn"]
    chosen = ours.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": ["ONE", arn]}])["DBInstances"]
    assert [row["DBInstanceIdentifier"] for row in chosen] == ["one", "two"]
    assert ours.describe_db_instances(DBInstanceIdentifier=arn)["DBInstances"][0]["DBInstanceIdentifier"] == "two"
    kinds = {kind: len(ours.describe_db_snapshots(SnapshotType=kind)["DBSnapshots"]) for kind in ("automated", "manual")}
    assert kinds == {"automated": 1, "manual": 1}
    for name in ("two", "three"):
        ours.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        rds.wait_until("", name)


def test_tags_come_and_go_and_events_tell_what_happened(ours: t.Any) -> None:
    (row,) = ours.describe_db_instances(DBInstanceIdentifier="one")["DBInstances"]
    arn = row["DBInstanceArn"]
    ours.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    ours.remove_tags_from_resource(ResourceName=arn, TagKeys=["a", "absent"])
    found = ours.list_tags_for_resource(ResourceName=arn)["TagList"]
    assert found == [{"Key": "b", "Value": "2"}, {"Key": "team", "Value": "portal"}]
    (shot,) = ours.describe_db_snapshots(DBSnapshotIdentifier="shot")["DBSnapshots"]
    ours.add_tags_to_resource(ResourceName=shot["DBSnapshotArn"], Tags=[{"Key": "kept", "Value": "yes"}])
    assert ours.describe_db_snapshots(DBSnapshotIdentifier="shot")["DBSnapshots"][0]["TagList"] == [{"Key": "kept", "Value": "yes"}]
    told = ours.describe_events(SourceIdentifier="one", SourceType="db-instance", EventCategories=["backup"])["Events"]
    assert [event["Message"] for event in told] == ["Finished DB Instance backup"]
    assert ours.describe_events(SourceIdentifier="nobodys", SourceType="db-instance")["Events"] == []
