from __future__ import annotations

import datetime

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._health.probes.rehearsal import EVENT, judged
from tests.unit.fake_clock import FakeClock
from tests.unit.plugins.module_utils._release.releases import chain

GOOD, HALF, BAD = "recovered", "degraded", "failed"


def looked_at(*verdicts: str, days: float = 0.0) -> tuple[str, list[str], list[str], float | None]:
    """What is said of rehearsals so many days after the first entry of the ledger."""
    events = [(EVENT, None, {"rehearsal_id": f"rehearsal-{number}", "verdict": word}) for number, word in enumerate(verdicts)]
    entries = chain(*events).entries
    clock = FakeClock()
    if entries:
        clock.pass_by((parse_iso(entries[0].at) + datetime.timedelta(days=days) - clock.now()).total_seconds())
    found = judged(entries, clock)
    return found.seen, list(found.problems), list(found.warnings), found.figures["good_days"]


@pytest.mark.parametrize(
    ("verdicts", "problem"),
    [((), "No rehearsal has shown yet that the portal can be recovered"), ((BAD, BAD), "No rehearsal ever went well")],
)
def test_without_a_rehearsal_that_went_well_there_is_nothing_to_rely_on(verdicts: tuple[str, ...], problem: str) -> None:
    assert looked_at(*verdicts)[1:] == ([problem], [], None)


def test_the_age_is_that_of_the_last_good_one_and_a_worse_one_after_it_is_a_doubt() -> None:
    seen, problems, doubts, age = looked_at(GOOD, BAD, days=40)
    assert seen == "The last good rehearsal is 40.0 days old: rehearsal-0"
    assert (problems, doubts, age) == ([], ["The last one, rehearsal-1, failed"], 40.0)
    assert looked_at(GOOD, HALF)[2] == ["The last one, rehearsal-1, did not keep all that was promised"]
    assert looked_at(BAD, GOOD)[1:3] == ([], [])


def test_a_rehearsal_of_the_future_is_no_younger_than_now() -> None:
    assert looked_at(GOOD, days=-3)[3] == 0.0
