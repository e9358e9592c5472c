"""vercel_slot_info says the same as vercel_slot, and changes nothing."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from tests.integration.vercel.lab import Lab


def test_it_says_what_vercel_slot_left_and_asks_only(lab: Lab) -> None:
    deployment = lab.deploy("one")["deployment"]["id"]
    left = lab.run("vercel_slot", slot="blue", state="staged", release={"id": "one-1"}, deployment=deployment, fencing=3)
    mark = lab.mark()
    seen = lab.run("vercel_slot_info")
    assert (seen["changed"], seen["platform"]) == (False, left["platform"])
    assert seen["platform"]["fence"] == 3
    assert {one["method"] for one in lab.vercel.asked(mark) if one["plane"] == "api"} == {"GET"}
