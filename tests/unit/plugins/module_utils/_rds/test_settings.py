"""What a restored instance is told, so that it is set up like the live one."""

from __future__ import annotations

import typing as t

import boto3
import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._rds.settings import (
    SETTINGS,
    corrections,
    differences,
    for_proof,
    for_restore,
    losses,
    own_tags,
    read_settings,
)
from tests.unit.plugins.module_utils._rds.described import instance

PRODUCTION: dict[str, t.Any] = {
    "MultiAZ": True,
    "DBSubnetGroup": {"DBSubnetGroupName": "private"},
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-2"}, {"VpcSecurityGroupId": "sg-1"}],
    "DBParameterGroups": [{"DBParameterGroupName": "tuned"}],
    "OptionGroupMemberships": [{"OptionGroupName": "default:postgres-17"}],
    "DeletionProtection": True,
    "MonitoringInterval": 60,
    "MonitoringRoleArn": "arn:aws:iam::123456789012:role/monitor",
    "EnabledCloudwatchLogsExports": ["upgrade", "postgresql"],
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
}


def test_every_setting_is_a_parameter_of_the_order_that_carries_it_over() -> None:
    model = boto3.client("rds", region_name="eu-central-1").meta.service_model
    restore = set(model.operation_model("RestoreDBInstanceToPointInTime").input_shape.members)
    modify = set(model.operation_model("ModifyDBInstance").input_shape.members)
    assert {name for name, setting in SETTINGS.items() if setting.restored} <= restore
    assert {name for name, setting in SETTINGS.items() if setting.modified} <= modify


def test_a_restore_is_told_what_it_takes_and_the_rest_is_changed_afterwards() -> None:
    wanted = read_settings(instance(**PRODUCTION))
    told = for_restore(wanted)
    assert (told["DBSubnetGroupName"], told["VpcSecurityGroupIds"], told["DBParameterGroupName"]) == ("private", ["sg-1", "sg-2"], "tuned")
    # What is protected could not be thrown away.
    assert "DeletionProtection" not in told
    as_restored = {name: value for name, value in PRODUCTION.items() if not name.startswith(("Deletion", "Monitoring"))}
    seen = read_settings(instance(BackupRetentionPeriod=1, **as_restored))
    assert corrections(wanted, seen) == {
        "BackupRetentionPeriod": 7,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": PRODUCTION["MonitoringRoleArn"],
        "DeletionProtection": True,
    }
    assert corrections(wanted, wanted) == {}


def test_what_could_not_be_carried_over_is_named() -> None:
    wanted, seen = read_settings(instance(**PRODUCTION)), read_settings(instance(**{**PRODUCTION, "MultiAZ": False, "KmsKeyId": "key"}))
    assert differences(wanted, seen) == ["MultiAZ is off, and was on.", "KmsKeyId is key, and was unset."]
    hanging: dict[str, t.Any] = {
        "ReadReplicaDBInstanceIdentifiers": ["shop-2"],
        "AssociatedRoles": [{"RoleArn": "arn:role"}],
        "MasterUserSecret": {"x": 1},
    }
    said = " ".join(losses(instance(**hanging)))
    assert all(word in said for word in ("shop-2", "arn:role", "Secrets Manager"))
    assert losses(instance()) == []


@pytest.mark.parametrize(
    ("kind", "size", "iops", "throughput"),
    [("gp3", 100, None, None), ("gp3", 400, 3000, 125), ("io2", 100, 3000, None), ("gp2", 400, None, None)],
)
def test_iops_are_told_only_where_rds_lets_somebody_choose_them(kind: str, size: int, iops: int | None, throughput: int | None) -> None:
    found = read_settings(instance(StorageType=kind, AllocatedStorage=size))
    assert (found["Iops"], found["StorageThroughput"]) == (iops, throughput)


def test_a_proof_needs_no_second_zone_and_may_be_smaller() -> None:
    told = for_proof(read_settings(instance(**PRODUCTION)), "db.t4g.small")
    assert (told["MultiAZ"], told["DBInstanceClass"], told["DBSubnetGroupName"]) == (False, "db.t4g.small", "private")
    assert for_proof(read_settings(instance(**PRODUCTION)), None)["DBInstanceClass"] == "db.m7g.large"


def test_only_the_tags_of_people_are_carried_over() -> None:
    assert own_tags(instance(tags={"owner": "shop", "aws:cloudformation:stack-id": "x", "holdfast:role": "ready"})) == {"owner": "shop"}
