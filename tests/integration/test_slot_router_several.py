"""One router before two web hosts: each slot has a process on both, on addresses of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
import typing as t

import pytest

from tests.integration.traffic_lab import APPLICATION, TOKEN, Lab, open_lab
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESSES = {"web1": "127.0.0.1", "web2": "127.0.0.2"}


def start(lab: Lab, slot: str, web: str) -> None:
    """The process of a slot on one web host; it names both in its answers."""
    name = f"{slot}-{web}"
    argv = [sys.executable, str(APPLICATION), str(lab.ports[slot]), name, "--host", ADDRESSES[web]]
    lab.processes[name] = subprocess.Popen(argv)


def up(lab: Lab) -> dict[str, int]:
    return {slot: shown["servers_up"] for slot, shown in lab.servers().items()}


@pytest.fixture
def lab(haproxy_binary: str) -> Iterator[Lab]:
    with open_lab(haproxy_binary) as lab:
        for name in ("router", "blue", "green"):
            lab.stop(name, signal.SIGKILL)
        for web in ADDRESSES:
            start(lab, "blue", web)
            start(lab, "green", web)
        lab.start_router(platform_host_web_hosts=list(ADDRESSES), platform_host_web_addresses=ADDRESSES)
        wait_for(lambda: up(lab) == {"blue": 2, "green": 2}, "both slots to be healthy on both web hosts")
        yield lab


def test_a_slot_is_all_its_web_hosts_and_the_other_slot_stands_by_for_the_last_of_them(lab: Lab) -> None:
    lab.route(100, release="r2")
    assert set(lab.slots_of(20)) == {"green-web1", "green-web2"}
    assert set(lab.slots_of(20, x_holdfast_preview=f"{TOKEN}-blue")) == {"blue-web1", "blue-web2"}
    lab.stop("green-web1", signal.SIGKILL)
    # The request that finds it dead is sent again to the other slot.
    assert set(lab.slots_of(20)) <= {"green-web2", "blue-web1", "blue-web2"}
    wait_for(lambda: up(lab)["green"] == 1, "the router to notice")
    assert set(lab.slots_of(20)) == {"green-web2"}
    lab.stop("green-web2", signal.SIGKILL)
    assert set(lab.slots_of(20)) == {"blue-web1", "blue-web2"}
    shown = lab.servers()["green"]
    assert (shown["healthy"], shown["servers"], shown["fallbacks"] >= 20) == (False, 2, True)


def test_a_slot_that_lacks_a_host_gets_no_more_traffic_unless_the_other_lacks_one_too(lab: Lab) -> None:
    lab.stop("green-web1", signal.SIGKILL)
    wait_for(lambda: up(lab) == {"blue": 2, "green": 1}, "the router to notice")
    refused = lab.module("slot_router", weights={"blue": 50, "green": 50}, wait_timeout=0.5)
    assert "finds green not healthy (1 of 2 servers healthy)" in refused["msg"]
    lab.stop("blue-web1", signal.SIGKILL)
    wait_for(lambda: up(lab) == {"blue": 1, "green": 1}, "the router to notice")
    assert lab.route(100, drain="blue")["drained"]
    assert set(lab.slots_of(10)) == {"green-web2"}
