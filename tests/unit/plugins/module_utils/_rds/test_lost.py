"""What is left of an instance that is gone, and what a person says of it."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._rds.client import Rds
from ansible_collections.holdfast.webops.plugins.module_utils._rds.holdings import problems, shown, weighed, with_final
from ansible_collections.holdfast.webops.plugins.module_utils._rds.instance import Instance
from ansible_collections.holdfast.webops.plugins.module_utils._rds.lost import OPTIONS, put_together
from ansible_collections.holdfast.webops.plugins.module_utils._rds.orders import order_for, read_target
from ansible_collections.holdfast.webops.plugins.module_utils._rds.settings import (
    UNTOLD,
    compared,
    corrections,
    for_proof,
    for_restore,
    losses,
    read_settings,
)
from tests.unit.plugins.module_utils._rds.described import HOUR, NOW, instance, snapshot

BACKUP: t.Final[dict[str, t.Any]] = {
    "DbiResourceId": "db-GONE",
    "DBInstanceArn": "arn:aws:rds:eu-central-1:123456789012:db:shop",
    "Engine": "postgres",
    "StorageType": "gp3",
    "AllocatedStorage": 100,
    "BackupRetentionPeriod": 7,
    "Encrypted": True,
    "OptionGroupName": "default:postgres-17",
    "IAMDatabaseAuthenticationEnabled": True,
    "RestoreWindow": {"EarliestTime": NOW - 9 * HOUR, "LatestTime": NOW - 2 * HOUR},
    "TagList": [{"Key": "owner", "Value": "shop"}],
}
SAID: t.Final[dict[str, t.Any]] = {
    "instance_class": "db.m7g.large",
    "multi_az": True,
    "subnet_group": "private",
    "security_groups": ["sg-1"],
    "publicly_accessible": False,
    "parameter_group": "tuned",
    "option_group": "ours",
    "backup_retention": 14,
    "backup_window": "02:00-02:30",
    "deletion_protection": True,
    "copy_tags_to_snapshot": True,
}


def gone(**said: t.Any) -> Instance:
    return put_together("shop", BACKUP, {**dict.fromkeys(OPTIONS), **said})


def test_everything_that_a_person_says_is_a_setting_and_wins() -> None:
    assert set(SAID) == set(OPTIONS)
    known = {name: value for name, value in read_settings(gone(**SAID)).items() if value is not None}
    assert {*known} >= {*UNTOLD, "DBInstanceClass", "PubliclyAccessible", "OptionGroupName", "PreferredBackupWindow", "CopyTagsToSnapshot"}
    assert (known["OptionGroupName"], known["BackupRetentionPeriod"]) == ("ours", 14)


def test_what_nobody_says_is_neither_told_to_rds_nor_changed_afterwards_and_is_named() -> None:
    wanted = read_settings(gone())
    assert for_restore(wanted) == {"OptionGroupName": "default:postgres-17", "StorageType": "gp3", "EnableIAMDatabaseAuthentication": True}
    assert for_proof(wanted, None) == {"OptionGroupName": "default:postgres-17", "StorageType": "gp3", "MultiAZ": False}
    assert "BackupRetentionPeriod" not in corrections(wanted, read_settings(instance()))
    without_days = put_together("shop", {name: value for name, value in BACKUP.items() if name != "BackupRetentionPeriod"}, None)
    assert "BackupRetentionPeriod" not in corrections(read_settings(without_days), read_settings(instance()))
    (said,) = losses(gone())
    assert "subnet_group, security_groups, parameter_group, multi_az, deletion_protection, which RDS does not keep" in said
    assert losses(gone(**SAID)) == []


def test_only_what_is_known_of_it_is_compared() -> None:
    new = instance(StorageEncrypted=True, IAMDatabaseAuthenticationEnabled=False, MultiAZ=True)
    assert compared(gone(), new) == [
        "OptionGroupName is unset, and was default:postgres-17.",
        "EnableIAMDatabaseAuthentication is off, and was on.",
    ]


def test_the_latest_moment_of_it_is_that_of_a_snapshot_that_is_younger_than_its_window() -> None:
    older, last = snapshot("older", NOW - 3 * HOUR), snapshot("the-last", NOW - HOUR, kind="manual")
    raw = gone().raw
    window, ended = (with_final(weighed(raw, None, snapshots, NOW)) for snapshots in ((older,), (last, older)))
    assert (order_for(read_target("latest"), window).way, window.youngest) == ("pitr", NOW - 2 * HOUR)
    assert (order_for(read_target("latest"), ended).snapshot, ended.youngest) == ("the-last", NOW - HOUR)
    assert order_for(read_target("2026-11-22T09:30:00Z"), ended).way == "pitr"
    assert shown("eu-central-1", gone(), ended)["rpo_seconds"] == 3600
    assert "its automated backups are left" in problems(gone(), ended)[0]


def test_without_a_name_nothing_is_asked_because_aws_would_answer_with_all_instances() -> None:
    assert Rds(None, "shop", SystemClock(), Deadline(SystemClock(), 1)).instance("") is None
