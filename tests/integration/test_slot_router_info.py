"""What can be read from a real router."""

from __future__ import annotations

import signal
import typing as t

import pytest

from tests.integration.traffic_lab import TOKEN, Lab, open_lab
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def lab(haproxy_binary: str) -> Iterator[Lab]:
    with open_lab(haproxy_binary) as lab:
        yield lab


def test_counters_tell_who_was_asked_and_who_failed(lab: Lab) -> None:
    lab.start_slot("green", "--errors", "2")
    before = lab.servers()
    lab.slots_of(10)
    lab.slots_of(6, x_holdfast_preview=f"{TOKEN}-green")
    after = lab.servers()
    assert after["blue"]["requests"] - before["blue"]["requests"] == 10
    assert after["green"]["requests"] - before["green"]["requests"] == 6
    assert after["green"]["errors"] - before["green"]["errors"] == 3


def test_a_slot_that_says_it_is_ill_is_not_healthy(lab: Lab) -> None:
    lab.start_slot("green")
    lab.processes["green"].send_signal(signal.SIGUSR1)
    wait_for(lambda: not lab.servers()["green"]["healthy"], "green to be found ill")
    assert lab.servers()["green"]["status"].startswith("DOWN")
    assert lab.servers()["blue"]["healthy"]


def test_a_read_changes_nothing_and_shows_no_secret(lab: Lab) -> None:
    before = {path.name: path.read_bytes() for path in lab.directory.glob("*.map")}
    result = lab.module("slot_router_info")
    assert result["changed"] is False
    assert TOKEN not in str(result)
    assert {path.name: path.read_bytes() for path in lab.directory.glob("*.map")} == before


def test_a_machine_that_was_never_provisioned_can_be_read(haproxy_binary: str, tmp_path: pathlib.Path) -> None:
    router = Lab(haproxy_binary, tmp_path).module("slot_router_info")["router"]
    assert (router["configured"], router["running"], router["live_slot"]) == (False, False, None)
