from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.action.role_variables import complaint, known_variables, strangers

SPECS: dict[str, t.Any] = {
    "argument_specs": {"main": {"options": {"portal_deploy_steps": {}, "portal_name": {}}}, "undo": {"options": {"portal_deploy_slot": {}}}}
}


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
