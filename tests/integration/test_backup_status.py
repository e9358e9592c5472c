"""What a ledger in a real store says of the backups, by the module and by the check of health_check."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from tests.integration.health.lab import look
from tests.integration.release_lab import PORTAL, Memory, in_folder

if t.TYPE_CHECKING:
    import pathlib

POLICY = {"policy": "database", "kind": "database", "late_hours": 26, "proof_hours": 192}


@pytest.fixture
def memory(tmp_path: pathlib.Path) -> Memory:
    return in_folder(tmp_path)


def ago(hours: float) -> str:
    return (datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=hours)).isoformat()


def made(memory: Memory, hours: float) -> None:
    about = {"policy": "database", "kind": "database", "backup_id": "20261122T020000Z-1a2b3c"}
    memory.write(
        {"event": "backup.recorded", "data": {**about, "taken_at": ago(hours), "bytes": 302_600_000}},
        {"event": "proof.recorded", "data": {**about, "proven_at": ago(hours), "bytes": 12_000_000_000, "duration_s": 240.0}},
    )


def test_a_young_and_proven_backup_is_told_in_one_line(memory: Memory) -> None:
    made(memory, 3.5)
    found = memory.run("backup_status", policies=[POLICY])
    assert found["alerts"] == []
    assert found["lines"] == ["database: newest backup: 3 hours ago, 302.6 MB; last proven restore: 3 hours ago, 12.0 GB in 4 min 0 s."]
    assert not found["changed"]


def test_a_page_is_written_where_it_is_wanted_and_only_in_earnest(memory: Memory, tmp_path: pathlib.Path) -> None:
    made(memory, 3.5)
    page = tmp_path / "backups.html"
    assert memory.run("backup_status", policies=[POLICY], page=str(page), check=True)["page"] == str(page)
    assert not page.exists()
    assert memory.run("backup_status", policies=[POLICY], page=str(page))["changed"] is False
    assert "healthy: Backups · " in page.read_text()
    assert "there is no folder" in memory.fail("backup_status", policies=[POLICY], page=str(tmp_path / "no" / "page.html"))["msg"]


def test_a_policy_may_fail_without_a_release_and_the_reason_is_told(memory: Memory) -> None:
    made(memory, 30)
    memory.write({"event": "backup.failed", "data": {"policy": "database", "reason": "The disk is full."}})
    (alert,) = memory.run("backup_status", policies=[POLICY])["alerts"]
    assert (alert["alert"], alert["severity"]) == ("late", "error")
    assert alert["says"].endswith("The last run, just now, failed: The disk is full.")


def test_a_failed_policy_does_not_stop_a_deploy_that_had_decided_before_it(memory: Memory) -> None:
    head = memory.write({"event": "backup.recorded", "data": {"backup_id": "x"}})["head"]["number"]
    memory.write({"event": "backup.failed", "data": {"policy": "database", "reason": "The disk is full."}})
    assert memory.write(decided_on=head)["entries"] == []


def test_the_check_fails_when_a_backup_is_late_and_warns_of_a_missing_proof(memory: Memory) -> None:
    options = {"portal": PORTAL, "store": memory.store, "policies": [POLICY]}
    empty = look("backup_policies", **options)
    assert (empty["status"], empty["figures"]) == ("fail", {"late": 1, "doubtful": 1})
    assert "database: there is no good backup at all" in empty["reason"]
    made(memory, 1)
    assert look("backup_policies", **options)["status"] == "pass"
    unproven = look("backup_policies", **{**options, "policies": [{**POLICY, "proof_hours": 0.5}]})
    assert (unproven["status"], unproven["figures"]) == ("warn", {"late": 0, "doubtful": 1})


def test_wrong_limits_and_wrong_stores_are_sentences(memory: Memory) -> None:
    assert "of_last of database is 0" in memory.fail("backup_status", policies=[{**POLICY, "of_last": 0}])["msg"]
    assert look("backup_policies", portal=PORTAL, store=memory.store, policies=[POLICY])["evidence"]["value"]
