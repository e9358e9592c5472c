"""What the ledger keeps of a run, and what the role says of it."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.recording import parts, records, result

NOW = datetime.datetime(2026, 11, 22, 8, 0, tzinfo=datetime.timezone.utc)
BACKUP = {"id": "20261122T020000Z-1a2b3c", "at": "2026-11-22T02:00:01Z", "size": 700}
PROOF = {"at": "2026-11-22T02:05:00Z", "bytes": 9000, "duration_s": 3.5, "equal": True}


def made(**changes: t.Any) -> dict[str, t.Any]:
    return {"part": "", "backup": BACKUP, "proof": None, "changed": True, "proven": False, **changes}


def test_a_backup_and_its_proof_are_recorded_once() -> None:
    backup, proof = records("nightly", "database", [made(proof=PROOF)], NOW)
    about = {"backup_id": BACKUP["id"], "policy": "nightly", "kind": "database"}
    assert backup == {"event": "backup.recorded", "once": True, "data": {**about, "taken_at": BACKUP["at"], "bytes": 700}}
    shown = {"proven_at": PROOF["at"], "bytes": 9000, "duration_s": 3.5}
    assert proof == {"event": "proof.recorded", "once": True, "data": {**about, **shown}}


def test_a_database_that_was_backed_up_a_moment_ago_is_not_younger_for_it() -> None:
    (entry,) = records("nightly", "database", [made(changed=False)], NOW)
    assert (entry["once"], entry["data"]["taken_at"]) == (True, BACKUP["at"])


def test_what_did_not_change_is_as_good_as_backed_up_now() -> None:
    (entry,) = records("weekly", "configuration", [made(changed=False)], NOW)
    assert (entry["once"], entry["data"]["taken_at"]) == (False, "2026-11-22T08:00:00Z")


def test_of_objects_all_that_they_hold_is_the_size_and_each_bucket_has_its_entry() -> None:
    bucket = {**BACKUP, "bytes": 5_000_000}
    entries = records("storage", "objects", [made(part="a", backup=bucket), made(part="b", backup=bucket)], NOW)
    assert [(entry["data"]["part"], entry["data"]["bytes"]) for entry in entries] == [("a", 5_000_000), ("b", 5_000_000)]


def test_in_check_mode_a_backup_has_no_id_yet() -> None:
    (entry,) = records("nightly", "database", [made(backup=None)], NOW)
    assert entry["data"]["backup_id"] is None


def test_buckets_get_their_own_proofs() -> None:
    backups = [{"backup": {**BACKUP, "name": name}, "changed": name == "a"} for name in "ab"]
    found = parts(backups, [{"skipped": True}, {"proof": PROOF, "changed": True}])
    assert [(one["part"], one["changed"], one["proof"], one["proven"]) for one in found] == [
        ("a", True, None, False),
        ("b", False, PROOF, True),
    ]
    assert parts(backups, [])[0]["proof"] is None


def done(policy: str, kind: str = "database", **changes: t.Any) -> dict[str, t.Any]:
    return {"policy": policy, "kind": kind, "made": [made(**changes)], "retained": {"removed": [{"id": "old"}], "changed": True}}


def test_the_result_names_the_databases_backup_and_everything_that_was_removed() -> None:
    found = result([done("weekly", "configuration"), done("nightly", proof=PROOF)], [], {"alerts": [], "lines": ["all is well"]})
    assert (found["backup"], found["proof"], found["removed"]) == (BACKUP, PROOF, ["old", "old"])
    assert [policy["policy"] for policy in found["policies"]] == ["weekly", "nightly"]
    assert (found["changed"], found["failed"], found["reason"], found["lines"]) == (True, [], None, ["all is well"])


def test_nothing_changed_when_nothing_was_made_proven_or_removed() -> None:
    quiet = {**done("nightly", changed=False), "retained": {}}
    assert not result([quiet], [], {})["changed"]
    assert result([{**quiet, "made": [made(changed=False, proven=True)]}], [], {})["changed"]


def test_the_reason_says_which_policy_failed_where_there_are_several() -> None:
    failure = {"policy": "storage", "reason": "No bucket."}
    assert result([], [failure], {})["reason"] == "No bucket."
    assert result([done("nightly")], [failure], {})["reason"] == "storage: No bucket."
