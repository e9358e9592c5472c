"""With real threads, because what is tested is that a hanging one holds nothing up."""

from __future__ import annotations

import threading
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._health import rounds
from ansible_collections.holdfast.webops.plugins.module_utils._health.checks import checks_from
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Finding
from ansible_collections.holdfast.webops.plugins.module_utils._health.kinds import BROWSERS

Options = t.Callable[..., dict[str, t.Any]]


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "GRACE", 0.05)


def good(deadline: Deadline, clock: Clock) -> Finding:
    return Finding("fine")


class Hanging:
    """A probe that is stuck in the resolver: no deadline reaches it."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def __call__(self, deadline: Deadline, clock: Clock) -> Finding:
        self.released.wait()
        return Finding("too late")


@pytest.fixture
def hanging() -> t.Iterator[Hanging]:
    probe = Hanging()
    yield probe
    probe.released.set()


def test_all_checks_are_under_way_at_the_same_time(options: Options) -> None:
    everybody = threading.Barrier(8)

    def meet(deadline: Deadline, clock: Clock) -> Finding:
        everybody.wait(timeout=60)
        return Finding("met")

    checks = checks_from([options(name=str(number)) for number in range(8)])
    assert [result.reason for result in rounds.run_round([(check, meet) for check in checks], SystemClock())] == ["Met."] * 8


def test_results_come_in_the_order_of_the_checks_with_more_checks_than_threads(options: Options) -> None:
    checks = checks_from([options(name=f"{number:03}") for number in range(3 * rounds.MOST_AT_ONCE)])
    results = rounds.run_round([(check, good) for check in checks], SystemClock())
    assert [result.name for result in results] == [check.name for check in checks]


def test_a_hanging_probe_fails_its_check_and_leaves_the_others_alone(options: Options, hanging: Hanging) -> None:
    stuck, well = checks_from([options(name="stuck", timeout=0.1), options(name="well", timeout=0.1)])
    results = rounds.run_round([(stuck, hanging), (well, good)], SystemClock())
    assert [(result.status, result.reason) for result in results] == [
        ("fail", "Did not end within 0.1 s, probably in the resolution of a name."),
        ("pass", "Fine."),
    ]


def test_a_round_ends_even_if_hanging_probes_hold_every_thread(options: Options, hanging: Hanging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "MOST_AT_ONCE", 2)
    checks = checks_from([options(name=name, timeout=0.1) for name in "abc"])
    results = rounds.run_round([(check, hanging) for check in checks], SystemClock())
    assert [result.status for result in results] == ["fail"] * 3
    assert "was not begun" in results[2].reason.lower()


def test_of_a_heavy_kind_only_a_few_are_under_way_and_they_keep_no_other_waiting(options: Options) -> None:
    under_way, others = threading.Semaphore(0), threading.Barrier(8)
    most: list[int] = []

    def heavy(deadline: Deadline, clock: Clock) -> Finding:
        under_way.release()
        clock.sleep(0.02)
        most.append(under_way._value)
        under_way.acquire()
        return Finding("fine")

    def light(deadline: Deadline, clock: Clock) -> Finding:
        others.wait(timeout=60)
        return Finding("fine")

    checks = checks_from([options(name=f"{n}", kind="web_vitals" if n < 8 else "http", url="http://h/") for n in range(16)])
    results = rounds.run_round([(check, heavy if check.kind == "web_vitals" else light) for check in checks], SystemClock())
    assert {result.status for result in results} == {"pass"}
    assert max(most) <= BROWSERS


def test_no_check_goes_on_beyond_the_end_of_the_wait(options: Options, hanging: Hanging) -> None:
    clock = SystemClock()
    checks = checks_from([options(timeout=3600)])
    (result,) = rounds.run_round([(checks[0], hanging)], clock, Deadline(clock, 0.5))
    assert "did not end within 0." in result.reason.lower(), "and not within an hour"


def test_a_defect_in_a_probe_fails_its_check_by_name_and_hides_no_other(options: Options) -> None:
    def broken(deadline: Deadline, clock: Clock) -> Finding:
        raise KeyError("defect")

    good, bad = checks_from([options(name="a"), options(name="b")])
    results = rounds.run_round([(good, lambda deadline, clock: Finding("fine")), (bad, broken)], SystemClock())
    assert [result.status for result in results] == ["pass", "fail"]
    assert results[1].reason == "Could not be looked at: unexpected KeyError: 'defect'."
