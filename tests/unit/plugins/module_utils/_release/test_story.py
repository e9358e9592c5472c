from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._release.story import tell
from tests.unit.plugins.module_utils._release.releases import SHA, A, B, C, aborted, chain, good

LIFE = [*good(A, "green"), *good(B, "blue", A), *aborted(C, "green", B)]


def test_the_stages_come_in_order_with_their_ends_and_words() -> None:
    stages = tell(chain(*LIFE), B)["stages"]
    assert [(stage["name"], stage["percent"], stage["status"]) for stage in stages] == [
        ("backup", None, "done"),
        ("verify", None, "done"),
        ("shift", 10, "done"),
        ("shift", 100, "done"),
        ("contract", None, "done"),
    ]
    assert stages[0]["says"] == f"backup backup-of-{B}"
    assert stages[1]["says"] == "healthy: 4 checks passed."
    assert stages[2]["says"] == "pass: 60 requests were seen."
    assert all(stage["began"] < stage["ended"] for stage in stages)


def test_a_release_that_was_undone_says_what_users_got_and_what_was_taken_back() -> None:
    story = tell(chain(*LIFE), "newest")
    assert (story["release"]["id"], story["release"]["status"]) == (C, "failed")
    assert [window["rule"] for window in story["windows"]] == ["error_rate"]
    assert [share["percent"] for share in story["traffic"]] == [0, 10, 0]
    assert [stage["status"] for stage in story["undone"]] == ["done"]


def test_what_a_killed_run_left_is_cut_off_and_what_runs_is_under_way() -> None:
    events = [*good(A, "green")[:7], ("shift.started", A, {"percent": 10})]
    assert [(stage["status"], stage["ended"] is None) for stage in tell(chain(*events), A)["stages"][-2:]] == [
        ("cut off", False),
        ("under way", True),
    ]


def test_a_rollback_is_told_on_the_page_of_both_releases() -> None:
    back = ("rollback.completed", B, {"to": A, "slot": "green", "reason": "prices were wrong"})
    ledger = chain(*good(A, "green"), *good(B, "blue", A), back)
    left, taken = tell(ledger, B), tell(ledger, A)
    assert left["release"]["status"] == "rolled_back"
    assert left["traffic"][-1]["percent"] == 0
    assert taken["traffic"][-1]["percent"] == 100
    begun = tell(chain(*good(A, "green"), *good(B, "blue", A), ("rollback.started", B, {}), back), B)
    assert [(stage["name"], stage["status"]) for stage in begun["stages"][-2:]] == [("contract", "done"), ("rollback", "done")]
    assert left["stages"][-1]["says"] == taken["stages"][-1]["says"] == f"from {B} to {A}, slot green: prices were wrong"


def test_approvals_of_this_artefact_and_proofs_of_its_backup_belong_to_it() -> None:
    approved = (
        "approval.granted",
        None,
        {"version": "1.0", "artifact_sha256": SHA, "reason": "tested", "expires_at": "2026-11-23T00:00:00Z"},
    )
    other = ("approval.granted", None, {"version": "1.0", "artifact_sha256": SHA[::-1], "reason": "another one"})
    proofs = [("proof.recorded", None, {"backup_id": f"backup-of-{release}"}) for release in (A, B)]
    story = tell(chain(approved, other, *good(A, "green"), *proofs), A)
    assert [approval["reason"] for approval in story["approvals"]] == ["tested"]
    assert [proof["backup_id"] for proof in story["proofs"]] == [f"backup-of-{A}"]


@pytest.mark.parametrize(("wanted", "found"), [(B, B), ("1.1", B), ("newest", C)])
def test_a_release_is_named_by_id_by_version_or_as_the_newest(wanted: str, found: str) -> None:
    assert tell(chain(*LIFE), wanted)["release"]["id"] == found


def test_a_release_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(NotFoundError, match=f"no release '9.9'.*{A}, {B}, {C}"):
        tell(chain(*LIFE), "9.9")
    with pytest.raises(NotFoundError, match="Its newest are: none"):
        tell(chain(), "newest")


def test_every_entry_is_listed_with_what_proves_it() -> None:
    story = tell(chain(*LIFE, problem="Entry 99 is damaged."), C)
    assert [entry["event"] for entry in story["entries"]] == [event for event, _release, _data in aborted(C, "green", B)]
    assert all(len(entry["hash"]) == 64 and len(entry["previous"]) == 64 for entry in story["entries"])
    assert (story["ledger"]["intact"], story["ledger"]["problem"]) == (False, "Entry 99 is damaged.")
