"""Roles call each other by entry points whose variables Ansible checks."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"


def tasks_in(node: t.Any) -> t.Iterator[dict[str, t.Any]]:
    """Every task of a task file, those inside blocks too."""
    for task in node or []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks_in(task.get(part))


def calls() -> list[tuple[str, str, str]]:
    """(file, prefix of the called role, entry point) of every include_role with tasks_from."""
    found = []
    for file in sorted(ROLES.glob("*/tasks/*.yml")):
        for task in tasks_in(yaml.safe_load(file.read_text())):
            called = task.get("ansible.builtin.include_role", {})
            if "tasks_from" in called:
                name = called["name"].removeprefix("holdfast.webops.")
                found.append((str(file.relative_to(ROLES)), name.partition("{{")[0], called["tasks_from"]))
    return found


@pytest.mark.parametrize(("file", "prefix", "entry"), calls())
def test_what_is_called_has_its_variables_checked(file: str, prefix: str, entry: str) -> None:
    """Ansible looks the specification up by tasks_from as it is written: with `.yml` behind it, nothing is checked."""
    roles = sorted(ROLES.glob(f"{prefix}*"))
    assert roles
    for role in roles:
        specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
        assert entry in specs, f"{file} calls {entry!r} of {role.name}, which describes {sorted(specs)}"


def test_calls_between_roles_were_found() -> None:
    assert len(calls()) > 10
