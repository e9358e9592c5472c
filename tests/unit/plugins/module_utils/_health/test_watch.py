from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._health import watch as module
from ansible_collections.holdfast.webops.plugins.module_utils._health.arguments import argument_spec
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Finding, Result
from ansible_collections.holdfast.webops.plugins.module_utils._health.watch import Patience, health_check, watch

Make = t.Callable[..., Result]
Options = t.Callable[..., dict[str, t.Any]]


class Portal:
    """A portal whose state changes from round to round; the last state stays. Each round takes a second."""

    def __init__(self, clock: Clock, result: Make, *states: str) -> None:
        self.clock, self.result, self.states, self.rounds = clock, result, states, 0

    def round(self, until: Deadline | None) -> tuple[Result, ...]:
        state = self.states[min(self.rounds, len(self.states) - 1)]
        self.rounds += 1
        self.clock.sleep(1)
        return (self.result(status=state),)


def test_without_waiting_there_is_one_round(clock: Clock, result: Make) -> None:
    portal = Portal(clock, result, "fail", "pass")
    report = watch(portal.round, clock, None)
    assert (report.verdict, report.rounds) == ("critical", 1)


def test_waiting_ends_with_the_first_healthy_round(clock: Clock, result: Make) -> None:
    portal = Portal(clock, result, "fail", "warn", "pass")
    report = watch(portal.round, clock, Patience(60, 1, 1))
    assert (report.verdict, report.rounds, report.waited_s) == ("healthy", 3, 5)


def test_healthy_rounds_must_follow_each_other(clock: Clock, result: Make) -> None:
    portal = Portal(clock, result, "pass", "pass", "fail", "pass", "pass", "pass")
    assert watch(portal.round, clock, Patience(60, 1, 3)).rounds == 6


def test_flapping_until_the_end_is_not_healthy_though_its_last_round_was(clock: Clock, result: Make) -> None:
    portal = Portal(clock, result, "fail", "pass", "fail", "pass")
    assert watch(portal.round, clock, Patience(8, 1, 3)).verdict == "critical"


def test_too_few_rounds_are_not_healthy_however_good_they_were(clock: Clock, result: Make) -> None:
    report = watch(Portal(clock, result, "pass").round, clock, Patience(4, 1, 3))
    assert (report.verdict, report.rounds) == ("degraded", 2)
    assert "3 in a row were wanted" in report.summary


def test_waiting_ends_in_time(clock: Clock, result: Make) -> None:
    watch(Portal(clock, result, "fail").round, clock, Patience(10, 3, 1))
    assert clock.monotonic() <= 10


class Task:
    """A task with its parameters and what it asked to be masked."""

    def __init__(self, **params: t.Any) -> None:
        defaults = {option: spec.get("default") for option, spec in argument_spec().items()}
        self.masked: set[str] = set()
        self.call = Call({**defaults, **params}, False, self.masked.add, lambda text: None, lambda value: value)


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> t.Callable[[Finding], None]:
    """Let every probe find the same."""

    def give(finding: Finding) -> None:
        monkeypatch.setattr(module, "look_of", lambda check, check_mode: lambda deadline, clock: finding)

    return give


def test_a_failed_task_carries_the_whole_result(options: Options, look: t.Callable[[Finding], None]) -> None:
    look(Finding("", problems=("answered 503 instead of 200",)))
    with pytest.raises(WebopsError, match=r"^Critical: 0 of 1 check passed\. app: Answered 503 instead of 200\.$") as caught:
        health_check(Task(checks=[options()]).call)
    assert sorted(caught.value.details) == ["changed", "checks", "reports", "rounds", "since", "started", "summary", "verdict", "waited_s"]


def test_fail_on_never_gives_the_same_result_without_failing(options: Options, look: t.Callable[[Finding], None]) -> None:
    look(Finding("", problems=("answered 503 instead of 200",)))
    outcome = health_check(Task(checks=[options()], fail_on="never").call)
    assert not outcome.changed
    assert outcome.values["verdict"] == "critical"


def test_secrets_of_headers_and_urls_are_masked_with_and_without_their_scheme(options: Options, look: t.Callable[[Finding], None]) -> None:
    look(Finding("fine"))
    task = Task(checks=[options(url="http://user:hunter22@h/", secret_headers={"X-Key": "Bearer abcdefgh"})])
    health_check(task.call)
    assert {"Bearer abcdefgh", "abcdefgh", "dXNlcjpodW50ZXIyMg=="} <= task.masked


def test_a_secret_among_the_headers_that_can_be_read_is_refused_and_masked(options: Options) -> None:
    task = Task(checks=[options(headers={"Authorization": "Bearer hunter22"})], headers={"Cookie": "sid=abcdefgh"})
    with pytest.raises(InputError, match="Move it to secret_headers"):
        health_check(task.call)
    assert {"Bearer hunter22", "sid=abcdefgh"} <= task.masked


def test_a_secret_that_comes_back_in_a_redirect_is_masked(options: Options, look: t.Callable[[Finding], None]) -> None:
    look(Finding("", problems=("answered 302 (to 'https://h/login?token=hunter22') instead of 200",)))
    task = Task(checks=[options()], fail_on="never")
    health_check(task.call)
    assert "hunter22" in task.masked


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"wait_timeout": 0, "wait_until_healthy": True}, "wait_timeout is 0 s"),
        ({"interval": -1, "wait_until_healthy": True}, "interval is -1 s"),
        ({"interval": float("nan"), "wait_until_healthy": True}, "interval is nan s"),
        ({"wait_timeout": float("inf"), "wait_until_healthy": True}, "wait_timeout is inf s"),
        ({"consecutive": 0}, "consecutive is 0"),
        ({"consecutive": 2}, "only one round is run"),
        ({"consecutive": 5, "interval": 10, "wait_timeout": 40, "wait_until_healthy": True}, "do not fit into the wait_timeout of 40 s"),
    ],
)
def test_waiting_that_makes_no_sense_is_refused_before_any_look(options: Options, params: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        health_check(Task(checks=[options()], **params).call)
