"""rds_backup and an instance that was deleted: it comes back under its own name, as far as RDS and a person know how it was."""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from tests.emulators.rds.running import LocalRds, next_second
from tests.integration.rds.lab import FRESH, NAME, KilledError, Lab, is_change, killed_after, until_it_ends
from tests.integration.rds.test_rds_backup import count, shown

OWNER = {"Key": "owner", "Value": "shop"}


def settings(lab: Lab) -> dict[str, t.Any]:
    """What RDS does not keep."""
    return {"subnet_group": "private", "security_groups": [lab.rds.security_group], "parameter_group": "tuned", "multi_az": True}


@pytest.fixture
def lab(local_rds: LocalRds) -> Lab:
    """Set up otherwise than by default, and reached by its own security group only."""
    local_rds.reset()
    local_rds.settle(default_group_is_closed=True)
    local_rds.control("POST", "groups", parameter="tuned", settings={"work_mem": "9MB"})
    return Lab(local_rds, DBSubnetGroupName="private", DBParameterGroupName="tuned", MultiAZ=True, Tags=[OWNER])


def delete(lab: Lab, *, keeps_backups: bool, final: str = "") -> None:
    next_second()  # RDS goes back to whole ones
    last: dict[str, t.Any] = {"FinalDBSnapshotIdentifier": final} if final else {"SkipFinalSnapshot": True}
    lab.rds.client().delete_db_instance(DBInstanceIdentifier=NAME, DeleteAutomatedBackups=not keeps_backups, **last)
    lab.rds.wait_until("", NAME)
    assert "DeleteDBInstance" in lab.orders


def test_from_retained_backups_it_comes_back_to_a_moment_with_what_rds_and_a_person_know(lab: Lab) -> None:
    moment = shown(next_second())
    lab.execute("DELETE FROM notes")
    delete(lab, keeps_backups=True)
    seen = lab.run("rds_backup")
    assert (seen["instance"]["status"], seen["recovery_points"]["physical"]["pitr"]) == ("deleted", True)
    assert "RDS has no instance portal any more; its automated backups are left" in seen["warnings"][0]
    bare = lab.go_back(moment, check=True)
    assert (
        "Nobody says its subnet_group, security_groups, parameter_group, multi_az, deletion_protection"
        in bare["physical"]["differences"][0]
    )
    said = {**settings(lab), "deletion_protection": True}
    check = lab.go_back(moment, check=True, settings=said)
    assert "a new one takes its name" in check["physical"]["says"]
    assert (check["changed"], check["physical"]["differences"], lab.orders) == (True, [], [])
    done = lab.go_back(moment, settings=said, database_url=lab.url, validations=count(1))
    assert (done["diff"], done["physical"]["kept"], done["physical"]["differences"]) == (check["diff"], None, [])
    row = lab.rds.describe()
    assert (row["DBSubnetGroup"]["DBSubnetGroupName"], row["MultiAZ"], row["DeletionProtection"]) == ("private", True, True)
    assert (row["DBParameterGroups"][0]["DBParameterGroupName"], row["BackupRetentionPeriod"], OWNER in row["TagList"]) == (
        "tuned",
        7,
        True,
    )
    assert (lab.notes(), lab.instances()) == ([1], [NAME])
    assert not lab.go_back(moment, settings=said)["changed"]
    assert "was not restored by this module" in lab.refused("rds_backup", state="undone", confirm=NAME)


def test_of_snapshots_alone_the_last_one_is_the_latest_and_a_moment_is_refused_with_it(lab: Lab) -> None:
    lab.name("before")
    lab.execute("INSERT INTO notes VALUES (2)")
    delete(lab, keeps_backups=False, final="the-last")
    points = lab.run("rds_backup")["recovery_points"]
    assert "only its snapshots are left" in points["problems"][0]
    assert [one["id"] for one in points["physical"]["backups"]] == ["the-last", "portal-before"]
    assert "'point the-last'" in lab.refused("rds_backup", **lab.way(shown(next_second())))
    proven = lab.run("rds_backup", state="proven", target="latest", settings=settings(lab), database_url=lab.url, validations=count(2))
    assert (proven["physical"]["backup"], lab.instances()) == ("the-last", [])
    assert "AWS would not" in lab.refused("rds_backup", **lab.way("latest", settings={**settings(lab), "parameter_group": "nobodys"}))
    back = lab.go_back("latest", settings=settings(lab))
    assert (back["physical"]["backup"], lab.notes(), lab.instances()) == ("the-last", [1, 2], [NAME])


def test_the_last_snapshot_is_the_latest_also_where_backups_were_retained(lab: Lab) -> None:
    lab.rds.settle(restorable_lag_seconds=300)
    lab.execute("INSERT INTO notes VALUES (2)")
    delete(lab, keeps_backups=True, final="the-last")
    seen = lab.run("rds_backup")["recovery_points"]["physical"]
    assert seen["newest"] == seen["backups"][0]["at"]
    back = lab.go_back("latest", settings=settings(lab))["physical"]
    assert (back["way"], back["backup"], lab.notes()) == ("snapshot", "the-last", [1, 2])


def test_killed_after_each_of_its_orders_the_same_task_ends_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    delete(lab, keeps_backups=True)
    kills = killed_after(monkeypatch, is_change)
    lab.rds.settle(transition_seconds=0.3)
    way: dict[str, t.Any] = {"settings": {**settings(lab), "deletion_protection": True}}
    restored = until_it_ends(lambda: lab.go_back("latest", **way))
    assert lab.orders == ["RestoreDBInstanceToPointInTime", "ModifyDBInstance", "AddTagsToResource", "ModifyDBInstance"]
    assert (len(kills), restored["changed"], lab.notes(), lab.instances()) == (4, False, [1], [NAME])


def test_what_fails_on_its_way_to_the_name_is_thrown_away_and_begun_anew(lab: Lab) -> None:
    delete(lab, keeps_backups=True)
    way: dict[str, t.Any] = {"settings": settings(lab)}
    lab.rds.fault("access_denied", action="ModifyDBInstance", times=1)
    assert "Allow rds:ModifyDBInstance" in lab.refused("rds_backup", **lab.way("latest", **way))
    lab.rds.put_into("incompatible-network", FRESH)
    done = lab.go_back("latest", **way)
    assert (done["physical"]["resumed"], lab.notes(), lab.instances()) == (False, [1], [NAME])


def test_an_instance_that_has_another_name_is_not_restored_beside_itself(lab: Lab) -> None:
    lab.name("before")
    lab.rds.client().modify_db_instance(DBInstanceIdentifier=NAME, NewDBInstanceIdentifier="portal-old", ApplyImmediately=True)
    lab.rds.wait_until("available", "portal-old")
    assert lab.orders == ["CreateDBSnapshot", "ModifyDBInstance"]
    assert "the one that had that name is there, as portal-old" in lab.refused("rds_backup", **lab.way("latest"))
    assert "RDS has no instance portal in eu-central-1" in lab.refused("rds_backup", state="point", restore_point="now")
    assert (lab.orders, lab.instances()) == ([], ["portal-old"])


def test_a_way_back_that_was_killed_between_its_renames_is_not_taken_for_a_loss(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.name("before")
    lab.go_back("point before")
    with monkeypatch.context() as patched, contextlib.suppress(KilledError):
        killed_after(patched, lambda _operation, given: "NewDBInstanceIdentifier" in given)
        lab.run("rds_backup", state="undone", confirm=NAME)
    lab.rds.wait_until("", NAME)
    assert lab.orders
    for task in (lab.way("latest"), {"state": "listed"}):
        assert "is on its way back to the name portal" in lab.refused("rds_backup", **task)
    assert lab.orders == []
    assert lab.run("rds_backup", state="undone", confirm=NAME)["changed"]
