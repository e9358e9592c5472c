"""Filters of the recovery: plain data in and out."""

from __future__ import annotations

import datetime

from ansible_collections.holdfast.webops.plugins.filter.recovery_fates import recovery_fates
from ansible_collections.holdfast.webops.plugins.filter.recovery_plan import recovery_plan
from ansible_collections.holdfast.webops.plugins.filter.rehearsal_record import rehearsal_record
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso_exact
from ansible_collections.holdfast.webops.plugins.plugin_utils.collection_version import collection_version
from tests.unit.plugins.module_utils._recovery.rehearsals import ACTIONS, NOON, STEPS, backup, good, restored, tried


def test_a_plan_is_read_or_refused_with_sentences() -> None:
    read = recovery_plan(STEPS, 240, ACTIONS)
    assert (read["levels"], read["critical_path"], read["estimate"], read["problems"]) == (
        [["assess"], ["database"], ["application"]],
        ["assess", "database", "application"],
        120.0,
        [],
    )
    assert recovery_plan(STEPS, "240", ACTIONS) == read  # as -e gives it
    refused = recovery_plan(STEPS, 100, ACTIONS)
    assert (refused["steps"], len(refused["problems"])) == ([], 1)


def test_the_filters_go_through_a_plan_as_the_role_does() -> None:
    steps = recovery_plan(STEPS, 240, ACTIONS)["steps"]
    assert recovery_fates(steps, []) == {"application": {"status": "left out", "says": "nobody does it"}}
    done = [tried("assess", 5), tried("database", 60, after=5)]
    assert [one["status"] for one in recovery_fates(steps, done).values()] == ["completed", "completed", "left out"]
    seen = {
        "began": iso_exact(NOON),
        "ended": iso_exact(NOON + datetime.timedelta(seconds=70)),
        "backups": [backup()],
        "restore": restored(),
        "versions": {"ansible-core": "2.19.3"},
    }
    assert rehearsal_record(steps, done, {"rto": "240", "rpo": 60, "allowed_failures": 2}, seen) == good(
        versions={"ansible-core": "2.19.3", "holdfast.webops": collection_version()}
    )
