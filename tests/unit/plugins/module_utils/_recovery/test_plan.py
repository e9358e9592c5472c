from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import checked_plan, read_plan
from tests.unit.plugins.module_utils._recovery.rehearsals import ACTIONS, plan, raw

ROLE = Path(__file__).resolve().parents[5] / "roles" / "portal_rehearse"


def problems(*steps: t.Any, rto: t.Any = 240) -> list[str]:
    read, found = read_plan(list(steps), rto, ACTIONS)
    assert (read is None) == bool(found)
    return found


def test_the_plan_that_the_role_brings_is_the_six_steps_of_which_two_are_done_side_by_side() -> None:
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
    steps = [{**step, "validation": []} for step in defaults["portal_rehearse_plan"]]
    read, found = read_plan(steps, defaults["portal_rehearse_rto"], [path.stem for path in (ROLE / "tasks").glob("*.yml")])
    assert found == []
    assert read
    assert [step.id for step in read.steps] == ["assess", "database", "storage", "application", "integrations", "system_test"]
    assert [step.id for step in read.steps if step.critical] == ["assess", "database", "storage"]
    assert [step.id for step in read.steps if step.left_out] == []
    assert read.levels[1] == ("database", "storage")
    assert read.estimate == 195


def test_steps_come_after_those_that_they_need_and_those_of_one_level_need_not_each_other() -> None:
    read = plan([raw("d", "b", "c"), raw("b", "a"), raw("c", "a"), raw("a", action="assess")])
    assert read.levels == (("a",), ("b", "c"), ("d",))
    assert [step.id for step in read.steps] == ["a", "b", "c", "d"]


def test_the_critical_path_is_the_one_that_takes_longest() -> None:
    read = plan([raw("a", action="assess"), raw("slow", "a", estimate=90), raw("quick", "a"), raw("end", "quick", "slow")])
    assert (read.critical_path, read.estimate) == (("a", "slow", "end"), 150)
    assert checked_plan([step.as_dict() for step in read.steps]) == read


@pytest.mark.parametrize("rto", [119.5, 0, -1, "soon", float("nan"), True, None])
def test_a_plan_that_cannot_meet_the_rto_is_refused(rto: t.Any) -> None:
    (found,) = problems(raw("a", action="assess"), raw("b", "a", estimate=90), raw("c"), rto=rto)
    said = "By its own estimates the plan takes 120 minutes (a 30 → b 90), and the RTO is 119.5." if rto == 119.5 else "The RTO is "
    assert found.startswith(said)


def test_a_cycle_is_told_as_it_goes_round() -> None:
    (found,) = problems(raw("a", "c", action="assess"), raw("b", "a"), raw("c", "b"), raw("d"))
    assert found in [f"The steps wait for each other: {round_}." for round_ in rounds("a", "c", "b")]
    assert problems(raw("a", "a", action="assess")) == ["The steps wait for each other: a needs a."]


def rounds(*ids: str) -> list[str]:
    """Each needs the next; a round may begin anywhere."""
    turned = [ids[number:] + ids[:number] for number in range(len(ids))]
    return [" needs ".join([*turn, turn[0]]) for turn in turned]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([raw("a", "gone", action="assess")], "a depends on gone, and no step is called so; there are a."),
        ([raw("a", action="assess"), raw("a")], "The id a is there 2 times; each step needs its own."),
        ([raw("a", action="pray")], "a: the action 'pray' is not known; there are assess, database."),
        ([raw("a", left_out="")], "a has no action; name what does it in action, or say in left_out why nothing does."),
        ([raw("a", action="assess", left_out="why")], "a has both an action and left_out;"),
        ([raw("a"), raw("b")], "Every step is left out, so that nothing would be done."),
        ([raw("a", action="assess", estimated=3)], "step 1 (a): 'estimated' is not known; a step has id, description,"),
        ([raw("a", action="assess", estimate=0)], "step 1 (a): estimate is 0; give minutes, a number above 0."),
        ([raw("a", action="assess", estimate="30")], "step 1 (a): estimate is '30';"),
        ([raw("a", action="assess", critical="yes")], "step 1 (a): critical is 'yes'; give true or false."),
        ([raw("a", action="assess", depends_on="b")], "step 1 (a): depends_on is 'b'; give a list."),
        ([raw("a", action=["assess"])], "step 1 (a): action is ['assess']; give a text."),
        ([raw("a", action="assess", description=None)], "step 1 (a): description is None; give a text."),
        ([raw("a b", action="assess")], "step 1 (a b): id is 'a b'; use up to 32"),
        (["assess"], "step 1 is str, not a dictionary."),
        ([], "The plan has no steps; give a list of them."),
    ],
)
def test_a_plan_that_makes_no_sense_is_told_where(steps: list[t.Any], said: str) -> None:
    assert [found for found in problems(*steps) if found.startswith(said)], problems(*steps)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert len(problems(raw("a", "gone", action="pray"), raw("b", "lost", left_out=""), raw("b"))) == 5
