"""Filters of backup policies: plain data in and out, and mistakes in sentences."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.filter.backup_checks import backup_checks
from ansible_collections.holdfast.webops.plugins.filter.backup_policies import backup_policies
from ansible_collections.holdfast.webops.plugins.filter.backup_timers import backup_timers

SECRET = "s3cr3t-of-the-cloud"
POLICIES: dict[str, t.Any] = {
    "database": {"kind": "database", "schedule": "0 2 * * *", "destinations": [{"store": "s3://x", "secret_access_key": SECRET}]},
    "by_hand": {"kind": "configuration", "source": {"paths": ["/etc"]}},
}


def test_only_what_was_asked_for_is_run_and_everything_is_watched() -> None:
    found = backup_policies(POLICIES, {"prove": True}, ["database"])
    assert list(found["policies"]) == ["database"]
    assert [one["policy"] for one in found["watched"]] == ["database", "by_hand"]
    assert SECRET not in str(found["watched"])
    assert backup_policies({"x": {"kind": "tape"}}, {}, ["x"])["problems"] == [
        "portal_backup_policies: x: kind is 'tape'; it may be database, objects, configuration."
    ]


def test_a_policy_with_a_schedule_has_a_timer_that_runs_it_alone_and_names_no_secret() -> None:
    policies = backup_policies(POLICIES)["policies"].values()
    (timer,) = backup_timers(policies, "shop-production", ["/usr/bin/ansible-playbook", "holdfast.webops.back_up"])
    assert timer["name"] == "holdfast-backup-shop-production-database"
    assert timer["command"][-2:] == ["--extra-vars", "portal_back_up_only=database"]
    assert (timer["calendar"], timer["jitter"]) == ("0 2 * * *", 300)
    assert SECRET not in str(timer)


def test_the_check_of_the_policies_holds_limits_and_no_secret() -> None:
    (check,) = backup_checks(POLICIES, "shop", "file:///srv/ledger")
    assert (check["kind"], check["critical"], check["portal"], check["store"]) == ("backup_policies", False, "shop", "file:///srv/ledger")
    assert SECRET not in str(check)


class Untouchable(dict[str, t.Any]):
    """A dictionary whose values cannot be worked out on this host, as where an environment variable is missing."""

    def __getitem__(self, key: str) -> t.Any:
        if key == "secret_access_key":
            raise KeyError(key)
        return super().__getitem__(key)


def test_what_only_a_backup_needs_is_not_worked_out_for_a_check() -> None:
    bucket = Untouchable(store="s3://uploads", secret_access_key="x")
    policies = {"storage": {"kind": "objects", "sources": [bucket], "destinations": [bucket]}}
    (check,) = backup_checks(policies, "shop", "file:///srv/ledger")
    assert [one["part"] for one in check["policies"]] == ["uploads"]


def test_without_policies_or_without_a_ledger_there_is_no_check() -> None:
    assert backup_checks({}, "shop", "file:///srv/ledger") == []
    assert backup_checks(POLICIES, "shop", "") == []


def test_a_policy_that_makes_no_sense_is_an_error_of_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match="did you mean schedule"):
        backup_checks({"database": {"kind": "database", "shedule": "x"}}, "shop", "file:///srv/ledger")
