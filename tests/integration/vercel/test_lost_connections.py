"""The connection is cut at every single request, before and after it is carried out.

Whatever the run says has to be what is served; the next one completes; and nothing is made twice.
"""

from __future__ import annotations

import contextlib

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
