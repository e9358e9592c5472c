"""Verdicts about real slots with real users behind a real HAProxy: half of the traffic is on the new release."""

from __future__ import annotations

import signal
import threading
import typing as t

import pytest

from tests.integration.module_child import run_module
from tests.integration.traffic_lab import TOKEN, Lab, Users, open_lab
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator

WINDOW: dict[str, t.Any] = {"candidate": "green", "baseline": "blue", "window": 4, "max_window": 25, "min_samples": 100}


@pytest.fixture
def lab(haproxy_binary: str) -> Iterator[Lab]:
    with open_lab(haproxy_binary) as lab:
        yield lab


def judge(lab: Lab, **options: t.Any) -> dict[str, t.Any]:
    objectives = {"error_rate_bad": 0.05, **options.pop("objectives", {})}
    result = lab.module("rollout_analysis", **{**WINDOW, "objectives": objectives, **options})
    assert not result.get("failed"), result["msg"]
    assert result["changed"] is False
    return result


def test_a_good_release_passes_and_every_request_was_counted(lab: Lab) -> None:
    lab.route(50)
    with Users(lab.port) as users:
        result = judge(lab)
    figures = result["verdict"]["figures"]
    assert result["verdict"]["verdict"] == "pass"
    assert figures["elapsed_s"] >= 4
    assert 0 < figures["candidate"]["samples"] + figures["baseline"]["samples"] <= users.requests
    assert figures["candidate"]["reads"] > figures["candidate"]["writes"] > 0
    assert users.failures == []


def test_checks_that_are_critical_stop_a_release_that_its_users_find_good(lab: Lab) -> None:
    lab.route(50)
    own = {"base_url": f"http://127.0.0.1:{lab.port}", "secret_headers": {"X-Holdfast-Preview": f"{TOKEN}-green"}, "checks_interval": 0.5}
    candidate = {"name": "candidate", "kind": "http", "url": "/", "expect_headers": {"X-Slot": "green"}}
    nightly = {"name": "nightly job", "kind": "http", "url": "/", "expect_status": [204]}
    with Users(lab.port) as users:
        bad = judge(lab, checks=[candidate, nightly], **own)["verdict"]
        good = judge(lab, checks=[candidate], **own)["verdict"]
    assert users.failures == []
    assert (bad["verdict"], bad["rule"]) == ("abort", "health_critical")
    assert "1 of 2 checks passed. nightly job: Answered 200 instead of 204." in bad["reason"]
    assert good["verdict"] == "pass"


def test_previews_are_not_judged(lab: Lab) -> None:
    lab.start_slot("green", "--errors", "1")
    stopped = threading.Event()

    def preview() -> None:
        while not stopped.is_set():
            lab.get(x_holdfast_preview=f"{TOKEN}-green")

    thread = threading.Thread(target=preview)
    thread.start()
    try:
        with Users(lab.port):
            verdict = judge(lab, candidate="blue", baseline="green")["verdict"]
    finally:
        stopped.set()
        thread.join()
    assert (verdict["verdict"], verdict["figures"]["baseline"]["samples"]) == ("pass", 0)


def test_a_release_that_fails_now_and_then_aborts_early(lab: Lab) -> None:
    lab.start_slot("green", "--errors", "10")
    lab.route(50)
    with Users(lab.port):
        result = judge(lab, window=20)
    assert (result["verdict"]["verdict"], result["verdict"]["rule"]) == ("abort", "error_rate")
    assert result["verdict"]["figures"]["elapsed_s"] < 20


def test_a_release_that_queues_its_requests_aborts_although_all_succeed(lab: Lab) -> None:
    lab.start_slot("green", "--serial", "0.1")
    lab.route(50)
    with Users(lab.port, per_second=150, clients=120) as users:
        verdict = judge(lab, window=20)["verdict"]
    assert (verdict["verdict"], verdict["figures"]["candidate"]["errors"]) == ("abort", 0)
    assert verdict["rule"] in ("latency_objective", "latency_regression")
    assert users.failures == []


def test_a_release_that_answers_nothing_any_more_aborts(lab: Lab) -> None:
    lab.route(50)
    with Users(lab.port, per_second=150, clients=60):
        lab.processes["green"].send_signal(signal.SIGUSR2)
        verdict = judge(lab, window=20)["verdict"]
        assert verdict["verdict"] == "abort"
        assert verdict["rule"] in ("nothing_answers", "latency_objective", "health_lost", "fallback_used")
        assert verdict["figures"]["overdue"] >= 10
        lab.stop("green", signal.SIGKILL)


def test_a_release_that_dies_aborts_and_nobody_noticed(lab: Lab) -> None:
    lab.route(50)
    with Users(lab.port, posts=False) as users:
        wait_for(lambda: users.slots["green"] > 30, "traffic on green")
        killer = threading.Timer(2.5, lab.stop, ["green", signal.SIGKILL])
        killer.start()
        verdict = judge(lab, window=20)["verdict"]
        killer.join()
    assert (verdict["verdict"], users.failures) == ("abort", [])
    assert verdict["rule"] in ("health_lost", "fallback_used")


def test_silence_is_inconclusive_and_names_what_is_missing(lab: Lab) -> None:
    lab.route(50)
    verdict = judge(lab, window=1, max_window=2)["verdict"]
    assert (verdict["verdict"], verdict["rule"]) == ("inconclusive", "undecided")
    assert "0 of 100 requests seen" in verdict["reason"]
    # On the same quiet portal: requests of our own, which reach the candidate alone and are counted apart.
    own = {"base_url": f"http://127.0.0.1:{lab.port}", "secret_headers": {"X-Holdfast-Preview": f"{TOKEN}-green"}}
    topped_up = judge(lab, window=1, max_window=60, synthetic={"paths": ["/", "/slow?0.05"], "per_second": 50}, **own)["verdict"]
    figures = topped_up["figures"]
    assert (topped_up["verdict"], figures["candidate"]["reads"], figures["baseline"]["samples"]) == ("pass", 0, 0)
    assert figures["candidate"]["synthetic"] == figures["candidate"]["samples"] >= 100


def test_a_slot_without_traffic_is_not_judged(lab: Lab) -> None:
    failed = lab.module("rollout_analysis", **WINDOW)
    assert "candidate: green gets no traffic" in failed["msg"]


def test_check_mode_does_not_wait(lab: Lab) -> None:
    result = judge(lab, window=600, max_window=600, _ansible_check_mode=True)
    assert (result["verdict"]["verdict"], result["verdict"]["rule"]) == ("inconclusive", "check_mode")


def test_without_a_router_requests_of_its_own_judge_a_release(lab: Lab) -> None:
    own: dict[str, t.Any] = {
        "candidate": "green",
        "share": 10,
        "window": 2,
        "max_window": 120,
        "min_samples": 20,
        "objectives": {"error_rate_bad": 0.05},
        "synthetic": {"paths": ["/"], "per_second": 50},
    }
    good = run_module("rollout_analysis", base_url=f"http://127.0.0.1:{lab.ports['green']}", **own)["verdict"]
    lab.start_slot("green", "--errors", "2")
    bad = run_module("rollout_analysis", base_url=f"http://127.0.0.1:{lab.ports['green']}", **own)["verdict"]
    assert (good["verdict"], good["figures"]["candidate"]["synthetic"]) == ("pass", good["figures"]["candidate"]["samples"])
    assert (bad["verdict"], bad["rule"]) == ("abort", "error_rate")
