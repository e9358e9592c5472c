"""Which deployment stands for which slot, and who gets the traffic."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import slots
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.rolling import Rollout
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.serving import Serving
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.slots import Record, Slot
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.slotting import PLANS, Seen

RECORD = Record(
    {
        "blue": Slot("dpl_1", "https://one", "1.0-a", "1.0", state="running"),
        "green": Slot("dpl_2", "https://two", "1.1-b", "1.1", state="running"),
    },
    7,
)
ROLLING = Rollout("ACTIVE", "dpl_2", "dpl_1", 50, (10, 50, 100), 1, True)


def serving(deployment: str | None) -> Serving:
    return Serving("prj_1", "shop", {"shop.example.org": deployment}, False, {}, (10, 50, 100))


def seen(deployment: str | None, rollout: Rollout | None = None, record: Record = RECORD) -> Seen:
    return Seen(record, serving(deployment), rollout)


def test_a_record_comes_back_as_it_was_kept() -> None:
    assert slots.parse(RECORD.text()) == RECORD


@pytest.mark.parametrize("text", ["", "{}", "nonsense", '{"fence": 1, "slots": {"blue": {"colour": 1}, "green": {}}}'])
def test_a_record_that_somebody_has_edited_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(WebopsError, match="HOLDFAST_SLOTS is not what this collection wrote"):
        slots.parse(text)


@pytest.mark.parametrize(
    ("deployment", "rollout", "live", "weights"),
    [
        ("dpl_1", None, "blue", {"blue": 100, "green": 0}),
        ("dpl_2", None, "green", {"blue": 0, "green": 100}),
        ("dpl_1", ROLLING, "blue", {"blue": 50, "green": 50}),
        (None, None, None, {"blue": 0, "green": 0}),
        ("dpl_9", None, None, {"blue": 0, "green": 0}),
    ],
)
def test_who_gets_the_traffic_is_what_the_domains_serve(
    deployment: str | None, rollout: Rollout | None, live: str | None, weights: dict[str, int]
) -> None:
    status = slots.status(RECORD, serving(deployment), rollout)
    assert (status["live_slot"], status["weights"]) == (live, weights)
    assert status["idle_slot"] == {"blue": "green", "green": "blue", None: "blue"}[live]


@pytest.mark.parametrize(("stages", "shares"), [((), [100]), ((10, 50, 100), [10, 50, 100])])
def test_the_shares_that_can_be_given_are_those_of_the_stages(stages: tuple[int, ...], shares: list[int]) -> None:
    live = dataclasses.replace(serving("dpl_1"), stages=stages)
    assert slots.status(RECORD, live, None)["shares"] == shares


def test_what_somebody_else_has_deployed_is_told() -> None:
    (sentence,) = slots.status(RECORD, serving("dpl_9"), None)["disagreements"]
    assert "serve dpl_9, which stands on no slot" in sentence


def test_domains_that_differ_are_told() -> None:
    live = dataclasses.replace(serving(None), domains={"a.example.org": "dpl_1", "b.example.org": "dpl_2"})
    (sentence,) = slots.status(RECORD, live, None)["disagreements"]
    assert "a.example.org: dpl_1, b.example.org: dpl_2" in sentence


def release(release_id: str) -> dict[str, t.Any]:
    return {"id": release_id, "version": "x", "commit": "", "artifact_sha256": ""}


def test_a_slot_with_users_is_not_claimed_for_another_release() -> None:
    with pytest.raises(ConflictError, match=r"blue serves 1\.0-a to 100 %"):
        PLANS["claimed"](seen("dpl_1"), {"slot": "blue", "release": release("2.0-c")})
    assert PLANS["claimed"](seen("dpl_1"), {"slot": "blue", "release": release("1.0-a")}).promotion is None


def test_only_what_a_slot_holds_can_be_shifted_to() -> None:
    with pytest.raises(ConflictError, match=r"green holds 1\.1-b, not 2\.0-c"):
        PLANS["shifted"](seen("dpl_1"), {"slot": "green", "release": release("2.0-c"), "percent": 10})
    plan = PLANS["shifted"](seen("dpl_1"), {"slot": "green", "release": release("1.1-b"), "percent": 10})
    assert plan.promotion == {"deployment": "dpl_2", "action": "promote", "share": 10}
    assert plan.weights == {"blue": 90, "green": 10}


def test_an_undo_ends_a_rolling_release_and_rolls_back_what_all_users_have() -> None:
    params = {"slot": "green"}
    rolling, settled, idle = (PLANS["undone"](one, params) for one in (seen("dpl_1", ROLLING), seen("dpl_2"), seen("dpl_1")))
    assert rolling.promotion == {"deployment": "dpl_2", "action": "promote", "share": 0}
    assert settled.promotion is not None
    assert (settled.promotion["deployment"], settled.promotion["action"]) == ("dpl_1", "rollback")
    assert idle.promotion is None
    assert {plan.record.slots["green"].state for plan in (rolling, settled, idle)} == {"stopped"}


def test_the_undo_of_a_first_release_leaves_the_traffic_where_it_is() -> None:
    alone = Record({"blue": RECORD.slots["blue"], "green": Slot()})
    plan = PLANS["undone"](seen("dpl_1", None, alone), {"slot": "blue"})
    assert (plan.promotion, plan.record.slots["blue"].state) == (None, "stopped")


def test_what_users_are_on_is_not_retired() -> None:
    with pytest.raises(ConflictError, match="green serves 100 %"):
        PLANS["retired"](seen("dpl_2"), {"slot": "green", "keep_warm": False})
    assert PLANS["retired"](seen("dpl_2"), {"slot": "blue", "keep_warm": False}).record.slots["blue"].state == "stopped"
    assert PLANS["retired"](seen("dpl_2"), {"slot": "blue", "keep_warm": True}).record == RECORD
