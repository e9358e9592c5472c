"""What host_slot_info says of a host with a real supervisord."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from tests.integration.host_lab import HostLab, open_host
from tests.integration.module_child import fail, succeed

if t.TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = {"slot", "state", "release_id", "version", "commit", "artifact_sha256", "port", "pid", "started_at", "directory", "log"}


@pytest.fixture(scope="module")
def lab() -> Iterator[HostLab]:
    with open_host() as lab:
        yield lab


def test_a_host_without_a_portal_has_two_absent_slots(lab: HostLab) -> None:
    result = succeed("host_slot_info", **lab.common)
    assert not result["changed"]
    assert result["fencing"] == 0
    for slot in ("blue", "green"):
        found = result["slots"][slot]
        assert (found["slot"], found["state"]) == (slot, "absent")
        assert {name for name, value in found.items() if value is None} == KEYS - {"slot", "state"}
    assert not lab.root.exists()


def test_a_running_slot_is_described_in_full(lab: HostLab) -> None:
    release = lab.release("1.0")
    lab.run("blue", release, fencing=3)
    result = succeed("host_slot_info", **lab.common)
    found = result["slots"]["blue"]
    assert set(found) == KEYS
    assert (found["state"], found["version"], found["commit"], found["release_id"]) == ("running", "1.0", "commit-1.0", release.id)
    assert (found["artifact_sha256"], found["port"]) == (release.sha256, lab.ports["blue"])
    assert (found["directory"], found["log"]) == (str(lab.root / "releases" / release.id), str(lab.root / "log/blue.log"))
    began = datetime.datetime.fromisoformat(found["started_at"])
    assert abs(datetime.datetime.now(datetime.UTC) - began) < datetime.timedelta(minutes=5)
    assert result["fencing"] == 3


def test_the_router_on_the_same_host_is_read_with_it(lab: HostLab) -> None:
    assert succeed("host_slot_info", **lab.common)["router"] is None
    told = succeed("host_slot_info", router={"directory": str(lab.root / "router")}, **lab.common)
    alone = succeed("slot_router_info", directory=str(lab.root / "router"))
    assert told["router"] == alone["router"] != {}
    assert (told["router"]["configured"], told["drift"]) == (False, [])


def test_check_mode_says_the_same(lab: HostLab) -> None:
    real, checked = succeed("host_slot_info", **lab.common), succeed("host_slot_info", check=True, **lab.common)
    assert (real["slots"], real["changed"]) == (checked["slots"], checked["changed"])


def test_bad_input_is_told(lab: HostLab) -> None:
    assert "portal: 'No!' is not a portal name" in fail("host_slot_info", **{**lab.common, "portal": "No!"})["msg"]
    assert "does not answer at /nowhere" in fail("host_slot_info", **{**lab.common, "supervisor_socket": "/nowhere"})["msg"]
