"""What an inventory says about backups, and what it is told when that makes no sense."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.policies import choose_policies, read_policies, watched

USUAL = {"keep": {}, "prove": True, "max_age": 0}
TWO_CLOUDS = [{"store": "s3://backup-bucket/database"}, {"store": "az://backup-storage/db"}]
SEEDS: dict[str, t.Any] = {
    "database": {"kind": "database", "schedule": "0 2 * * *", "keep": {"days": 30}, "destinations": TWO_CLOUDS},
    "storage": {
        "kind": "objects",
        "schedule": "0 3 * * *",
        "keep": {"days": 90},
        "destinations": TWO_CLOUDS,
        "sources": [{"store": "s3://application-documents"}, {"store": "s3://user.avatars/"}],
    },
    "configuration": {
        "kind": "configuration",
        "schedule": "0 1 * * 0",
        "keep": {"days": 365},
        "destinations": TWO_CLOUDS[:1],
        "source": {"paths": ["/etc/portal"]},
        "git": {"repository": "git@git.example.org:config-backup.git"},
    },
}


def only_problem(policy: dict[str, t.Any]) -> str:
    _policies, problems = read_policies({"database": policy}, USUAL)
    assert len(problems) == 1, problems
    return problems[0]


def test_the_three_policies_of_the_seeds_are_understood() -> None:
    policies, problems = read_policies(SEEDS, USUAL)
    assert problems == []
    shown = {policy.name: policy.as_dict() for policy in policies}
    assert shown["database"]["keep"] == {"keep_days": 30}
    assert shown["database"]["prove"]
    assert [bucket["name"] for bucket in shown["storage"]["sources"]] == ["application-documents", "user-avatars"]
    assert shown["configuration"]["schedule"] == "0 1 * * 0"
    assert shown["configuration"]["git"]


def test_a_bucket_has_the_name_that_object_backup_gives_it() -> None:
    (policy,), _problems = read_policies({"files": {"kind": "objects", "sources": [{"store": "file:///srv/User%20Files"}]}}, USUAL)
    assert [bucket["name"] for bucket in policy.sources] == ["User-Files"]


def test_the_limits_follow_from_the_schedule_where_none_are_given() -> None:
    judged = watched(read_policies(SEEDS, USUAL)[0])
    late = {(one["policy"], one["part"]): round(one["late_hours"]) for one in judged}
    assert late == {
        ("database", ""): 26,
        ("storage", "application-documents"): 26,
        ("storage", "user-avatars"): 26,
        ("configuration", ""): 170,
    }
    assert [one["proof_hours"] for one in judged] == [192.0, None, None, None]


def test_what_a_policy_of_a_database_does_not_say_is_as_in_the_older_variables() -> None:
    (policy,), _problems = read_policies({"database": {"kind": "database"}}, {"keep": {"days": 7}, "prove": False, "max_age": 60})
    assert (policy.keep, policy.prove, policy.max_age, policy.calendar) == ({"days": 7}, False, 60, None)


def test_a_limit_of_zero_never_alarms() -> None:
    (policy,), _problems = read_policies({"db": {"kind": "database", "alerts": {"late_hours": 0, "proof_hours": 0}}}, USUAL)
    assert (policy.limits.late_hours, policy.limits.proof_hours) == (None, None)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({}, "kind is missing; it may be database, objects, configuration."),
        ({"kind": "databse"}, "kind is 'databse'; it may be database"),
        ({"kind": "database", "shedule": "0 2 * * *"}, "'shedule' is not known; did you mean schedule?"),
        ({"kind": "database", "schedule": "at two"}, "schedule: 'at two' has 2 fields instead of five."),
        ({"kind": "database", "keep": {"dayz": 3, "last": 2}}, "keep: 'dayz' is not known; did you mean days?"),
        ({"kind": "database", "keep": {}}, "keep names no rule"),
        ({"kind": "database", "keep": {"days": "a month"}}, "days is 'a month'; give a number, 0 or more."),
        ({"kind": "database", "jitter": -5}, "jitter is '-5'"),
        ({"kind": "database", "jitter": float("inf")}, "jitter is 'inf'; give a number"),
        ({"kind": "database", "keep": {"days": ".nan"}}, "days is '.nan'; give a number"),
        ({"kind": "database", "alerts": {"late_hours": float("nan")}}, "late_hours is 'nan'; give a number"),
        ({"kind": "database", "max_age": True}, "max_age is 'True'; give a number"),
        ({"kind": "database", "destinations": []}, "destinations is empty"),
        ({"kind": "database", "destinations": "s3://x"}, "destinations must be a list of stores"),
        ({"kind": "database", "destinations": [{"store": "s3://x"}, {"store": "s3://x/"}]}, "destinations names s3://x twice"),
        ({"kind": "database", "source": {}}, "'source' is not known; it may have kind, schedule, jitter, timeout, destinations,"),
        ({"kind": "database", "prove": "no"}, "prove is 'no'; give true or false"),
        ({"kind": "objects"}, "sources must be a list of buckets"),
        ({"kind": "objects", "sources": [{"store": "s3://a/x"}, {"store": "s3://b/x"}]}, "sources has two of the name x"),
        ({"kind": "configuration"}, "source is missing"),
        ({"kind": "database", "alerts": {"grew": 0.5}}, "alerts: grew is 0.5; it is a multiple"),
        ({"kind": "database", "alerts": {"shrank": 2}}, "alerts: shrank is 2; it is a part"),
        ({"kind": "database", "alerts": ["late"]}, "alerts must be a dictionary"),
    ],
)
def test_each_mistake_is_one_sentence_that_names_the_policy_and_what_is_allowed(policy: dict[str, t.Any], said: str) -> None:
    problem = only_problem(policy)
    assert problem.startswith("portal_backup_policies: database: ")
    assert said in problem


def test_all_mistakes_are_said_at_once() -> None:
    policies, problems = read_policies({"Data": {}, "a": "daily", "b": {"kind": "database", "x": 1, "jitter": "x"}}, USUAL)
    assert policies == []
    assert len(problems) == 4
    assert read_policies([], USUAL) == ([], ["portal_backup_policies must be a dictionary: the name of each policy, and what it says."])


@pytest.mark.parametrize("only", [["storage", "database"], "[database, storage]", "storage,database", '["database","storage"]'])
def test_policies_are_chosen_by_name_however_a_shell_hands_them_over(only: t.Any) -> None:
    chosen, problems = choose_policies(read_policies(SEEDS, USUAL)[0], only)
    assert ([policy.name for policy in chosen], problems) == (["database", "storage"], [])


def test_a_name_that_is_none_is_said_with_those_there_are() -> None:
    chosen, problems = choose_policies(read_policies(SEEDS, USUAL)[0], ["databases"])
    assert chosen == []
    assert problems == ["portal_back_up_only: there is no policy databases; there are database, storage, configuration."]
    assert len(choose_policies(read_policies(SEEDS, USUAL)[0], [])[0]) == 3
