"""vercel_env against the local Vercel."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration import module_child
from tests.integration.vercel.lab import Lab

SECRET = "postgres://shop:hunter22@db.example.com/shop"


def variables(lab: Lab) -> list[dict[str, t.Any]]:
    path = f"/v10/projects/{lab.project()['id']}/env?decrypt=true&teamId={lab.vercel.team}"
    return sorted(lab.vercel.api("GET", path)["envs"], key=lambda row: (row["key"], sorted(row["target"])))


def brief(lab: Lab) -> dict[str, tuple[str, t.Any]]:
    """Type and readable value of each variable and target."""
    return {f"{row['key']}@{target}": (row["type"], row.get("value")) for row in variables(lab) for target in row["target"]}


def test_all_kinds_are_made_and_the_second_run_changes_nothing(lab: Lab) -> None:
    wanted = [
        {"name": "DATABASE_URL", "value": SECRET, "comment": "the pooler"},
        {"name": "KEY", "value": "encrypted one", "type": "encrypted", "targets": ["production", "preview"]},
        {"name": "SITE", "plain_value": "https://shop.example.com"},
        {"name": "EVERYWHERE", "value": "for all three", "targets": ["production", "preview", "development"]},
    ]
    predicted = lab.run("vercel_env", variables=wanted, check=True)
    assert variables(lab) == []
    made = lab.run("vercel_env", variables=wanted)
    assert made["changed"]
    assert predicted["diff"] == made["diff"]
    assert brief(lab)["SITE@production"] == ("plain", "https://shop.example.com")
    assert brief(lab)["KEY@preview"] == ("encrypted", "encrypted one")
    assert brief(lab)["EVERYWHERE@development"][0] == "encrypted"
    assert brief(lab)["DATABASE_URL@production"][0] == brief(lab)["EVERYWHERE@production"][0] == "sensitive"
    again = lab.run("vercel_env", variables=wanted)
    assert (again["changed"], again["changes"]) == (False, [])
    assert SECRET not in str(made)
    assert SECRET in lab.masked


def test_a_sensitive_value_that_differs_is_written_and_one_that_was_edited_elsewhere_too(lab: Lab) -> None:
    lab.run("vercel_env", variables=[{"name": "A", "value": "first value"}])
    changed = lab.run("vercel_env", variables=[{"name": "A", "value": "second value"}])
    assert changed["changes"] == [{"action": "update", "name": "A", "targets": ["production"], "git_branch": None}]
    assert not lab.run("vercel_env", variables=[{"name": "A", "value": "second value"}])["changed"]
    lab.vercel.later(120)
    identity = variables(lab)[0]["id"]
    lab.vercel.api("PATCH", f"/v9/projects/{lab.project()['id']}/env/{identity}?teamId={lab.vercel.team}", {"value": "by hand"})
    assert lab.run("vercel_env", variables=[{"name": "A", "value": "second value"}])["changed"]


def test_another_digest_key_writes_anew_and_the_same_one_does_not(lab: Lab) -> None:
    wanted = [{"name": "A", "value": "first value"}]
    lab.run("vercel_env", variables=wanted, digest_key="one")
    assert not lab.run("vercel_env", variables=wanted, digest_key="one")["changed"]
    assert lab.run("vercel_env", variables=wanted, digest_key="two")["changed"]


def test_targets_are_taken_apart_and_put_together(lab: Lab) -> None:
    everywhere = ["production", "preview", "development"]
    lab.run("vercel_env", variables=[{"name": "A", "plain_value": "1", "targets": everywhere}])
    lab.run("vercel_env", variables=[{"name": "A", "plain_value": "2"}])
    values = {name: value for name, (_kind, value) in brief(lab).items()}
    assert values == {"A@production": "2", "A@preview": "1", "A@development": "1"}
    lab.run("vercel_env", variables=[{"name": "A", "plain_value": "3", "targets": everywhere}])
    assert {value for _kind, value in brief(lab).values()} == {"3"}
    assert not lab.run("vercel_env", variables=[{"name": "A", "plain_value": "3", "targets": everywhere}])["changed"]


def test_what_is_not_listed_goes_only_where_it_is_asked_for(lab: Lab) -> None:
    both = [{"name": name, "plain_value": "1", "targets": ["production", "preview"]} for name in ("A", "B")]
    lab.run("vercel_env", variables=both)
    assert not lab.run("vercel_env", variables=both[:1])["changed"]
    purged = lab.run("vercel_env", variables=both[:1], purge=True, purge_targets=["production"])
    assert list(brief(lab)) == ["A@production", "A@preview", "B@preview"] or set(brief(lab)) == {"A@production", "A@preview", "B@preview"}
    assert purged["diff"]["before"].keys() - purged["diff"]["after"].keys() == {"B@production"}
    lab.run("vercel_env", variables=both[:1], purge=True)
    assert set(brief(lab)) == {"A@production", "A@preview"}
    lab.run("vercel_env", variables=[{"name": "A", "targets": ["preview"], "state": "absent"}])
    assert set(brief(lab)) == {"A@production"}


def test_a_branch_has_values_of_its_own(lab: Lab) -> None:
    wanted = [
        {"name": "A", "plain_value": "all", "targets": ["preview"]},
        {"name": "A", "plain_value": "one", "targets": ["preview"], "git_branch": "feature"},
    ]
    assert lab.run("vercel_env", variables=wanted)["changed"]
    assert not lab.run("vercel_env", variables=wanted)["changed"]
    assert sorted((row.get("gitBranch") or "", row["value"]) for row in variables(lab)) == [("", "all"), ("feature", "one")]


def test_a_partial_failure_inside_an_answer_of_201_fails_the_task(lab: Lab) -> None:
    lab.vercel.fault("env_failed", keys=["B"])
    wanted = [{"name": name, "plain_value": "1"} for name in ("A", "B")]
    assert "only in part: B" in lab.refused("vercel_env", variables=wanted)
    assert lab.run("vercel_env", variables=wanted)["changed"]


@pytest.mark.parametrize("cut", ["cut_before", "cut_after"])
def test_a_cut_at_every_request_leaves_nothing_half_done(lab: Lab, cut: str) -> None:
    everywhere = ["production", "preview"]
    for number in range(7):
        lab.run("vercel_env", variables=[{"name": "OLD", "plain_value": "1"}, {"name": "A", "plain_value": "x", "targets": everywhere}])
        wanted = [{"name": "A", "plain_value": f"{number}"}, {"name": f"N{number}", "plain_value": "1"}]
        lab.vercel.fault(cut, skip=number)
        lab.run("vercel_env", variables=wanted, purge=True)
        lab.vercel.control("DELETE", "faults")
        assert {name: value for name, (_kind, value) in brief(lab).items()} == {"A@production": f"{number}", f"N{number}@production": "1"}


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ({"name": "1A", "value": "x"}, "variables[0].name: '1A'"),
        ({"name": "A"}, "has neither 'value' nor 'plain_value'"),
        ({"name": "A", "value": "x", "type": "sensitive", "targets": ["development"]}, "no sensitive values for development"),
        ({"name": "A", "value": "x", "git_branch": "b"}, "git_branch: only variables of the target preview"),
        ({"name": "A", "value": "x", "targets": ["preview", "preview"]}, "names one twice"),
        ({"name": "A", "value": "x", "comment": "c" * 381}, "comment: a comment has at most"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(lab: Lab, variable: dict[str, t.Any], sentence: str) -> None:
    before = lab.mark()
    assert sentence in lab.refused("vercel_env", variables=[variable])
    assert lab.vercel.asked(before) == []


def test_a_target_that_is_listed_twice_is_refused(lab: Lab) -> None:
    twice = [{"name": "A", "value": "x"}, {"name": "A", "value": "y", "targets": ["preview", "production"]}]
    assert "A@production is listed more than once" in lab.refused("vercel_env", variables=twice)


def test_the_whole_module_shows_no_value_however_it_ends(lab: Lab) -> None:
    wanted = [{"name": "A", "value": SECRET}, {"name": "B", "value": "another s3cret", "type": "encrypted"}]
    options = {**lab.common, "variables": wanted, "digest_key": "my digest key"}
    lab.vercel.fault("env_failed", keys=["B"])
    ends = [module_child.fail("vercel_env", **options), module_child.run_module("vercel_env", diff=True, **options)]
    for result in ends:
        for secret in (SECRET, "hunter22", "another s3cret", "my digest key", lab.vercel.token):
            assert secret not in result["raw"]
