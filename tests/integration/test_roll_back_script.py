"""The script on the router's host, for the day on which the controller is gone: a real router, no Ansible."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import typing as t

import pytest

from tests.integration.traffic_lab import ROOT, Lab, open_lab
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = ROOT / "roles" / "platform_host" / "files" / "roll_back.py"


@pytest.fixture(scope="module")
def running(haproxy_binary: str) -> Iterator[Lab]:
    with open_lab(haproxy_binary) as lab:
        shutil.copy(SCRIPT, lab.directory / "roll-back")
        yield lab


@pytest.fixture
def lab(running: Lab) -> Lab:
    """Green is live under the lease 7, blue stands by; nobody has used the script."""
    for name in ("roll-backs.jsonl", "fence"):
        (running.directory / name).unlink(missing_ok=True)
    running.route(100, release="r2", closed="none", fencing=7)
    return running


def roll_back(lab: Lab, *options: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-I", str(lab.directory / "roll-back"), *options]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)


def router(lab: Lab) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", lab.module("slot_router_info")["router"])


def test_it_moves_everybody_back_and_leaves_a_record(lab: Lab) -> None:
    done = roll_back(lab, "--reason", "orders fail")
    assert (done.returncode, done.stderr) == (0, "")
    assert "moved from green (100 %) to blue (100 %)" in done.stdout
    assert lab.slots_of(20) == {"blue": 20}
    shown = lab.module("slot_router_info")
    assert (shown["router"]["weights"], shown["router"]["live_slot"], shown["drift"]) == ({"blue": 100, "green": 0}, "blue", [])
    told = shown["router"]["rolled_back"]
    assert {name: told[name] for name in ("reason", "from_slot", "to_slot", "percent_before", "fence", "forced")} == {
        "reason": "orders fail",
        "from_slot": "green",
        "to_slot": "blue",
        "percent_before": 100,
        "fence": 8,
        "forced": False,
    }


def test_a_controller_that_slept_through_it_is_refused_and_the_next_lease_is_not(lab: Lab) -> None:
    assert roll_back(lab, "--reason", "the controller hangs").returncode == 0
    asleep = lab.module("slot_router", weights={"blue": 0, "green": 100}, fencing=7)
    assert "7 is older than 8" in asleep["msg"]
    assert router(lab)["weights"] == {"blue": 100, "green": 0}
    lab.route(10, fencing=8)


def test_run_again_it_does_not_bring_the_bad_release_back(lab: Lab) -> None:
    assert roll_back(lab, "--reason", "orders fail").returncode == 0
    again = roll_back(lab, "--reason", "did it work?")
    assert (again.returncode, "Nothing was changed" in again.stdout) == (0, True)
    assert router(lab)["weights"] == {"blue": 100, "green": 0}


def test_in_the_middle_of_a_rollout_the_way_back_is_to_the_live_slot(lab: Lab) -> None:
    lab.route(0)
    lab.route(10, release="r3")
    assert "green (10 %) to blue" in roll_back(lab, "--reason", "it looks bad").stdout
    assert (router(lab)["weights"], router(lab)["live_slot"]) == ({"blue": 100, "green": 0}, "blue")


def test_a_contract_migration_closes_the_way_back_unless_somebody_insists(lab: Lab) -> None:
    lab.route(closed="blue")
    refused = roll_back(lab, "--reason", "orders fail")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "its code does not fit the database any more" in refused.stderr
    assert (router(lab)["weights"], router(lab)["closed"], router(lab)["fence"]) == ({"blue": 0, "green": 100}, "blue", 7)
    assert roll_back(lab, "--reason", "the schema was restored", "--even-though-contracted").returncode == 0
    assert (router(lab)["weights"], router(lab)["closed"], router(lab)["rolled_back"]["forced"]) == ({"blue": 100, "green": 0}, None, True)


def test_it_says_what_it_would_do_and_asks_for_a_reason(lab: Lab) -> None:
    assert roll_back(lab, "--check").stdout == "Would move the users from green (100 %) to blue (100 %). Nothing was changed.\n"
    assert "--reason is missing" in roll_back(lab).stderr
    assert router(lab)["weights"] == {"blue": 0, "green": 100}
    assert router(lab)["rolled_back"] is None


def test_it_does_not_go_to_a_slot_that_is_down(lab: Lab) -> None:
    lab.stop("blue", signal.SIGKILL)
    wait_for(lambda: not lab.servers()["blue"]["healthy"], "the router to notice")
    refused = roll_back(lab, "--reason", "orders fail")
    assert "finds blue not healthy (0 of 1)" in refused.stderr
    assert router(lab)["weights"] == {"blue": 0, "green": 100}
    lab.start_slot("blue")


def test_without_a_running_router_it_changes_nothing(lab: Lab) -> None:
    lab.stop("router", signal.SIGKILL)
    before = (lab.directory / "slots.map").read_text()
    refused = roll_back(lab, "--reason", "orders fail")
    assert "No router answers on" in refused.stderr
    assert (lab.directory / "slots.map").read_text() == before
    lab.start_router()
    wait_for(lambda: all(server["healthy"] for server in lab.servers().values()), "both slots to be healthy")


def test_the_records_of_all_uses_are_kept(lab: Lab) -> None:
    assert roll_back(lab, "--reason", "first").returncode == 0
    lab.route(100, fencing=9)
    assert roll_back(lab, "--reason", "second").returncode == 0
    lines = (lab.directory / "roll-backs.jsonl").read_text().splitlines()
    assert [(json.loads(line)["reason"], json.loads(line)["fence"]) for line in lines] == [("first", 8), ("second", 10)]
