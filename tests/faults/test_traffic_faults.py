"""Whatever is killed while traffic moves: users notice nothing, and the same task once more finishes the job."""

from __future__ import annotations

import random
import signal
import time
import typing as t

import pytest

from tests.integration.traffic_lab import Lab, Users, open_lab

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lab(haproxy_binary: str) -> Iterator[Lab]:
    with open_lab(haproxy_binary) as lab:
        yield lab


def durable_share(lab: Lab) -> str:
    return (lab.directory / "slots.map").read_text().split()[1]


def test_a_task_killed_at_any_moment_is_finished_by_the_next_one(lab: Lab) -> None:
    chance = random.Random(5)
    with Users(lab.port) as users:
        for attempt in range(12):
            green = (attempt % 2) * 100 or 10
            process = lab.start_module("slot_router", weights={"blue": 100 - green, "green": green}, fencing=attempt)
            time.sleep(chance.uniform(0.0, 0.6))
            process.kill()
            process.communicate()
            router = lab.route(green, fencing=attempt)["router"]
            assert router["weights"]["green"] == green
            assert lab.module("slot_router_info")["drift"] == []
            assert durable_share(lab) == str(green)
    assert users.failures == []


def test_a_router_killed_at_any_moment_comes_back_with_what_its_files_say(lab: Lab) -> None:
    chance = random.Random(6)
    for attempt in range(5):
        green = (attempt % 2) * 60 + 20
        process = lab.start_module("slot_router", weights={"blue": 100 - green, "green": green})
        time.sleep(chance.uniform(0.1, 0.5))
        lab.stop("router", signal.SIGKILL)
        process.communicate(timeout=60)
        lab.start_router()
        result = lab.module("slot_router_info")
        assert result["drift"] == []
        assert str(result["router"]["weights"]["green"]) == durable_share(lab)
        assert lab.route(green)["router"]["weights"]["green"] == green


def test_of_two_deployers_at_once_the_newer_lease_wins(lab: Lab) -> None:
    for round_number in range(4):
        older, newer = 10 * round_number + 1, 10 * round_number + 2
        processes = [
            lab.start_module("slot_router", weights={"blue": 100 - green, "green": green}, fencing=fencing)
            for green, fencing in ((30, older), (70, newer))
        ]
        for process in processes:
            process.communicate(timeout=60)
        assert lab.module("slot_router_info")["router"]["weights"]["green"] == 70
        assert lab.module("slot_router", weights={"blue": 100, "green": 0}, fencing=older)["failed"]


def test_a_full_disk_moves_nothing_and_is_said(lab: Lab) -> None:
    before = lab.module("slot_router_info")["router"]["weights"]
    failed = lab.module("slot_router", full_disk=True, weights={"blue": 0, "green": 100})
    assert "could not be written" in failed["msg"]
    assert "The router was not changed" in failed["msg"]
    assert lab.module("slot_router_info")["router"]["weights"] == before
    assert lab.module("slot_router_info")["drift"] == []


def test_an_analysis_whose_router_restarts_goes_on_to_its_verdict(lab: Lab) -> None:
    lab.route(50)
    with Users(lab.port):
        window: dict[str, t.Any] = {"window": 6, "max_window": 30, "min_samples": 100, "objectives": {"error_rate_bad": 0.05}}
        process = lab.start_module("rollout_analysis", **{"candidate": "green", "baseline": "blue", **window})
        time.sleep(3)
        lab.stop("router", signal.SIGKILL)
        lab.start_router()
        stdout, stderr = process.communicate(timeout=90)
    assert b'"verdict": "pass"' in stdout, (stdout, stderr)
