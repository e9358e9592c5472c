from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._recovery.record import digest
from tests.unit.plugins.module_utils._recovery.rehearsals import backup, bad, good, restored, tried


def evidence(**more: t.Any) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", good(**more)["evidence"])


def test_the_rto_is_what_was_measured_and_the_estimates_of_what_was_left_out() -> None:
    found = good()
    rto = found["evidence"]["rto"]
    assert (found["rehearsal_id"], found["verdict"]) == ("rehearsal-20261122T120000Z", "recovered")
    assert (rto["measured_s"], rto["estimated_s"], rto["estimated_steps"], rto["total_s"]) == (70.0, 1800.0, ["application"], 1870.0)
    assert (rto["target_s"], rto["planned_s"], rto["met"]) == (14400.0, 7200.0, True)
    assert [step["seconds"] for step in found["evidence"]["steps"]] == [5.0, 60.0, None]


def test_an_rto_in_which_something_is_missing_says_what_and_not_the_time_alone() -> None:
    done = [tried("assess", 5), tried("database", 60, "failed", "The disk is full.", after=5)]
    found = evidence(done=done)
    assert (found["rto"]["met"], found["rto"]["missing"]) == (False, ["database"])
    measured = "1 min 10 s was measured, and 30 min 0 s is estimated for application"
    assert found["summary"][1] == f"RTO 4 h 0 min not met: {measured}, but not all went well (database)."
    assert evidence()["rto"]["missing"] == []


@pytest.mark.parametrize(
    ("youngest", "basis", "lost", "met"),
    [
        ("2026-11-22T11:15:00Z", "youngest change", 2700.0, True),
        ("2026-11-22T10:59:59Z", "youngest change", 3601.0, False),
        (None, "snapshot", 1800.0, True),
    ],
)
def test_the_rpo_is_that_of_the_youngest_change_else_of_the_snapshot(youngest: str | None, basis: str, lost: float, met: bool) -> None:
    found = good(restored(youngest_change=youngest))
    rpo = found["evidence"]["rpo"]
    assert (rpo["basis"], rpo["lost_s"], rpo["met"]) == (basis, lost, met)
    assert found["verdict"] == ("recovered" if met else "degraded")
    assert [one for one in found["evidence"]["findings"] if "was promised (RPO)" in one] == (
        [] if met else [found["evidence"]["findings"][-1]]
    )


def test_a_real_recovery_loses_nothing_from_before_its_point_however_quiet_the_portal_was() -> None:
    def rpo(**result: t.Any) -> tuple[str, float]:
        found = good(restored(**result), kind="recovery")["evidence"]["rpo"]
        return found["basis"], found["lost_s"]

    assert rpo(youngest_change="2026-11-19T12:00:00Z") == ("snapshot", 1800.0)
    assert rpo(youngest_change="2026-11-22T11:45:00Z") == ("youngest change", 900.0)


def test_a_clock_that_is_ahead_is_a_finding_and_not_a_good_rpo_in_silence() -> None:
    found = evidence(restore=restored(youngest_change="2026-11-22T12:01:00Z"))
    assert found["rpo"]["lost_s"] == 0.0
    assert "The youngest change is 1 min 0 s ahead of the controller: a clock is wrong, and the RPO with it." in found["findings"]


def test_a_rehearsal_without_a_restored_database_has_no_rpo_and_has_failed() -> None:
    found = bad()
    assert found["verdict"] == "failed"
    assert [step["status"] for step in found["evidence"]["steps"]] == ["completed", "failed", "left out"]
    assert (found["evidence"]["rpo"]["lost_s"], found["evidence"]["rpo"]["met"], found["evidence"]["rto"]["met"]) == (None, False, False)
    assert found["evidence"]["findings"] == [
        "database failed: No copy of the backup can be used.",
        "application left out: nobody does it",
        "What would be lost was not seen, because nothing was restored.",
        "file:///srv/backups has no backup that can be restored.",
        "s3://backups/production has no backup that can be restored.",
    ]


def test_what_somebody_should_look_at_is_found() -> None:
    passed_over = [{"backup": "b2", "reason": "It is damaged."}]
    findings = evidence(restore=restored(passed_over=passed_over, validations=[]))["findings"]
    assert "Backup b2 could not be restored: It is damaged." in findings
    assert "No question of the business was asked: portal_rehearse_validations is empty." in findings
    halved = backup(copies=[{"store": "file:///srv/backups", "damage": "gone"}])
    assert (
        "file:///srv/backups has 1 damaged backups that are newer than its newest good one."
        in (evidence(backups=[halved, backup(at="2026-11-22T10:00:00Z")])["findings"])
    )


def test_larger_databases_are_projected_at_the_measured_rate() -> None:
    found = evidence()["projection"]
    assert [one["gigabytes"] for one in found] == [10, 100, 1000]
    # 55 s for 1.5 GB, and the other 1815 s.
    assert [one["seconds"] for one in found] == [round(1815 + 55 / 1.5 * size) for size in (10, 100, 1000)]
    assert [one["met"] for one in found] == [True, True, False]
    assert bad()["evidence"]["projection"] == []


def test_the_evidence_is_hashed_as_the_ledger_will_keep_it() -> None:
    secret = "postgresql://shop:hunter22@db/shop"
    found = good(restored(says=f"cannot reach {secret}", passed=False))
    assert "hunter22" not in str(found)
    assert digest(found["evidence"]) == found["evidence_sha256"]
    assert digest({**found["evidence"], "ended": "later"}) != found["evidence_sha256"]
