from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._health.attempts import given_up, judge, longest, run_check
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import Check, checks_from
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Finding

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._health.looks import Look

GOOD = Finding("answered 200")
BAD = Finding("", problems=("answered 503 instead of 200", "the body is not JSON"))

Options = t.Callable[..., dict[str, t.Any]]


def check(options: Options, **given: t.Any) -> Check:
    return checks_from([options(**given)])[0]


class Service:
    """Something that is down for its first looks and takes its time for each, but never more than it is given."""

    def __init__(self, *, down_for: int = 0, takes: float = 0.0) -> None:
        self.down_for, self.takes, self.looks = down_for, takes, 0

    def look(self) -> Look:
        def once(deadline: Deadline, clock: Clock) -> Finding:
            self.looks += 1
            clock.sleep(min(self.takes, deadline.remaining()))
            return BAD if self.looks <= self.down_for else GOOD

        return once


def test_a_good_first_look_is_the_only_one(options: Options, clock: Clock) -> None:
    service = Service()
    result = run_check(check(options, retries=3), service.look(), clock, 60)
    assert (result.status, result.attempts, service.looks) == ("pass", 1, 1)


def test_a_failed_attempt_is_repeated_until_it_passes(options: Options, clock: Clock) -> None:
    result = run_check(check(options, retries=3), Service(down_for=2).look(), clock, 60)
    assert (result.status, result.attempts) == ("pass", 3)


def test_after_its_retries_a_check_fails_with_every_problem(options: Options, clock: Clock) -> None:
    result = run_check(check(options, retries=2), Service(down_for=9).look(), clock, 60)
    assert (result.status, result.attempts) == ("fail", 3)
    assert result.reason == "Answered 503 instead of 200; the body is not JSON."


def test_a_name_at_the_beginning_of_a_reason_stays_as_it_is_written(options: Options) -> None:
    reasons = [judge(check(options), Finding("", problems=(why,)), 0, 1).reason for why in ("localhost:18843 refused", "no answer")]
    assert reasons == ["localhost:18843 refused.", "No answer."]


def test_retries_end_with_the_budget(options: Options, clock: Clock) -> None:
    service = Service(down_for=99, takes=9)
    result = run_check(check(options, retries=50, timeout=4), service.look(), clock, 10)
    assert clock.monotonic() <= 10
    assert (result.status, result.attempts) == ("fail", 3)


def test_an_attempt_that_ran_into_its_timeout_says_so(options: Options, clock: Clock) -> None:
    assert run_check(check(options, timeout=2), Service(down_for=1, takes=9).look(), clock, 60).reason.endswith("(timeout 2 s).")


@pytest.mark.parametrize(
    ("milliseconds", "status", "reason"),
    [
        (99, "pass", "Answered 200."),
        (150, "warn", "Answered 200, but took 150 ms, over 100 ms."),
        (250, "fail", "Answered 200, but took 250 ms, over 200 ms."),
    ],
)
def test_thresholds_judge_the_time(options: Options, milliseconds: float, status: str, reason: str) -> None:
    judged = judge(check(options, warn_over_ms=100, fail_over_ms=200), GOOD, 1, milliseconds / 1000)
    assert (judged.status, judged.reason, judged.duration_ms) == (status, reason, milliseconds)


def test_a_quick_wrong_answer_is_a_failure_whatever_the_thresholds(options: Options) -> None:
    assert judge(check(options, warn_over_ms=100), BAD, 1, 0.001).status == "fail"


def test_the_longest_time_counts_every_attempt_and_pause(options: Options) -> None:
    assert longest(check(options, timeout=4, retries=2)) == 13


def test_a_check_that_was_given_up_failed(options: Options) -> None:
    assert given_up(check(options), "hangs").reason == "Hangs."
    assert given_up(check(options), "hangs").status == "fail"
