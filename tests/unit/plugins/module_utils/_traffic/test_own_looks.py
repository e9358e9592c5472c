from __future__ import annotations

import dataclasses
import threading
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Result
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.own_looks import Opinion, OwnLooks, own_looks

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
    from tests.unit.fake_clock import FakeClock


def results(status: str, *, critical: bool = True) -> tuple[Result, ...]:
    return (Result("orders", "http", critical, status, "Answered 503 instead of 200.", 1, 5),)


def opinion(*statuses: str, critical: bool = True) -> Opinion:
    opinion = Opinion()
    for status in statuses:
        opinion.add(results(status, critical=critical))
    return opinion


def test_before_the_first_round_nothing_may_pass_and_nothing_is_blamed() -> None:
    assert (opinion().complaint, opinion().doubt) == ("", "no round of the health checks has ended yet")


def test_one_critical_round_is_a_doubt_and_two_in_a_row_are_a_complaint() -> None:
    assert opinion("pass", "fail").complaint == ""
    assert opinion("pass", "fail").doubt.startswith("the last round of the health checks says critical")
    assert opinion("fail", "fail").complaint.startswith("The candidate's own health checks say, 2 times in a row: critical: 0 of 1 check")


@pytest.mark.parametrize("statuses", [["pass"], ["fail", "pass"], ["fail", "pass", "warn"], ["fail", "warn"]])
def test_a_good_round_ends_every_doubt(statuses: list[str]) -> None:
    assert (opinion(*statuses).complaint, opinion(*statuses).doubt) == ("", "")


def test_checks_that_are_not_critical_stop_nothing() -> None:
    assert (opinion("fail", "fail", critical=False).complaint, opinion("fail", "fail", critical=False).doubt) == ("", "")


@pytest.fixture
def call(make_call: Callable[..., Call]) -> Callable[..., Call]:
    def make(**params: t.Any) -> Call:
        given = {"checks": None, "base_url": None, "headers": None, "secret_headers": None, "checks_interval": 5.0}
        return make_call(**{**given, **params})

    return make


def test_without_checks_there_is_no_opinion(call: Callable[..., Call], clock: FakeClock) -> None:
    with own_looks(call(), clock) as looks:
        assert looks.opinion(call()) == ("", "")


def test_rounds_go_on_until_the_window_ends(call: Callable[..., Call]) -> None:
    third = threading.Event()
    rounds: list[int] = []

    def run() -> tuple[Result, ...]:
        rounds.append(1)
        if len(rounds) == 3:
            third.set()
        return results("fail")

    with OwnLooks(run, 0.01) as looks:
        assert third.wait(60)
        assert looks.opinion(call())[0].startswith("The candidate's own health checks say")


def test_a_round_that_breaks_is_a_complaint_and_not_health(call: Callable[..., Call]) -> None:
    def run() -> tuple[Result, ...]:
        raise RuntimeError("no more threads")

    with OwnLooks(run, 0.01) as looks:
        wait_until(lambda: looks.opinion(call())[0], clock=SystemClock(), timeout=60, interval=0.01, what="the complaint")
        assert looks.opinion(call())[0] == "The health checks of the candidate ended unexpectedly: RuntimeError no more threads."


def test_a_token_that_comes_back_in_a_redirect_is_masked(call: Callable[..., Call]) -> None:
    masked: set[str] = set()
    looks = OwnLooks(lambda: (), 1)
    looks._opinion.add((dataclasses.replace(results("fail")[0], reason="Answered 302 (to 'https://h/?token=hunter22')."),))
    looks.opinion(dataclasses.replace(call(), mask=masked.add))
    assert "hunter22" in masked


def test_an_impossible_interval_is_refused(call: Callable[..., Call], clock: FakeClock) -> None:
    with pytest.raises(InputError, match="checks_interval: 0 s"):
        own_looks(call(checks_interval=0.0), clock)
