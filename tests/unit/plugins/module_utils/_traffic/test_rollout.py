"""A window on a router, second by second, with a clock that does not wait."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.rollout import analyse
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.routing import route

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
    from tests.unit.fake_clock import FakeClock

    from .conftest import FakeRouter

WAITING = "0x1: proto=tcpv4 fe=portal be=slot_green srv=green ts=00 age=4s calls=1 rp[f=80000000h,i=0,an=1400000h,ax=] exp=27s"


class Traffic:
    """Requests that a router logs each second."""

    def __init__(self, router: FakeRouter) -> None:
        self.router = router
        self.numbers = itertools.count(1)

    def log(self, slot: str, count: int, *, status: int = 200, ms: int = 20, server: str | None = None, kind: str = "user") -> None:
        for _number in range(count):
            self.router.ring.append(f"1795301026.940 {next(self.numbers)} {slot} {server or slot} {status} {ms} 0 0 ---- GET {kind}")
        self.router.ring = self.router.ring[-2000:]


@pytest.fixture
def traffic(router: FakeRouter, make_call: Callable[..., Call], clock: FakeClock) -> Traffic:
    """A router with half of the traffic on green, and requests from before the window."""
    route(make_call(state="configured"))
    router.load_files()
    route(make_call(weights={"blue": 50, "green": 50}), clock)
    traffic = Traffic(router)
    traffic.log("green", 500, status=500)
    return traffic


def watch(make_call: Callable[..., Call], clock: FakeClock, **params: t.Any) -> dict[str, t.Any]:
    looks = {"checks": None, "base_url": None, "headers": None, "secret_headers": None, "checks_interval": 5.0, "synthetic": None}
    defaults = {
        "candidate": "green",
        "baseline": "blue",
        "window": 10.0,
        "max_window": 60.0,
        "min_samples": 100,
        "objectives": None,
        "when_undecided": "inconclusive",
        **looks,
    }
    return analyse(make_call(**{**defaults, **params}), clock).values


def test_each_request_is_counted_once_and_previews_and_the_time_before_are_not(
    traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    def second() -> None:
        traffic.log("green", 60)
        traffic.log("blue", 40, ms=30)
        traffic.log("green", 9, status=500, kind="preview")
        traffic.log("blue", 7, server="green")

    clock.on_sleep = second
    result = watch(make_call, clock)
    assert (result["verdict"]["verdict"], result["duration_s"]) == ("pass", 10.0)
    figures = result["verdict"]["figures"]
    assert (figures["candidate"]["samples"], figures["baseline"]["samples"]) == (600, 400)
    assert (figures["candidate"]["errors"], figures["baseline"]["p95_ms"]) == (0, 30.0)


def test_an_abort_does_not_wait_for_the_end_of_the_window(traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock) -> None:
    clock.on_sleep = lambda: traffic.log("green", 3, status=503)
    result = watch(make_call, clock)
    assert (result["verdict"]["rule"], result["duration_s"]) == ("error_rate", 1.0)


def test_silence_ends_inconclusive(traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock) -> None:
    result = watch(make_call, clock)
    assert (result["verdict"]["verdict"], result["duration_s"]) == ("inconclusive", 60.0)


def test_silence_passes_where_that_was_asked_for(traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock) -> None:
    result = watch(make_call, clock, when_undecided="pass")
    assert (result["verdict"]["verdict"], result["verdict"]["rule"]) == ("pass", "undecided_accepted")
    assert "0 of 100 requests seen" in result["verdict"]["reason"]


def test_what_is_bad_does_not_pass_because_silence_may(traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock) -> None:
    clock.on_sleep = lambda: traffic.log("green", 3, status=503)
    assert watch(make_call, clock, when_undecided="pass")["verdict"]["rule"] == "error_rate"


def test_requests_that_nobody_answers_abort(traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock) -> None:
    traffic.router.streams = [WAITING] * 12
    assert watch(make_call, clock)["verdict"]["rule"] == "nothing_answers"


@pytest.mark.parametrize(
    ("slot", "backend", "values", "rule"),
    [
        ("green", "slot_green", {"status": "DOWN"}, "health_lost"),
        ("green", "slot_green", {"chkdown": 1}, "health_lost"),
        ("green", "slot_green", {"wretr": 2}, "fallback_used"),
        ("blue", "slot_green", {"stot": 1}, "fallback_used"),
    ],
)
def test_what_the_router_had_to_save_aborts(
    traffic: Traffic,
    make_call: Callable[..., Call],
    clock: FakeClock,
    slot: str,
    backend: str,
    values: dict[str, t.Any],
    rule: str,
) -> None:
    clock.on_sleep = lambda: traffic.router.set_server(slot, backend=backend, **values)
    assert watch(make_call, clock)["verdict"]["rule"] == rule


def test_trouble_of_the_time_before_is_no_trouble_of_this_window(
    traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock
) -> None:
    traffic.router.set_server("green", wretr=5, wredis=2, chkdown=3)
    traffic.router.set_server("blue", backend="slot_green", stot=9)
    clock.on_sleep = lambda: traffic.log("green", 60)
    assert watch(make_call, clock)["verdict"]["verdict"] == "pass"


def test_a_restart_of_the_router_is_survived(traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock) -> None:
    traffic.router.set_server("green", wretr=5, chkdown=3)

    def second() -> None:
        if clock.seconds == 4:
            traffic.router.ring = []
            traffic.router.set_server("green", wretr=0, chkdown=0)
        traffic.log("green", 80)

    clock.on_sleep = second
    assert watch(make_call, clock)["verdict"]["verdict"] == "pass"


def test_a_router_that_stays_away_aborts(traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock) -> None:
    def lose() -> None:
        (traffic.router.directory / "router.sock").unlink(missing_ok=True)

    clock.on_sleep = lose
    result = watch(make_call, clock)
    assert (result["verdict"]["verdict"], result["verdict"]["rule"], result["duration_s"]) == ("abort", "router_lost", 11.0)


def test_a_slot_without_traffic_is_not_judged(traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock) -> None:
    route(make_call(weights={"blue": 100, "green": 0}), clock)
    with pytest.raises(InputError, match="candidate: green gets no traffic"):
        watch(make_call, clock)


def test_check_mode_says_that_it_did_not_look(make_call: Callable[..., Call], clock: FakeClock) -> None:
    result = watch(make_call, clock, check_mode=True)
    assert (result["verdict"]["verdict"], result["verdict"]["rule"], result["verdict"]["figures"]) == ("inconclusive", "check_mode", None)


def test_progress_is_logged(traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock) -> None:
    lines: list[str] = []
    clock.on_sleep = lambda: traffic.log("green", 60)
    watch(make_call, clock, log=lines.append)
    assert lines[0] == "rollout of green: 5 s, 300 requests, 0 errors, 0 overdue: goes on"
    assert lines[-1].startswith("rollout of green: 10 s, 600 requests, 0 errors, 0 overdue: pass (healthy)")


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"baseline": "green"}, "baseline: green is the candidate"),
        ({"window": 0.0}, "window: 0.0 s"),
        ({"window": 90.0}, "window: 90.0 s does not fit max_window: 60.0 s"),
        ({"min_samples": 0}, "min_samples: 0"),
        ({"objectives": {"error_rate": 0.02}}, "objectives: .*error_rate 0.02"),
        ({"objectives": {"latency_p95_ms": 0.0}}, "objectives: latency_p95_ms 0"),
    ],
)
def test_contradictions_are_said_before_the_watch_begins(
    traffic: Traffic, make_call: Callable[..., Call], clock: FakeClock, params: dict[str, t.Any], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        watch(make_call, clock, **params)
    assert clock.seconds == 0


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"synthetic": None}, "synthetic: without a router"),
        ({"baseline": "blue"}, "baseline: without a router"),
        ({"share": 0}, "share: 0 is no share"),
    ],
)
def test_what_needs_a_router_is_refused_without_one(
    make_call: Callable[..., Call], clock: FakeClock, params: dict[str, t.Any], sentence: str
) -> None:
    synthetic = {"paths": ["/"], "per_second": 5}
    own = {"directory": None, "baseline": None, "share": 10, "base_url": "http://127.0.0.1:9", "synthetic": synthetic}
    with pytest.raises(InputError, match=sentence):
        watch(make_call, clock, **{**own, **params})
