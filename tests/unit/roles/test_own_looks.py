"""The portal's checks reach the module that watches a rollout: from the deploy through the platform."""

from __future__ import annotations

import typing as t
from pathlib import Path

import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"


def tasks_of(role: str) -> list[dict[str, t.Any]]:
    return t.cast("list[dict[str, t.Any]]", yaml.safe_load((ROLES / role / "tasks" / "shift.yml").read_text()))


def test_the_deploy_hands_its_checks_to_the_platform_as_variables_and_never_as_a_fact() -> None:
    (call,) = [task for task in tasks_of("portal_deploy") if "ansible.builtin.include_role" in task]
    assert call["vars"]["platform_checks"] == "{{ portal_deploy_checks + __portal_deploy_version_check }}"
    facts = [task.get("ansible.builtin.set_fact", {}) for role in ("portal_deploy", "platform_host") for task in tasks_of(role)]
    assert not [fact for fact in facts if "platform_checks" in fact]


def test_the_host_platform_looks_at_the_candidate_and_not_at_whoever_answers() -> None:
    (watch,) = [
        task["holdfast.webops.rollout_analysis"] for task in tasks_of("platform_host") if "holdfast.webops.rollout_analysis" in task
    ]
    assert "platform_checks" in watch["checks"]
    assert watch["base_url"] == "{{ portal_url }}"
    assert watch["secret_headers"] == "{{ platform_preview_headers }}"
