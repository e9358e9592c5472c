"""What of a result is told."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._notify import facts

BACKUP = {"id": "20261121T223000Z-1a2b3c", "at": "2026-11-21T22:30:01Z", "database": "shop", "size": 302600000, "duration_s": 8.1}


def test_a_backup_is_told_with_size_and_proof() -> None:
    told = dict(facts.pairs_of("back_up", {"backup": {**BACKUP, "encrypted": True}, "proof": {"equal": True, "rows": 17}}))
    assert told["Size"] == "302.6 MB"
    assert told["Encrypted"] == "yes"
    assert told["Proof"] == "restored and found equal"


def test_a_backup_without_proof_does_not_speak_of_one() -> None:
    assert "Proof" not in dict(facts.pairs_of("back_up", {"backup": BACKUP, "proof": None}))


def test_what_is_not_as_the_policies_want_it_is_told_first() -> None:
    alerts = [{"name": "database", "says": "it is late."}, {"name": "storage", "says": "it shrank."}]
    told = facts.pairs_of("back_up", {"backup": BACKUP, "alerts": alerts, "lines": ["database: newest backup: just now."]})
    assert told[0] == ("Alerts", "database: it is late. storage: it shrank.")
    assert dict(told)["Backups"] == "database: newest backup: just now."
    assert "Alerts" not in dict(facts.pairs_of("back_up", {"backup": BACKUP, "alerts": []}))


def test_a_restore_to_a_moment_has_no_backup_to_tell() -> None:
    physical = {"moment": "2026-11-22T08:30:00Z", "kept": "/var/lib/postgresql/15/main.before-20261122T083705Z", "duration_s": 7.7}
    told = dict(facts.pairs_of("restore", {"backup": None, "restored": None, "physical": physical}))
    assert told == {"Moment": physical["moment"], "Old cluster": physical["kept"], "Took": "7.7 s"}


def test_a_deploy_that_failed_before_it_had_a_release_tells_its_version() -> None:
    assert facts.pairs_of("deploy", {"version": "1.2", "reason": "no"}) == (("Version", "1.2"),)


def test_a_release_tells_its_version_once() -> None:
    told = facts.pairs_of("deploy", {"release": {"version": "1.2", "id": "r1"}, "version": "other", "slot": "blue"})
    assert told == (("Version", "1.2"), ("Release", "r1"), ("Slot", "blue"))


def test_a_rehearsal_is_told_against_its_targets() -> None:
    measured = {"rto": {"total_s": 310, "target_s": 3600}, "rpo": {"lost_s": 90, "target_s": 900}}
    told = dict(facts.pairs_of("rehearse", {**measured, "verdict": "degraded", "backup": None, "findings": ["A.", "B."], "report": None}))
    assert told == {
        "Verdict": "degraded",
        "Recovered in": "5 min 10 s",
        "RTO": "1 h 0 min",
        "Would be lost": "1 min 30 s",
        "RPO": "15 min 0 s",
        "Findings": "A. B.",
    }


def check(number: int, status: str) -> dict[str, t.Any]:
    return {"name": f"check{number}", "status": status, "reason": f"reason {number}"}


def test_only_checks_that_did_not_pass_are_told_and_the_rest_of_many_is_counted() -> None:
    checks = [check(0, "pass"), check(1, "skipped"), *(check(number, "fail") for number in range(2, 9))]
    told = dict(facts.pairs_of("check", {"verdict": "critical", "checks": checks}))
    assert told["check2 (fail)"] == "reason 2"
    assert told["More"] == "2 more checks did not pass"
    assert not [label for label in told if label.startswith(("check0", "check1 "))]


def test_an_unknown_topic_tells_its_plain_values() -> None:
    told = facts.pairs_of("import", {"rows": 7, "file_name": "a.csv", "nested": {"x": 1}, "reason": "told elsewhere", "empty": ""})
    assert told == (("Rows", "7"), ("File name", "a.csv"))


def test_there_are_never_more_facts_than_a_section_of_slack_takes() -> None:
    assert len(facts.pairs_of("import", {f"f{number}": number for number in range(30)})) == facts.MOST_FACTS


def test_a_value_of_the_wrong_type_is_told_as_it_is() -> None:
    assert dict(facts.pairs_of("back_up", {"backup": {"size": "big"}}))["Size"] == "big"


def test_a_long_value_is_cut() -> None:
    assert len(dict(facts.pairs_of("deploy", {"version": "x" * 5000}))["Version"]) == facts.LONGEST_FACT
