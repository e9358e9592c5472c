"""Which gates are asked, and what the ledger keeps of them."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._release.gates import Rules, as_result, check_others, judge

from .course_facts import A, B, good, state_of, wanted

SATURDAY = datetime.datetime(2026, 11, 21, 23, 0, tzinfo=datetime.timezone.utc)
DEPLOY: dict[str, t.Any] = {"action": "deploy"}
UAT: dict[str, t.Any] = {"environment": "uat", "state": state_of(*good(A)), "chain": {"problem": None}}
ALL = Rules((UAT,), {"required": 1}, ({"name": "weekend", "days": ["sat", "sun"]},))


def asked(rules: Rules, action: str = "deploy", want: str = A) -> dict[str, t.Any]:
    return as_result(judge({"action": action}, wanted(want), state_of(), rules, "ci", SATURDAY))


def test_every_rule_is_a_gate_and_every_refusal_is_said() -> None:
    found = asked(ALL, want=B)
    assert [(gate["gate"], gate["passed"]) for gate in found["gates"]] == [
        ("verified in uat", False),
        ("approvals", False),
        ("freeze", False),
    ]
    assert len(found["refused"]) == 3
    assert found["refused"][2] == "The freeze 'weekend' is on until 2026-11-22 00:00 UTC."


def test_without_rules_nothing_is_asked() -> None:
    assert asked(Rules()) == {"gates": [], "refused": [], "record": []}


@pytest.mark.parametrize("action", ["none", "resume"])
def test_what_is_under_way_or_needs_nothing_is_not_asked_again(action: str) -> None:
    assert asked(ALL, action)["gates"] == []


def test_one_that_is_to_be_begun_anew_is_asked() -> None:
    assert asked(ALL, "undo_then_deploy")["refused"]


def test_a_freeze_is_overridden_with_a_reason_and_the_ledger_keeps_it() -> None:
    rules = Rules(freeze=ALL.freeze, override="hotfix of INC-7")
    found = asked(rules)
    assert found["refused"] == []
    assert found["record"] == [{"gate": "freeze", "window": "weekend", "until": "2026-11-22 00:00 UTC", "override": "hotfix of INC-7"}]
    assert asked(Rules(freeze=ALL.freeze, override="  "))["refused"]


def test_an_override_without_a_freeze_is_not_kept() -> None:
    found = asked(Rules(freeze=({"days": ["mon"]},), override="just in case"))
    assert found["record"] == [{"gate": "freeze", "window": None, "override": None}]


def test_the_ledger_keeps_where_it_was_verified() -> None:
    found = asked(Rules((UAT,)))
    assert found["record"] == [{"gate": "verified in uat", "environment": "uat", "release": A, "verified_at": "2026-11-21T22:06:00Z"}]


def test_a_rule_that_makes_no_sense_is_found_also_when_nothing_is_opened() -> None:
    with pytest.raises(InputError):
        asked(Rules(freeze=({"days": ["friday"]},)), "none")
    with pytest.raises(InputError):
        asked(Rules(approvals={"requierd": 1}), "none")


def test_a_ledger_that_nobody_read_opens_no_gate() -> None:
    with pytest.raises(InputError, match="the ledger of staging was not read"):
        check_others([{"environment": "uat"}, {"environment": "staging"}], [UAT])
    check_others([{"environment": "uat"}], [UAT])
