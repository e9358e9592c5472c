"""Late, too small, too large, not proven: what the ledger's entries say of a policy's backups."""

from __future__ import annotations

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.judging import judge
from ansible_collections.holdfast.webops.plugins.module_utils._backup.limits import Limits, Watched
from ansible_collections.holdfast.webops.plugins.module_utils._release.entries import Entry
from tests.unit.plugins.module_utils._backup.backup_entries import DATABASE, NOW, days, entry, made, proof


def alerts(*entries: Entry, policy: Watched = DATABASE) -> list[tuple[str, str]]:
    return [(alert["alert"], alert["says"]) for alert in judge([policy], entries, NOW)["alerts"]]


def test_a_young_proven_backup_of_the_usual_size_is_no_alert_and_says_so() -> None:
    found = judge([DATABASE], [*days(90, 100, 110, 120), proof(3)], NOW)
    assert found["alerts"] == []
    assert found["lines"] == ["database: newest backup: 1 hour ago, 120.0 MB; last proven restore: 3 hours ago, 12.0 GB in 4 min 0 s."]


def test_a_backup_that_nobody_made_is_late() -> None:
    assert alerts(proof(1)) == [("late", "there is no good backup at all; there should be one at least every 26 hours.")]
    ((alert, says),) = alerts(made(27), proof(1))
    assert alert == "late"
    assert says == "the newest good backup is of 2026-11-21T05:00:00Z, 27 hours ago; the limit is 26 hours."
    assert alerts(made(25.9), proof(1)) == []


def test_a_moment_that_no_entry_says_is_that_of_the_backups_name_and_of_the_entry_for_a_proof() -> None:
    name = "20261120T080000Z-1a2b3c"
    release_made, release_proved = (entry(event, 1, backup_id=name) for event in ("backup.recorded", "proof.recorded"))
    (found,) = judge([DATABASE], [release_made, release_proved], NOW)["policies"]
    assert (found["newest"]["at"], found["proof"]["at"]) == ("2026-11-20T08:00:00Z", "2026-11-22T07:00:00Z")


def test_what_is_late_because_the_last_run_failed_says_why() -> None:
    failed = entry("backup.failed", 2, policy="database", reason="pg_dump ended with exit code 1.")
    ((_alert, says),) = alerts(made(27), failed, proof(1))
    assert says.endswith("The last run, 2 hours ago, failed: pg_dump ended with exit code 1.")
    assert judge([DATABASE], [failed, made(1)], NOW)["policies"][0]["failure"] is None


@pytest.mark.parametrize(
    ("sizes", "alert"),
    [
        ((100, 100, 100, 301), "grew"),
        ((100, 100, 100, 300), None),
        ((100, 100, 100, 49), "shrank"),
        ((100, 100, 100, 50), None),
        ((100, 100, 1), None),  # two are no usual size
        ((1, 1, 1, 1, 100, 100, 100, 100, 100, 100, 100, 40), "shrank"),  # only the last seven count
        ((0, 0, 0, 0), None),
    ],
)
def test_a_size_is_held_against_the_median_of_the_last_ones(sizes: tuple[int, ...], alert: str | None) -> None:
    assert [found for found, _says in alerts(*days(*sizes), proof(1))] == ([alert] if alert else [])


def test_a_size_that_nobody_knows_is_not_judged() -> None:
    assert alerts(*days(100, 100, 100), made(0.5, None), proof(1)) == []


def test_a_proof_that_is_too_old_or_not_there_is_an_alert() -> None:
    assert [alert for alert, _says in alerts(made(1))] == ["unproven"]
    assert alerts(made(1), proof(193)) == [("unproven", "last proven restore: 8 days ago, 12.0 GB in 4 min 0 s; the limit is 192 hours.")]


def test_without_limits_nothing_is_an_alert() -> None:
    assert alerts(*days(100, 100, 100, 1), policy=Watched("database", "database", Limits(None, None, 0, 0))) == []


def test_backups_of_a_deploy_count_for_the_database_and_for_nothing_else() -> None:
    by_deploy = entry("backup.recorded", 1, backup_id="20261122T070000Z-1a2b3c")
    assert alerts(by_deploy, proof(1)) == []
    assert [name for name, _says in alerts(by_deploy, policy=Watched("config", "configuration", Limits(26, None)))] == ["late"]
    of_release = entry("backup.failed", 1, reason="a release's own")
    assert judge([DATABASE], [of_release], NOW)["policies"][0]["failure"] is None


def test_each_bucket_of_a_policy_is_judged_by_itself() -> None:
    buckets = [Watched("storage", "objects", Limits(26, None), part) for part in ("documents", "avatars")]
    found = judge(buckets, [made(1, policy="storage", part="documents"), made(30, policy="storage", part="avatars")], NOW)
    assert [(alert["name"], alert["policy"], alert["alert"]) for alert in found["alerts"]] == [("storage avatars", "storage", "late")]
