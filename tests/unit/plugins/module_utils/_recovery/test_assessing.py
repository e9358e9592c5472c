"""What a recovery would lose, and what of it has to be approved."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._recovery.assessing import assess
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.recovered import recovered
from tests.unit.plugins.module_utils._recovery.rehearsals import NOON, backup

LOGICAL = {"name": "shop", "restore": {"backup": backup(), "physical": None}}
PHYSICAL = {
    "name": "15/main",
    "restore": {
        "backup": None,
        "physical": {"moment": "2026-11-22T11:59:00Z", "lost_seconds": 60.0, "kept": "/srv/main.before", "duration_s": 7.5},
    },
}
EXAMINATION = {"seconds": 0.1, "answers": [], "youngest_change": "2026-11-22T11:29:00Z", "passed": True}


def bucket(name: str, **plan: int) -> dict[str, t.Any]:
    point = {"id": "20261122T110000Z-4d5e6f", "at": "2026-11-22T11:00:00Z"}
    return {"bucket": name, "backup": point, "plan": {"write": 2, "replace": 0, "remove": 0, "unchanged": 3, **plan}}


def assessed(database: t.Any = None, *buckets: dict[str, t.Any], confirmed: str = "") -> dict[str, t.Any]:
    return assess({"database": database, "storage": buckets}, confirmed, NOON)


def test_what_a_backup_loses_is_counted_from_its_snapshot() -> None:
    found = assessed(LOGICAL)
    assert (found["confirm"], found["missing"], found["lost_s"]) == ("database:shop", ["database:shop"], 1800.0)
    line = "Database shop goes back to backup 20261122T113000Z-1a2b3c of 2026-11-22T11:30:00Z: 30 min 0 s of changes are lost."
    assert found["lines"] == [f"{line} The old one is kept."]


def test_a_backup_from_the_future_is_no_backup_that_loses_nothing() -> None:
    def of(moment: str) -> dict[str, t.Any]:
        return assessed({"name": "shop", "restore": {"backup": backup(at=moment), "physical": None}})

    ahead = of("2026-11-22T14:00:00Z")
    assert ahead["lost_s"] is None
    assert "what was written since then is lost. The old one is kept." in ahead["lines"][0]
    assert ahead["lines"][0].endswith("Its time is 2 h 0 min ahead of the controller: a clock is wrong.")
    assert of("2026-11-22T12:00:03Z")["lost_s"] == 0.0


def test_what_a_moment_loses_is_what_the_archive_says_and_the_whole_cluster_is_named() -> None:
    found = assessed(PHYSICAL)
    assert (found["confirm"], found["lost_s"]) == ("database:15/main", 60.0)
    assert "All databases of cluster 15/main go back to 2026-11-22T11:59:00Z: 1 min 0 s of changes are lost." in found["lines"][0]


def test_a_project_that_goes_back_in_its_own_place_says_itself_what_that_means() -> None:
    physical = {"moment": "2026-11-22T11:59:00Z", "lost_seconds": 60.0, "says": "Meanwhile the project is down."}
    found = assessed({"name": "abcdefghijklmnopqrst", "restore": {"backup": None, "physical": physical}})
    assert (found["lost_s"], found["lines"]) == (60.0, ["Meanwhile the project is down."])


def test_only_a_bucket_of_which_something_is_replaced_has_to_be_approved() -> None:
    found = assessed(None, bucket("documents", replace=1), bucket("pictures"))
    assert (found["confirm"], found["lost_s"]) == ("storage:documents", None)
    assert "1 are replaced" in found["lines"][0]
    assert found["lines"][1].endswith("Nothing is replaced.")


def rolled_away(chosen: str, last_restore: t.Any, last_backup: t.Any = None) -> str:
    """What is said of a backup of 11:30 when the ledger tells of a restore."""
    known = [backup(id="old", at="2026-11-22T09:00:00Z"), backup(id="good", at="2026-11-22T10:00:00Z"), backup(id="bad")]
    seen = {
        "database": {"name": "shop", "restore": {"backup": next(one for one in known if one["id"] == chosen), "physical": None}},
        "storage": [],
        "backups": known,
        "ledger": {"last_restore": last_restore, "last_backup": last_backup},
    }
    found = assess(seen, "", NOON)
    assert (found["rolled_away"] in found["lines"]) == bool(found["rolled_away"])
    return str(found["rolled_away"])


def test_a_backup_of_data_that_a_restore_has_replaced_since_is_told_by_its_name() -> None:
    to_good = {"at": "2026-11-22T11:40:00Z", "backup_id": "good", "moment": None}
    said = "from before the data went back to backup good at 2026-11-22T11:40:00Z: what was replaced then comes back with it."
    assert rolled_away("bad", to_good) == f"Backup bad is {said}"
    safety = {"backup_id": "bad", "recovery_id": "recovery-1"}
    assert rolled_away("bad", to_good, safety) == f"Backup bad is the safety backup {said}"
    assert rolled_away("bad", to_good, {**safety, "backup_id": "another"}) == f"Backup bad is {said}"
    to_a_moment = {"at": "2026-11-22T11:40:00Z", "backup_id": None, "moment": "2026-11-22T11:00:00Z"}
    assert "from before the data went back to 2026-11-22T11:00:00Z at" in rolled_away("bad", to_a_moment)
    gone = {**to_good, "backup_id": "deleted since"}
    assert "from before" in rolled_away("bad", gone)


def test_a_backup_of_data_that_nobody_has_replaced_is_not_spoken_of() -> None:
    to_good = {"at": "2026-11-22T11:40:00Z", "backup_id": "good", "moment": None}
    assert rolled_away("good", to_good) == rolled_away("old", to_good) == rolled_away("bad", None) == ""
    assert rolled_away("bad", {**to_good, "at": "2026-11-22T11:30:00Z"}) == "", "it was made after that"
    to_a_moment = {"at": "2026-11-22T11:40:00Z", "backup_id": None, "moment": "2026-11-22T11:30:00Z"}
    assert rolled_away("bad", to_a_moment) == rolled_away("good", to_a_moment) == ""


def again(restore: dict[str, t.Any], **last: t.Any) -> tuple[str, list[str], list[str]]:
    """What has to be approved, and what is said, when the ledger tells of that restore."""
    last_restore = {"at": "2026-11-22T11:40:00Z", "backup_id": None, "moment": None, "recovery_id": "recovery-1", **last}
    seen = {"database": {"name": "shop", "restore": restore}, "storage": [], "ledger": {"last_restore": last_restore}}
    found = assess(seen, "database:shop", NOON)
    return found["confirm"], found["missing"], found["lines"][1:]


def test_the_same_approval_twice_does_not_throw_away_what_users_wrote_since() -> None:
    said = "recovery-1 brought it back to that at 2026-11-22T11:40:00Z already: what was written since is lost."
    wanted = ("database:shop:again", ["database:shop:again"], [said])
    to_backup, to_moment = t.cast("t.Any", LOGICAL["restore"]), t.cast("t.Any", PHYSICAL["restore"])
    assert again(to_backup, backup_id=backup()["id"]) == wanted
    assert again(to_moment, moment="2026-11-22T11:59:00Z") == wanted
    first: tuple[t.Any, ...] = ("database:shop", [])
    assert again(to_backup, backup_id="another")[:2] == first
    assert again(to_moment, moment="2026-11-22T11:58:00Z")[:2] == first
    assert again(to_backup, backup_id=backup()["id"], recovery_id=None)[:2] == first, "by the playbook restore, which does nothing twice"


@pytest.mark.parametrize(
    ("confirmed", "missing"),
    [
        ("database:shop,storage:documents", []),
        (" storage:documents , database:shop ", []),
        ("database:shop", ["storage:documents"]),
        ("database:shops,storage:documents", ["database:shop"]),
        ("yes", ["database:shop", "storage:documents"]),
    ],
)
def test_each_thing_is_approved_by_its_own_name(confirmed: str, missing: list[str]) -> None:
    assert assessed(LOGICAL, bucket("documents", replace=1), confirmed=confirmed)["missing"] == missing


def test_a_restore_tells_where_the_old_state_is_kept_and_a_resumed_one_what_is_there() -> None:
    done = {"backup": backup(), "physical": None, "restored": {"replaced_database": "shop_replaced_x", "duration_s": 12.0}}
    assert recovered(done, EXAMINATION)["says"].endswith("The old one is kept as shop_replaced_x.")
    assert recovered(done, EXAMINATION)["rehearsal"]["restore_s"] == 12.0
    resumed = recovered({**done, "restored": None}, EXAMINATION)
    assert resumed["says"] == "The database holds backup 20261122T113000Z-1a2b3c of 2026-11-22T11:30:00Z."
    assert resumed["rehearsal"]["restore_s"] is None


def test_a_cluster_tells_its_moment_and_the_kept_folder() -> None:
    told = recovered(PHYSICAL["restore"], EXAMINATION)  # type: ignore[arg-type]
    assert told["moment"] == "2026-11-22T11:59:00Z"
    assert told["says"] == "The cluster is back at 2026-11-22T11:59:00Z. The old one is kept as /srv/main.before."
