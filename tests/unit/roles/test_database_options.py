"""Whatever the modules of databases can do, a portal's inventory can ask for."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]


def documented(module: str) -> set[str]:
    """The options of a module, with those of its doc fragments."""
    text = (ROOT / "plugins/modules" / f"{module}.py").read_text().partition('DOCUMENTATION = r"""')[2].partition('"""')[0]
    described = yaml.safe_load(text)
    found = set(described["options"])
    for name in described["extends_documentation_fragment"]:
        _namespace, _collection, fragment, *part = name.split(".")
        namespace: dict[str, t.Any] = {"__name__": "fragment"}
        exec((ROOT / "plugins/doc_fragments" / f"{fragment}.py").read_text(), namespace)  # noqa: S102  (our own file)
        found |= set(yaml.safe_load(getattr(namespace["ModuleDocFragment"], part[0].upper() if part else "DOCUMENTATION"))["options"])
    return found


def given(file: str, module: str, role: str = "database_postgres") -> dict[str, t.Any]:
    """The options that a task of the role hands to a module."""
    tasks = yaml.safe_load((ROOT / "roles" / role / "tasks" / f"{file}.yml").read_text())
    return next(dict(task[f"holdfast.webops.{module}"]) for task in tasks if f"holdfast.webops.{module}" in task)


@pytest.mark.parametrize(("file", "module"), [("snapshot", "pg_backup"), ("restore", "pg_restore")])
def test_every_option_of_the_module_is_reachable_through_the_role(file: str, module: str) -> None:
    assert set(given(file, module)) == documented(module)


@pytest.mark.parametrize(("file", "module"), [("snapshot", "pg_backup"), ("restore", "pg_restore")])
def test_every_option_comes_from_a_variable(file: str, module: str) -> None:
    assert [option for option, value in given(file, module).items() if "{{" not in str(value)] == []


def test_every_part_of_a_supabase_project_is_reachable_through_the_role() -> None:
    options = set(given("provision", "supabase_project", "database_supabase"))
    parts = yaml.safe_load((ROOT / "roles/database_supabase/vars/main.yml").read_text())["__database_supabase_sections"]
    assert options | {"request_timeout"} == documented("supabase_project")
    assert options - {"project_ref", "access_token", "api_url"} == set(parts)
