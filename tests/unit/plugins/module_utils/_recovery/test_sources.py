from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._recovery import sources
from tests.unit.plugins.module_utils._recovery.rehearsals import NOON, bucket, good, restored, tried

RESTORED = {
    "backup": {"id": "s1", "at": "2026-11-22T11:00:00Z"},
    "proof": {"objects": 3, "bytes": 2048},
    "rehearsal": {"ended": "2026-11-22T12:00:09.500000Z", "seconds": 4.0, "samples": [{"sha256": "ab" * 32, "size": 7}], "passed_over": []},
}


def test_the_buckets_of_policies_go_by_names_that_hold_no_secret() -> None:
    papers = {"kind": "objects", "sources": [{"name": "papers", "source": {"store": "s3://x", "secret_access_key": "k"}}]}
    assert sources.bucket_names({"database": {"kind": "database", "sources": []}, "storage": papers}) == ["storage/papers"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"store": "s3://papers"}, "s3://papers, where production has its bucket papers;"),
        (
            {"store": "s3://papers/", "endpoint": "https://S3.example.org/"},
            "s3://papers/, where production has its bucket papers;",
        ),
        ({"store": "s3://papers/rehearsal"}, "s3://papers/rehearsal, where production has its bucket papers;"),
        ({"store": "s3://photos"}, "s3://photos, where production has its bucket photos;"),
        ({"store": "s3://papers-rehearsal"}, ""),
        ({"store": "s3://papers", "endpoint": "https://scratch.example.org"}, ""),
    ],
    ids=["itself", "otherwise written", "in it", "around another one", "beside it", "elsewhere"],
)
def test_a_bucket_of_production_is_no_scratch_space(target: dict[str, t.Any], said: str) -> None:
    """It may be empty because it was emptied, and what is written into it meanwhile would be removed again."""
    own = {"endpoint": "https://s3.example.org"}
    stores = {"papers": {"store": "s3://papers", **own}, "photos": {"store": "s3://photos/2026", **own}}
    policies = {"storage": {"kind": "objects", "sources": [{"name": name, "source": source} for name, source in stores.items()]}}
    found = sources.misplaced(policies, {"papers": {**own, **target}})
    assert [one.partition(" papers goes to ")[2].partition(" name an")[0] for one in found] == ([said] if said else [])
    unknown = sources.misplaced(policies, {"paper": {"store": "s3://scratch"}})
    assert unknown == ["portal_rehearse_storage_targets: there is no bucket 'paper'; the policies back up papers, photos."]


def test_what_became_of_each_bucket_is_told_also_of_those_that_failed_or_said_nothing() -> None:
    found = sources.buckets([RESTORED, {"failed": True, "msg": "No usable backup 'latest' was found."}], ["a/x", "a/y", "b/z"])
    assert [(one["name"], one["objects"], one["problem"]) for one in found["buckets"]] == [
        ("a/x", 3, None),
        ("a/y", None, "No usable backup 'latest' was found."),
        ("b/z", None, "Nobody knows what became of it: its job left no result."),
    ]
    assert found["ended"] is None, "not all of them ended well"
    assert found["says"].startswith("Snapshot s1 of a/x was restored, and equals its source: 3 objects, 2.0 kB. a/y could not be restored")
    assert sources.buckets([RESTORED], ["a/x"])["ended"] == "2026-11-22T12:00:09.500000Z"
    foreseen = {"backup": RESTORED["backup"], "proof": None, "rehearsal": None}
    assert sources.buckets([foreseen], ["a/x"])["says"] == "Snapshot s1 of a/x would be restored."
    assert sources.buckets([], []) == {"buckets": [], "ended": None, "says": sources.NO_BUCKETS}


def test_a_check_that_warns_passed_and_is_a_finding() -> None:
    results: list[dict[str, t.Any]] = [
        {"name": "orders", "status": "pass", "reason": "Answered 200.", "evidence": {"body": "x"}},
        {"name": "mail", "status": "warn", "reason": "It is slow."},
        {"name": "login", "status": "fail", "reason": "Answered 500."},
    ]
    found = sources.checks(results, "system_test")
    assert [(one["name"], one["passed"]) for one in found] == [("orders", True), ("mail", True), ("login", False)]
    assert "evidence" not in found[0]
    assert list(sources.findings({"health": found})) == ["system_test: mail: It is slow."]


@pytest.mark.parametrize(
    ("moment", "basis", "lost"),
    [("2026-11-22T11:55:00Z", "archive", 300.0), ("2026-11-22T10:00:00Z", "youngest change", 2700.0), (None, "youngest change", 2700.0)],
)
def test_the_rpo_is_that_of_the_way_that_reaches_further(moment: str | None, basis: str, lost: float) -> None:
    found = good(other={"physical": {"moment": moment} if moment else None})["evidence"]
    assert (found["rpo"]["basis"], found["rpo"]["lost_s"]) == (basis, lost)
    assert (found["physical"] or {}).get("moment") == moment


def test_the_canary_is_asked_of_the_cluster_too_and_its_answers_are_told() -> None:
    wrong = {"name": "orders", "passed": False, "expected": "5000", "found": "1", "says": "1 was found.", "seconds": 0.1}
    whole = {"moment": "2026-11-22T11:59:00Z", "youngest_change": "2026-11-22T11:50:00Z", "validations": [wrong]}
    found = good({"backup": None}, other={"physical": whole})["evidence"]
    assert (found["rpo"]["basis"], found["rpo"]["lost_s"]) == ("youngest change", 600.0)
    assert found["physical"]["validations"] == [wrong]
    assert not [finding for finding in found["findings"] if "No question" in finding]
    unasked = good({"backup": None}, other={"physical": {"moment": whole["moment"]}})["evidence"]
    assert [finding for finding in unasked["findings"] if "No question" in finding]


def test_larger_clusters_are_projected_at_the_rate_of_the_cluster_where_there_is_no_backup() -> None:
    whole = {"moment": "2026-11-22T11:59:00Z", "size": 1_000_000_000, "duration_s": 10.0}
    found = good({"backup": None}, other={"physical": whole})["evidence"]
    assert found["loaded"] == {"bytes": 1e9, "seconds": 10.0}
    rest = found["rto"]["total_s"] - 10.0
    assert [(one["gigabytes"], one["seconds"]) for one in found["projection"]] == [(gb, round(rest + 10 * gb)) for gb in (10, 100, 1000)]


def test_what_would_be_lost_is_counted_back_from_the_moment_that_was_chosen() -> None:
    chosen = {"target": "point before-the-loss", "moment": "2026-11-22T11:45:00Z"}
    found = good(other={"chosen": chosen})["evidence"]
    assert (found["rpo"]["lost_s"], found["rpo"]["before"], found["chosen"]) == (1800.0, chosen["moment"], chosen)
    assert "30 min 0 s of changes before 2026-11-22T11:45:00Z would be lost (by the youngest change)." in found["summary"][2]


def test_a_cluster_that_goes_back_to_what_was_archived_meanwhile_is_no_wrong_clock() -> None:
    moments = {"2026-11-22T12:00:30Z": 0.0, "2026-11-22T12:02:10Z": 60.0}  # the rehearsal ends at 12:01:10
    for moment, ahead in moments.items():
        rpo = good(other={"physical": {"moment": moment}})["evidence"]["rpo"]
        assert (rpo["lost_s"], rpo["ahead_s"], rpo["met"]) == (0.0, ahead, ahead == 0)


def test_what_only_one_way_could_restore_is_recovered_and_the_other_way_is_a_finding() -> None:
    problem = "No usable backup 'latest' was found."
    found = good({"backup": None}, other={"physical": {"moment": "2026-11-22T11:55:00Z"}, "problems": [problem]})["evidence"]
    assert (found["rpo"]["basis"], found["rpo"]["met"], problem in found["findings"]) == ("archive", True, True)


@pytest.mark.parametrize(
    ("itself", "seconds"),
    [(20, 15.0), (500, 55.0), (-500, 0.0), (None, 55.0)],
    ids=["while others were done", "a clock ahead", "a clock behind", "it does not say"],
)
def test_what_was_done_beside_others_ended_when_it_says_but_no_clock_beats_the_controllers(itself: int | None, seconds: float) -> None:
    at = None if itself is None else (NOON + datetime.timedelta(seconds=itself)).isoformat()
    done = [tried("assess", 5), {**tried("database", 55, after=5), "ended_itself": at}]
    steps = {step["id"]: step["seconds"] for step in good(done=done)["evidence"]["steps"]}
    assert steps["database"] == seconds


def test_what_is_left_out_while_it_runs_has_no_time_and_its_estimate_is_added() -> None:
    done = [tried("assess", 5), tried("database", 55, after=5), tried("application", 1, "left out", "No platform.", after=60)]
    found = good(done=done)["evidence"]
    assert [(step["status"], step["seconds"]) for step in found["steps"]][-1] == ("left out", None)
    assert found["rto"]["estimated_steps"] == ["application"]


def test_an_older_snapshot_that_was_taken_is_a_finding() -> None:
    seen: dict[str, t.Any] = {"buckets": [bucket(passed_over=[{"backup": "s2", "reason": "It is damaged."}])]}
    assert "Snapshot s2 of storage/papers could not be restored: It is damaged." in good(restored(), other=seen)["evidence"]["findings"]
