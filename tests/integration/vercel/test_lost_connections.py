"""The connection is cut at every single request, before and after it is carried out.

Whatever the run says has to be what is served; the next one completes; and nothing is made twice.
"""

from __future__ import annotations

import contextlib
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from tests.integration.vercel.lab import Lab


def requests_of_a_deploy(lab: Lab) -> int:
    """How many requests it takes when nothing goes wrong."""
    lab.live("old")
    before = lab.mark()
    lab.deploy("as long as nothing goes wrong")
    lab.promote(version="as long as nothing goes wrong")
    return len(lab.vercel.asked(before))


@pytest.mark.parametrize("cut", ["cut_before", "cut_after"])
def test_a_deploy_with_its_promotion_survives_a_cut_at_every_request(lab: Lab, cut: str) -> None:
    total = requests_of_a_deploy(lab)
    assert total > 10
    for number in range(total):
        text = f"{cut} {number}"
        lab.vercel.fault(cut, skip=number)
        deployed = lab.deploy(text)
        promoted = lab.promote(version=text)
        lab.vercel.control("DELETE", "faults")  # polls differ in number, so that it may not have come to it
        assert promoted["current"] == deployed["deployment"]["id"], number
        assert lab.page() == text, number
        assert [item["meta"].get("webopsVersion") for item in lab.deployments()].count(text) == 1, number


@pytest.mark.parametrize("cut", ["cut_before", "cut_after"])
def test_a_rollback_survives_a_cut_at_every_request(lab: Lab, cut: str) -> None:
    old, new = lab.live("one"), lab.live("two")
    before = lab.mark()
    lab.promote(deployment=old, action="rollback")
    for number in range(len(lab.vercel.asked(before))):
        back = lab.project()["targets"]["production"]["id"] == old
        target = new if back else old
        lab.vercel.fault(cut, skip=number)
        result = lab.promote(deployment=target, action="rollback")
        lab.vercel.control("DELETE", "faults")
        assert (result["changed"], result["current"]) == (True, target), number
        assert lab.page() == ("two" if back else "one"), number
        assert not lab.promote(deployment=target, action="rollback")["changed"]


def moved_to(lab: Lab, slot: str, version: str, deployment: str) -> dict[str, t.Any]:
    """What the role platform_vercel asks for, one after the other: the slot gets the deployment, then all users."""
    common: dict[str, t.Any] = {"slot": slot, "release": {"id": f"{version}-1", "version": version}, "fencing": 1}
    lab.run("vercel_slot", state="claimed", **common)
    lab.run("vercel_slot", state="staged", deployment=deployment, **common)
    return t.cast("dict[str, t.Any]", lab.run("vercel_slot", state="shifted", **common)["platform"])


@pytest.mark.parametrize("cut", ["cut_before", "cut_after"])
def test_slots_survive_a_cut_at_every_request(lab: Lab, cut: str) -> None:
    made = {slot: lab.deploy(slot)["deployment"]["id"] for slot in ("blue", "green")}
    moved_to(lab, "blue", "blue", made["blue"])
    before = lab.mark()
    moved_to(lab, "green", "green", made["green"])
    for number in range(len(lab.vercel.asked(before))):
        slot = "green" if lab.page() == "blue" else "blue"
        lab.vercel.fault(cut, skip=number)
        status = moved_to(lab, slot, slot, made[slot])
        lab.vercel.control("DELETE", "faults")
        assert (status["weights"][slot], status["live_slot"], lab.page()) == (100, slot, slot), number


def test_where_the_line_stays_dead_the_run_fails_and_the_next_one_completes(lab: Lab) -> None:
    total = requests_of_a_deploy(lab)
    for first in range(0, total, 3):
        text = f"dead from {first}"
        old = lab.page()
        lab.vercel.fault("cut_before", skip=first, times=0)
        with contextlib.suppress(WebopsError):
            deployed = lab.deploy(text)
            lab.promote(deployment=deployed["deployment"]["id"])
        lab.vercel.control("DELETE", "faults")
        assert lab.page() in {old, text}
        lab.deploy(text)
        assert lab.promote(version=text)["current"] == lab.deploy(text)["deployment"]["id"]
        assert lab.page() == text
        assert [item["meta"].get("webopsVersion") for item in lab.deployments()].count(text) == 1
