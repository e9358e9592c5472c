"""What is said about wrong variables, and about wrong checks, before a role does anything."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.action.role_variables import (
    calls_within,
    complaint,
    complaint_about_choice,
    empty,
    known_variables,
    misfits,
    options_of_call,
    strangers,
    wrong_checks,
)

SPECS: dict[str, t.Any] = {
    "argument_specs": {"main": {"options": {"portal_deploy_steps": {}, "portal_name": {}}}, "undo": {"options": {"portal_deploy_slot": {}}}}
}
PLATFORM: dict[str, t.Any] = {
    "argument_specs": {
        "provision": {
            "options": {
                "portal_name": {"type": "str", "required": True},
                "portal_admin_url": {"type": "str", "required": True},
                "platform_x_timeout": {"type": "int", "default": 60},
                "platform_x_token": {"type": "str", "required": True},
            }
        },
        "stage": {"options": {"portal_name": {"type": "str", "required": True}, "platform_release": {"type": "dict", "required": True}}},
    }
}
GOOD: dict[str, t.Any] = {"name": "home", "kind": "http", "url": "/"}


def test_all_entry_points_of_a_role_describe_its_variables() -> None:
    assert known_variables(SPECS) == {"portal_deploy_steps", "portal_name", "portal_deploy_slot"}


def test_only_undescribed_names_with_the_prefix_are_strangers() -> None:
    given = ["portal_deploy_stpes", "portal_deploy_steps", "portal_restore_x", "ansible_host", "portal_deploy_qqqqqqqqqqqqqqqqq"]
    assert strangers(given, known_variables(SPECS), "portal_deploy_") == {
        "portal_deploy_stpes": "portal_deploy_steps",
        "portal_deploy_qqqqqqqqqqqqqqqqq": "",
    }


def test_the_complaint_names_what_was_probably_meant() -> None:
    assert "portal_deploy_stpes (did you mean portal_deploy_steps?)" in complaint(
        "portal_deploy", {"portal_deploy_stpes": "portal_deploy_steps"}
    )


def test_a_required_text_that_is_empty_is_found_and_one_that_is_optional_or_absent_is_not() -> None:
    assert empty(PLATFORM, {"portal_name": " ", "portal_admin_url": "x"}) == ["portal_name"]
    assert empty(PLATFORM, {"portal_admin_url": "x", "platform_x_timeout": ""}) == []


def test_a_platform_without_a_role_is_named_with_its_option_and_those_that_exist() -> None:
    present = ["platform_host", "platform_ecs", "database_postgres", "portal_deploy"]
    assert complaint_about_choice("platform_host", present) is None
    assert complaint_about_choice("platform_vercel", present) == (
        "portal_platform is 'vercel', and there is no role platform_vercel; portal_platform may be: ecs, host."
    )
    assert "portal_database is 'oracle'" in str(complaint_about_choice("database_oracle", present))


def test_of_a_role_that_is_called_later_its_own_variables_and_what_the_entry_needs_of_the_portal_are_asked_for() -> None:
    assert set(options_of_call(PLATFORM, "platform_x", "provision")) == {
        "portal_name",
        "portal_admin_url",
        "platform_x_timeout",
        "platform_x_token",
    }
    assert set(options_of_call(PLATFORM, "platform_x", "stage")) == {"portal_name", "platform_x_timeout", "platform_x_token"}


def test_roles_that_a_role_builds_on_are_found_and_those_that_an_inventory_chooses_are_not() -> None:
    include = "ansible.builtin.include_role"
    tasks = [
        {include: {"name": "holdfast.webops.database_postgres", "tasks_from": "seed"}},
        {"block": [{include: {"name": "holdfast.webops.portal_migrate"}}], "rescue": [{include: {"name": "other.roles.x"}}]},
        {include: {"name": "holdfast.webops.platform_{{ portal_platform }}", "tasks_from": "undo"}},
    ]
    assert calls_within(tasks) == [("database_postgres", "seed"), ("portal_migrate", "main")]
    assert calls_within(None) == []


def test_a_variable_that_does_not_fit_and_one_that_is_missing_are_both_named() -> None:
    found = misfits(options_of_call(PLATFORM, "platform_x", "stage"), {"portal_name": "shop", "platform_x_timeout": "soon"})
    assert len(found) == 2
    assert "platform_x_token" in found[0]
    assert "platform_x_timeout" in found[1]
    assert misfits(options_of_call(PLATFORM, "platform_x", "stage"), {"portal_name": "shop", "platform_x_token": "x"}) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"kind": "smtpx"}, "the check 'home': value of kind must be one of"),
        ({"url": None}, "url"),
        ({"timout": 5}, "timout"),
        ({"timeout": "soon"}, "timeout"),
        ({"warn_over_ms": 500, "fail_over_ms": 100}, "'home' warns over 500 ms and fails over 100 ms"),
        ({"expect_regex": "("}, "'home'"),
        ({"port": 25}, "'home' is of kind http, but has the option port"),
    ],
)
def test_a_check_that_could_not_be_run_is_named(wrong: dict[str, t.Any], says: str) -> None:
    found = wrong_checks([GOOD | wrong, GOOD | {"name": "other"}], "http://127.0.0.1")
    assert len(found) == 1
    assert says in found[0]
    assert "home" in found[0]


def test_every_wrong_check_is_said_at_once() -> None:
    found = wrong_checks([GOOD | {"kind": "x"}, "home", {"kind": "tcp", "host": "h", "port": 1}], "http://127.0.0.1")
    assert [text.partition(":")[0] for text in found] == ["the check 'home'", "entry 2 is no check, but str.", "the check '3'"]


def test_two_lists_are_judged_together() -> None:
    assert wrong_checks([GOOD, GOOD], "http://127.0.0.1") == ["Two checks are named 'home'. Give each check a name of its own."]


def test_good_checks_are_not_complained_about() -> None:
    assert wrong_checks([GOOD], "http://127.0.0.1") == []


def test_a_secret_in_a_wrong_check_is_not_repeated() -> None:
    wrong = {"name": "db", "kind": "postgres", "database_url": "postgresql://u:hunter22@h/d", "expect_value": "hunter22"}
    headers = GOOD | {"secret_headers": {"X-Token": "hunter22"}, "expect_regex": "(hunter22"}
    for check in (wrong, headers):
        found = wrong_checks([check], "http://127.0.0.1")
        assert found
        assert "hunter22" not in str(found)
