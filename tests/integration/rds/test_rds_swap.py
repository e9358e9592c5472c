"""The swap of two renames, with every one of its calls refused, unanswered or in vain: users have an instance, or a command brings it."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._rds import client
from tests.integration.rds.lab import FRESH, NAME, Lab

if t.TYPE_CHECKING:
    from tests.emulators.rds.running import LocalRds

# Of a restore from a snapshot of an instance that needs no other setting: mark, rename the old one, rename the new one.
RENAMES = ("ModifyDBInstance", 0), ("ModifyDBInstance", 1)
UNDO: dict[str, t.Any] = {"state": "undone", "confirm": NAME}


def ready(lab: Lab) -> None:
    """Nothing of the instance is set after the restore, so that only renames are changes."""
    lab.name("before")
    lab.execute("DELETE FROM notes")
    assert lab.orders


@pytest.fixture
def lab(local_rds: LocalRds, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Asked once more and no more: a test has no patience with a network that stays away."""
    monkeypatch.setitem(client.SETTINGS, "retries", {"mode": "standard", "max_attempts": 1})
    local_rds.reset()
    return Lab(local_rds, BackupRetentionPeriod=1)


@pytest.mark.parametrize(("action", "skip"), [("RestoreDBInstanceFromDBSnapshot", 0), ("AddTagsToResource", 0), *RENAMES])
def test_what_aws_refuses_leaves_the_old_instance_where_it_was_and_the_next_run_goes_on(lab: Lab, action: str, skip: int) -> None:
    ready(lab)
    live = lab.rds.describe()["DbiResourceId"]
    lab.rds.fault("access_denied", action=action, skip=skip)
    assert f"Allow rds:{action} in the IAM policy" in lab.refused("rds_backup", **lab.way("point before"))
    assert (lab.rds.describe()["DbiResourceId"], lab.notes()) == (live, [])
    done = lab.go_back("point before")
    assert (lab.notes(), lab.instances()) == ([1], [NAME, done["physical"]["kept"]])
    assert done["physical"]["resumed"] is (action != "RestoreDBInstanceFromDBSnapshot")


@pytest.mark.parametrize("skip", [0, 1])
def test_a_network_that_is_away_during_a_rename_is_said_and_the_next_run_ends_it(lab: Lab, skip: int) -> None:
    ready(lab)
    lab.rds.fault("cut_before", action="ModifyDBInstance", skip=skip, times=0)
    assert "AWS could not be asked to rename" in lab.refused("rds_backup", **lab.way("point before"))
    lab.rds.control("DELETE", "faults")
    if skip:  # nobody has the name
        assert "stopped between its two renames. Run it again with the target point before" in lab.refused("rds_backup")
    said = lab.go_back("point before", check=True)
    done = lab.go_back("point before")
    assert (said["changed"], done["diff"]) == (True, said["diff"])
    assert (lab.notes(), lab.instances()) == ([1], [NAME, done["physical"]["kept"]])


def test_where_the_restored_instance_breaks_between_the_renames_the_old_one_can_be_brought_back(lab: Lab) -> None:
    ready(lab)
    lab.rds.fault("cut_before", action="ModifyDBInstance", skip=1, times=0)
    assert "AWS could not be asked to rename" in lab.refused("rds_backup", **lab.way("point before"))
    lab.rds.control("DELETE", "faults")
    lab.rds.put_into("incompatible-network", FRESH)
    told = lab.refused("rds_backup", **lab.way("point before"))
    assert f"what was restored is incompatible-network. Bring {NAME}-before-" in told
    assert lab.run("rds_backup", check=True, **UNDO)["changed"]
    back = lab.run("rds_backup", **UNDO)
    assert (back["physical"]["kept"], back["physical"]["resumed"], lab.notes(), lab.instances()) == (FRESH, True, [], [NAME, FRESH])
    done = lab.go_back("point before")
    assert (lab.notes(), lab.instances()) == ([1], [NAME, done["physical"]["kept"]])
