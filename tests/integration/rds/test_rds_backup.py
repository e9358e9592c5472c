"""rds_backup against instances with a real PostgreSQL, whose snapshots and restores to a moment are real."""

from __future__ import annotations

import datetime
import os
import typing as t

import psycopg
import pytest

from tests.emulators.rds.running import LocalRds, next_second
from tests.integration.module_child import result_of, start_module
from tests.integration.rds.lab import FRESH, NAME, PROOF, Lab, is_change, killed_after, until_it_ends
from tests.integration.waiting import wait_for

# As an instance in production is set up; a restored one has none of this unless RDS is told.
PRODUCTION: dict[str, t.Any] = {
    "MultiAZ": True,
    "StorageType": "gp3",
    "DeletionProtection": True,
    "CopyTagsToSnapshot": True,
    "BackupRetentionPeriod": 14,
    "PreferredBackupWindow": "01:10-01:40",
    "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
    "AutoMinorVersionUpgrade": False,
    "Tags": [{"Key": "owner", "Value": "shop"}],
}


def shown(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def count(expect: int) -> list[dict[str, t.Any]]:
    return [{"name": "notes", "query": "SELECT count(*) FROM notes", "expect": expect}]


def test_a_snapshot_is_made_once_and_what_was_lost_since_comes_back_beside_the_old_instance(lab: Lab) -> None:
    said = lab.name("before", check=True)
    assert (said["changed"], said["restore_point"]["snapshot"], said["restore_point"]["status"]) == (True, "portal-before", None)
    assert lab.orders == []
    made, again = lab.name("before"), lab.name("before")
    assert (made["changed"], made["restore_point"]["status"], again["changed"]) == (True, "available", False)
    assert lab.orders == ["CreateDBSnapshot"]
    lab.execute("DELETE FROM notes")
    back = lab.go_back("point before", database_url=lab.url, validations=count(1))["physical"]
    assert (back["way"], back["moment"], back["resumed"], back["differences"]) == ("snapshot", made["restore_point"]["at"], False, [])
    assert [one["passed"] for one in back["validations"]] == [True]
    assert (lab.notes(), lab.notes(back["kept"]), lab.instances()) == ([1], [], [NAME, back["kept"]])
    assert not lab.go_back("point before")["changed"]


def test_of_the_points_of_releases_so_many_are_kept_and_nothing_else_goes(lab: Lab) -> None:
    lab.name("by-hand")
    release: dict[str, t.Any] = {"state": "point", "keep": 2}
    for version in ("1.0", "1.1"):
        assert lab.run("rds_backup", restore_point=version, **release)["restore_point"]["removed"] == []
    said = lab.run("rds_backup", check=True, restore_point="2.0", **release)
    assert (said["changed"], said["restore_point"]["removed"], lab.orders) == (True, ["portal-1-0"], ["CreateDBSnapshot"] * 3)
    done = lab.run("rds_backup", restore_point="2.0", **release)
    assert (done["diff"], done["restore_point"]["removed"]) == (said["diff"], ["portal-1-0"])
    assert lab.orders == ["CreateDBSnapshot", "DeleteDBSnapshot"]
    again = lab.run("rds_backup", restore_point="2.0", **release)
    assert (again["changed"], again["restore_point"]["removed"]) == (False, [])
    backups = lab.run("rds_backup")["recovery_points"]["physical"]["backups"]
    assert [one["id"] for one in backups if one["kind"] == "manual"] == ["portal-2-0", "portal-1-1", "portal-by-hand"]
    lab.rds.fault("access_denied", action="DeleteDBSnapshot")
    refused = lab.run("rds_backup", restore_point="2.1", **release)
    assert (refused["restore_point"]["status"], lab.orders) == ("available", ["CreateDBSnapshot"])
    assert "Allow rds:DeleteDBSnapshot in the IAM policy" in refused["warnings"][0]


def test_a_snapshot_of_somebody_else_is_not_taken_for_the_restore_point(lab: Lab) -> None:
    lab.name("1.0")
    assert "portal-1-0 is the restore point 1.0" in lab.refused("rds_backup", state="point", restore_point="1-0")
    assert "has no such restore point" in lab.refused("rds_backup", **lab.way("point 1-0"))
    assert lab.go_back("point 1.0", check=True)["physical"]["backup"] == "portal-1-0"
    lab.rds.create("portal-1", BackupRetentionPeriod=0)
    assert "portal-1-0 is a snapshot of portal" in lab.refused(
        "rds_backup", db_instance_identifier="portal-1", state="point", restore_point="0"
    )


def test_a_moment_comes_back_with_all_settings_and_the_restore_can_be_undone(local_rds: LocalRds) -> None:
    local_rds.reset()
    lab = Lab(local_rds, **PRODUCTION)
    moment = shown(next_second())
    lab.execute("DROP TABLE notes")
    wait_for(lambda: lab.run("rds_backup")["recovery_points"]["newest"] > moment, "the moment to be archived")
    said = lab.go_back(moment, check=True)
    assert f"Everything that was committed after {moment} is lost" in said["physical"]["says"]
    assert lab.orders == []
    done = lab.go_back(moment)
    assert (done["changed"], done["diff"], done["warnings"]) == (True, said["diff"], [])
    kept = done["physical"]["kept"]
    live, old = lab.rds.describe(), lab.rds.describe(kept)
    assert {name: live[name] for name in PRODUCTION if name != "Tags"} == {name: old[name] for name in PRODUCTION if name != "Tags"}
    assert {"Key": "owner", "Value": "shop"} in live["TagList"]
    assert (lab.notes(), done["physical"]["differences"]) == ([1], [])
    undo: dict[str, t.Any] = {"state": "undone", "confirm": NAME}
    assert lab.run("rds_backup", check=True, **undo)["changed"]
    assert lab.rds.describe()["DbiResourceId"] == live["DbiResourceId"]
    taken_back = lab.run("rds_backup", **undo)
    assert (taken_back["changed"], lab.rds.describe()["DbiResourceId"]) == (True, old["DbiResourceId"])
    with pytest.raises(psycopg.errors.UndefinedTable):
        lab.notes()
    assert lab.instances() == [NAME, taken_back["physical"]["kept"]]
    assert not lab.run("rds_backup", **undo)["changed"]


def test_a_restore_that_is_killed_after_each_of_its_orders_is_ended_by_the_same_task(
    local_rds: LocalRds, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_rds.reset()
    lab = Lab(local_rds, **PRODUCTION)
    lab.name("before")
    lab.execute("DELETE FROM notes")
    assert lab.orders == ["CreateDBSnapshot"]
    kills = killed_after(monkeypatch, is_change)
    lab.rds.settle(transition_seconds=0.3)
    restored = until_it_ends(lambda: lab.go_back("point before"))
    # Restored, set up, marked as ready, renamed twice: each order was given once.
    assert lab.orders == [
        "RestoreDBInstanceFromDBSnapshot",
        "ModifyDBInstance",
        "AddTagsToResource",
        "ModifyDBInstance",
        "ModifyDBInstance",
    ]
    assert len(kills) == 5
    assert not restored["changed"]
    kept = restored["physical"]["kept"]
    assert (lab.notes(), lab.instances()) == ([1], [NAME, kept])
    kills.clear()

    def undo() -> dict[str, t.Any]:
        if len(kills) == 3:  # who sees the last rename under way waits for it, and says that it changed something
            wait_for(lambda: NAME in lab.instances(), "the last rename")
        return lab.run("rds_backup", state="undone", confirm=NAME)

    undone = until_it_ends(undo)
    assert (len(kills), lab.notes(), undone["changed"]) == (3, [], False)


def test_a_process_that_is_killed_while_rds_restores_is_repeated_and_gives_no_second_order(lab: Lab) -> None:
    lab.name("before")
    lab.rds.settle(transition_seconds=3600)
    options = {**lab.common, **lab.way("point before")}
    killed = start_module("rds_backup", **options)
    wait_for(lambda: lab.rds.status(FRESH) == "creating", "the restore to begin")
    killed.kill()
    killed.communicate()
    predicted = lab.go_back("point before", check=True)
    assert (predicted["changed"], predicted["physical"]["resumed"]) == (True, True)
    lab.rds.settle(transition_seconds=0)
    result = result_of(start_module("rds_backup", **options))
    assert (result["changed"], result["physical"]["resumed"]) == (True, True), result["raw"]
    assert lab.orders.count("RestoreDBInstanceFromDBSnapshot") == 1
    assert lab.rds.secret_access_key not in result["raw"]


def test_orders_whose_answers_are_lost_are_not_carried_out_twice(lab: Lab) -> None:
    lab.rds.fault("cut_after", action="CreateDBSnapshot")
    lab.name("before")
    lab.rds.fault("cut_after", action="RestoreDBInstanceFromDBSnapshot")
    lab.rds.fault("cut_after", action="ModifyDBInstance", times=2)
    lab.rds.fault("throttled", action="DescribeDBInstances", times=2)
    done = lab.go_back("point before")
    assert lab.instances() == [NAME, done["physical"]["kept"]]


def test_a_wrong_answer_throws_the_restored_instance_away_and_leaves_the_live_one(local_rds: LocalRds) -> None:
    local_rds.reset()
    lab = Lab(local_rds, DeletionProtection=True)
    lab.name("before")
    message = lab.refused("rds_backup", **lab.way("point before", database_url=lab.url, validations=count(2)))
    assert "notes: 1 was found, and 2 was expected" in message
    assert "the live instance was not touched" in message
    lab.rds.wait_until("", FRESH)
    assert (lab.instances(), lab.notes()) == ([NAME], [1])


def test_a_proof_leaves_nothing_behind_and_throws_away_what_a_killed_one_left(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.name("before")
    proof: dict[str, t.Any] = {
        "state": "proven",
        "target": "point before",
        "database_url": lab.url,
        "validations": count(1),
        "canary": "SELECT now()",
    }
    lab.rds.settle(transition_seconds=3600)
    killed = start_module("rds_backup", **lab.common, **proof, proof_instance_class="db.t4g.small")
    wait_for(lambda: lab.rds.status(PROOF) == "creating", "the proof to begin")
    killed.kill()
    killed.communicate()
    assert lab.rds.describe(PROOF)["DBInstanceClass"] == "db.t4g.small"
    lab.rds.settle(transition_seconds=0)
    proven = lab.run("rds_backup", **proof)
    assert (proven["changed"], [one["passed"] for one in proven["physical"]["validations"]]) == (False, [True, True])
    assert proven["physical"]["youngest_change"]
    assert proven["physical"]["duration_s"] is not None
    lab.rds.wait_until("", PROOF)
    assert lab.instances() == [NAME]
    assert "2 was expected" in lab.refused("rds_backup", **{**proof, "validations": count(2)})
    lab.rds.wait_until("", PROOF)
    assert lab.notes() == [1]


def test_an_instance_of_somebody_else_in_the_way_is_not_touched(lab: Lab) -> None:
    lab.rds.create(FRESH)
    lab.name("before")
    assert lab.orders == ["CreateDBInstance", "CreateDBSnapshot"]
    assert "which no restore of portal as it is now has made" in lab.refused("rds_backup", **lab.way("point before"))
    assert (lab.orders, lab.instances()) == ([], [NAME, FRESH])


def test_a_restore_that_fails_at_rds_is_told_and_the_next_run_begins_anew(lab: Lab) -> None:
    lab.name("before")
    lab.rds.fault("restore_failed")
    assert f"{FRESH} is incompatible-restore" in lab.refused("rds_backup", **lab.way("point before"))
    done = lab.go_back("point before")
    assert (done["physical"]["resumed"], lab.instances()) == (False, [NAME, done["physical"]["kept"]])


@pytest.fixture(scope="module")
def quiet(local_rds: LocalRds) -> Lab:
    """One instance for all that is refused, which touches nothing."""
    local_rds.reset()
    return Lab(local_rds)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"target": "2100-01-01T00:00:00Z"}, "in the future"),
        ({"target": "2020-01-01T00:00:00Z"}, "before the first moment that can be restored, which is 20"),
        ({"target": "transaction 7351"}, "RDS goes back to moments and snapshots, not to transactions"),
        ({"target": "point nobody-made-it"}, "has no such restore point or snapshot"),
        ({"target": "yesterday"}, "names no moment"),
        ({"confirm": "shop"}, "confirm is 'shop'"),
        ({"confirm": None}, "confirm is missing, and the whole instance portal would be replaced"),
        ({"db_instance_identifier": "nobody", "confirm": "nobody"}, "RDS has no instance nobody in eu-central-1"),
        ({"db_instance_identifier": "../portal"}, "names no DB instance"),
        ({"secret_access_key": "wrong-secret-of-somebody-else-000000000"}, "secret_access_key"),
        ({"secret_access_key": None}, "access_key_id is given alone"),
        ({"validations": [{"name": "n", "query": "SELECT 1", "expect": 1}]}, "validations are given without database_url"),
        ({"state": "point", "restore_point": "a b", "target": None, "confirm": None}, "restore_point is 'a b'"),
        ({"state": "listed"}, "target is given with state: listed"),
        ({"settings": {"backup_retention": 99}}, "settings: backup_retention is 99"),
        ({"state": "point", "restore_point": "a", "target": None, "confirm": None, "keep": -1}, "keep is -1"),
        ({"state": "undone", "target": None}, "was not restored by this module"),
    ],
)
def test_what_cannot_be_had_is_refused_before_anything_is_touched(quiet: Lab, given: dict[str, t.Any], said: str) -> None:
    message = quiet.refused("rds_backup", **{**quiet.way("latest"), **given})
    assert said in message
    assert "wrong-secret" not in message
    assert quiet.orders == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "access_denied", "action": "DescribeDBSnapshots"}, "Allow rds:DescribeDBSnapshots in the IAM policy"),
        ({"kind": "expired_token", "action": "DescribeDBInstances"}, "The session is over"),
    ],
)
def test_what_aws_refuses_is_said_with_what_to_do(quiet: Lab, fault: dict[str, t.Any], said: str) -> None:
    quiet.rds.fault(fault["kind"], action=fault["action"])
    assert said in quiet.refused("rds_backup")


def test_what_could_be_restored_is_listed_and_what_is_missing_is_said(quiet: Lab) -> None:
    points = quiet.run("rds_backup")["recovery_points"]
    assert (points["method"], points["physical"]["pitr"], points["physical"]["provable"], points["problems"]) == (
        "physical",
        True,
        True,
        [],
    )
    assert points["oldest"] <= points["newest"]
    assert 0 <= points["rpo_seconds"] < 3600
    quiet.rds.client().modify_db_instance(DBInstanceIdentifier=NAME, BackupRetentionPeriod=0, ApplyImmediately=True)
    wait_for(lambda: quiet.rds.describe()["BackupRetentionPeriod"] == 0, "the backups to be off")
    without = quiet.run("rds_backup")
    assert "Automated backups are off (retention 0)" in without["warnings"][0]
    assert "has no point-in-time recovery. RDS has it where the retention" in quiet.refused("rds_backup", **quiet.way(shown(next_second())))


def test_keys_of_the_environment_are_used_and_never_shown(quiet: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in quiet.rds.environment.items():
        monkeypatch.setenv(name, value)
    alone: dict[str, t.Any] = {"db_instance_identifier": NAME, "wait_timeout": 60, "region": os.environ["AWS_DEFAULT_REGION"]}
    result = result_of(start_module("rds_backup", **alone))
    assert result["instance"]["name"] == NAME, result["raw"]
    assert quiet.rds.secret_access_key not in result["raw"]
    quiet.run("rds_backup", access_key_id=None, secret_access_key=None)
    assert quiet.rds.secret_access_key in quiet.masked
