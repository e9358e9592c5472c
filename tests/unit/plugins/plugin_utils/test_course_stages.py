from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.plugin_utils.course_stages import AFTER_UNREACHABLE, Course

OPENED = {"event": "release.opened", "data": {"release": {"version": "1.1"}, "slot": "blue", "replaces": "1.0-20261120T101500Z"}}
PASS = {"verdict": "pass", "rule": "healthy", "figures": {"candidate": {"samples": 508, "errors": 0, "p95_ms": 41.2}}}
ABORT = {"verdict": "abort", "rule": "error_rate", "reason": "9 of 60 requests failed (15.00%); 0.1 % would be good.", "figures": {}}


def entry(event: str, **data: t.Any) -> dict[str, t.Any]:
    return {"event": event, "data": data}


def ledger(course: Course, now: float, *entries: dict[str, t.Any]) -> list[str]:
    return course.done("release_ledger", {"entries": list(entries)}, now, now)


@pytest.fixture
def course() -> Course:
    return Course(0.0)


def test_a_release_is_told_stage_by_stage_with_durations_and_at_its_end_once_more(course: Course) -> None:
    told = ledger(course, 0.0, OPENED, entry("verify.started"))
    told += course.done("health_check", {"summary": "healthy: 4 checks passed."}, 1.0, 2.0)
    told += ledger(course, 2.0, entry("verify.completed", summary="healthy: 4 checks passed."), entry("shift.started", percent=10))
    told += course.done("slot_router", {"changed": True, "router": {"weights": {"green": 90, "blue": 10}}}, 2.0, 2.5)
    told += course.done("rollout_analysis", {"verdict": PASS}, 2.5, 62.0)
    told += ledger(course, 63.0, entry("shift.completed", percent=10, verdict=PASS), entry("shift.started", percent=100))
    told += ledger(course, 70.0, entry("shift.completed", percent=100, verdict=None), entry("release.live"), entry("release.completed"))
    assert told == [
        "deploy 1.1 on blue, in place of 1.0-20261120T101500Z",
        "verify ...",
        "verify: healthy: 4 checks passed.",
        "verify: done in 2.0 s",
        "shift 10 % ...",
        "shift 10 %: traffic: blue 10 %, green 90 %",
        "shift 10 %: pass: 508 requests, errors 0, p95 41 ms",
        "shift 10 %: done in 1 min 1 s",
        "shift 100 % ...",
        "shift 100 %: done in 7.0 s",
        "live: all users get it, the public address shows it",
    ]
    assert course.summary(71.0) == [
        "deploy 1.1: live, and found good (after 1 min 11 s)",
        "  verify            2.0 s  done - healthy: 4 checks passed.",
        "  shift 10 %    1 min 1 s  done - pass: 508 requests, errors 0, p95 41 ms",
        "  shift 100 %       7.0 s  done",
    ]


def test_an_abort_says_the_rule_what_failed_and_what_was_undone_each_once(course: Course) -> None:
    ledger(course, 0.0, OPENED, entry("shift.started", percent=10))
    told = course.done("rollout_analysis", {"verdict": ABORT}, 0.0, 8.0)
    told += course.failed("Shift | Go on only when what users got was good", {"msg": "At 10 % the analysis says abort."})
    told += ledger(course, 9.0, entry("shift.failed", percent=10, reason="At 10 % the analysis says abort."), entry("undo.started"))
    told += ledger(course, 12.0, entry("undo.completed"), entry("release.failed", reason="At 10 % the analysis says abort."))
    told += course.failed("Undo | Say what failed", {"msg": "1.1 did not go live."})
    told += course.failed("Fail with it", {"msg": "1.1 did not go live."})
    assert told == [
        "shift 10 %: abort (error_rate): 9 of 60 requests failed (15.00%); 0.1 % would be good.",
        "FAILED at 'Shift | Go on only when what users got was good': At 10 % the analysis says abort.",
        "shift 10 %: FAILED in 9.0 s",
        "undo ...",
        "undo: done in 3.0 s",
        "did not go live, and was undone: At 10 % the analysis says abort.",
        "FAILED at 'Undo | Say what failed': 1.1 did not go live.",
    ]
    assert course.summary(13.0)[0] == "deploy 1.1: FAILED: 1.1 did not go live. (after 13.0 s)"


def test_a_backup_and_a_way_back_have_stages_without_a_ledger_that_names_them(course: Course) -> None:
    backup = {"id": "20261121T223000Z-1a2b3c", "size": 302600000, "copies": [{}, {}]}
    assert course.done("pg_backup", {"backup": backup, "changed": True}, 0.0, 8.1) == [
        "back up: done in 8.1 s - backup 20261121T223000Z-1a2b3c written, 302.6 MB, in 2 place(s)"
    ]
    back = entry("rollback.completed", to="1.0-20261120T101500Z", slot="green")
    assert ledger(course, 9.0, entry("rollback.started")) == ["roll back ..."]
    assert ledger(course, 12.0, back) == ["roll back: done in 3.0 s - back on 1.0-20261120T101500Z, slot green"]
    assert course.summary(12.0)[0] == "back on 1.0-20261120T101500Z, slot green (after 12.0 s)"
    assert ledger(Course(0.0), 12.0, back) == ["roll back: done in 12.0 s - back on 1.0-20261120T101500Z, slot green"]


def test_a_proof_that_failed_cannot_be_overlooked(course: Course) -> None:
    (line,) = course.done("pg_restore", {"backup": {"id": "x"}, "proof": {"equal": False, "tables": 3, "rows": 9}}, 0.0, 1.0)
    assert "DIFFERENT from its source" in line


def test_a_host_that_is_lost_leaves_a_stage_broken_off_and_says_what_to_do(course: Course) -> None:
    ledger(course, 0.0, OPENED, entry("shift.started", percent=10))
    assert course.unreachable("Failed to connect to the host via ssh", 5.0)[1] == AFTER_UNREACHABLE
    assert course.summary(5.0) == [
        "deploy 1.1: BROKEN OFF: the host cannot be reached (after 5.0 s)",
        "  shift 10 %       5.0 s  broken off - the host cannot be reached",
    ]


def test_a_program_that_failed_has_the_last_word(course: Course) -> None:
    said = "\n".join(f"line {number}" for number in range(50))
    told = course.failed("Hook", {"msg": "non-zero return code", "stderr": said, "stdout": "other"})
    assert told == ["FAILED at 'Hook': non-zero return code", *(f"  line {number}" for number in range(40, 50))]


@pytest.mark.parametrize(
    "module", ["pg_backup", "pg_restore", "slot_router", "rollout_analysis", "health_check", "host_slot", "release_ledger", "x"]
)
def test_an_empty_result_is_not_worth_a_line(course: Course, module: str) -> None:
    assert course.done(module, {}, 0.0, 1.0) == []
    assert course.summary(1.0) == []


def test_a_run_that_finishes_what_another_one_began_has_no_stage_of_it(course: Course) -> None:
    assert ledger(course, 1.0, entry("contract.completed", applied=["20261121093000"]), entry("retire.started")) == [
        "contract completed: recorded in 0.0 s - 1 migration: 20261121093000",
        "retire ...",
    ]


def test_of_a_loop_over_hosts_the_one_that_failed_has_the_word(course: Course) -> None:
    results = [{"item": "web1"}, {"item": "web2", "failed": True, "msg": "no room left."}]
    assert course.failed("Stage", {"msg": "One or more items failed", "results": results}) == ["FAILED at 'Stage': web2: no room left."]


def test_control_characters_do_not_reach_the_screen(course: Course) -> None:
    (line,) = course.failed("Hook", {"msg": "bad\x1b[2J\r\nnews"})
    assert line == "FAILED at 'Hook': bad[2J news"


def test_each_step_of_a_recovery_is_told_with_what_it_came_to(course: Course) -> None:
    assert ledger(course, 3.0, entry("recovery.started", recovery_id="recovery-1")) == ["recovery-1: started"]
    assert ledger(course, 5.0, entry("recovery.stepped", id="assess", status="completed", says="")) == ["assess: done in 5.0 s"]
    failed = entry("recovery.stepped", id="database", status="failed", says="No copy can be used.")
    assert ledger(course, 9.0, failed) == ["database: FAILED in 4.0 s - No copy can be used."]
    assert ledger(course, 9.5, entry("recovery.completed", recovery_id="recovery-1", verdict="degraded")) == ["recovery-1: degraded"]
    assert course.outcome == "degraded"
