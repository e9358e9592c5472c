"""Keeps the house that docs and contributors rely on: what is described exists, what exists is described."""

from __future__ import annotations

import ast
import functools
import typing as t
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = sorted(path for path in (ROOT / "plugins").rglob("*.py"))
MODULES = sorted((ROOT / "plugins/modules").glob("*.py"))
ROLES = sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir())
PROGRAMS = [*PLUGINS, *sorted((ROOT / "tools").rglob("*.py"))]

BOUNDARY = ROOT / "plugins/module_utils/_core/boundary.py"
COMMANDS = ROOT / "plugins/module_utils/_core/commands.py"
DOCUMENTATION_BLOCKS = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
HEADER = (
    "# Copyright (c) 2026 Holdfast contributors",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)
CONTRACTS = {
    "platform_": {"provision", "status", "stage", "shift", "undo", "retire"},
    "database_": {"provision", "recovery_points", "snapshot", "restore"},
}
# A role reads these from the inventory; they describe the portal, not the role.
OF_THE_PORTAL = "portal_"
Options = dict[str, dict[str, t.Any]]


def name_of(path: Path) -> str:
    return path.stem if path.is_relative_to(ROOT / "plugins/modules") else str(path.relative_to(ROOT))


roles = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
modules = pytest.mark.parametrize("module", MODULES, ids=name_of)
plugins = pytest.mark.parametrize("path", PLUGINS, ids=name_of)
programs = pytest.mark.parametrize("path", PROGRAMS, ids=name_of)


def loaded(path: Path) -> t.Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def length(node: ast.AST) -> int:
    return (getattr(node, "end_lineno", None) or 0) - getattr(node, "lineno", 0) + 1


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(parsed(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def documentation_blocks(path: Path) -> dict[str, ast.Assign]:
    """The assignments of DOCUMENTATION, EXAMPLES and RETURN in a module."""
    assignments = [node for node in parsed(path).body if isinstance(node, ast.Assign)]
    named = {target.id: node for node in assignments for target in node.targets if isinstance(target, ast.Name)}
    return {name: node for name, node in named.items() if name in DOCUMENTATION_BLOCKS}


def code_lines(path: Path) -> int:
    """Lines of a file without its documentation blocks."""
    total = len(path.read_text(encoding="utf-8").splitlines())
    return total - sum(length(node) for node in documentation_blocks(path).values())


def documentation(module: Path) -> dict[str, t.Any]:
    block = documentation_blocks(module)["DOCUMENTATION"].value
    return t.cast("dict[str, t.Any]", yaml.safe_load(ast.literal_eval(block)))


def specs(role: Path) -> dict[str, dict[str, t.Any]]:
    """The entry points of a role with their specifications."""
    return t.cast("dict[str, dict[str, t.Any]]", loaded(role / "meta/argument_specs.yml")["argument_specs"])


def options(role: Path) -> Options:
    """Every variable that any entry point describes; fails when two describe one differently."""
    found: Options = {}
    for entry in specs(role).values():
        for name, option in (entry.get("options") or {}).items():
            assert found.setdefault(name, option) == option, f"{name} is described twice, differently"
    return found


def defaults(role: Path) -> dict[str, t.Any]:
    path = role / "defaults/main.yml"
    return (loaded(path) or {}) if path.exists() else {}


# --- roles ---


@roles
def test_a_role_says_what_it_is_in_a_readme(role: Path) -> None:
    assert (role / "README.md").read_text(encoding="utf-8").startswith(f"# {role.name}\n")


@roles
def test_every_variable_of_a_role_is_described_with_a_type(role: Path) -> None:
    for name, option in options(role).items():
        assert option.get("type"), f"{name} has no type"
        assert option.get("description"), f"{name} has no description"


@roles
def test_every_default_of_a_role_is_described_with_that_default(role: Path) -> None:
    described = {name: option["default"] for name, option in options(role).items() if "default" in option}
    assert defaults(role) == described


@roles
def test_the_variables_of_a_role_carry_its_name_unless_they_are_the_portals(role: Path) -> None:
    own = f"{role.name}_"
    assert [name for name in defaults(role) if not name.startswith(own)] == []
    assert [name for name in options(role) if not name.startswith((own, OF_THE_PORTAL))] == []


@roles
def test_internal_variables_of_a_role_carry_its_name(role: Path) -> None:
    internal = loaded(role / "vars/main.yml") if (role / "vars/main.yml").exists() else {}
    assert [name for name in internal or {} if not name.startswith(f"__{role.name}_")] == []


@roles
def test_every_described_entry_point_of_a_role_has_its_tasks(role: Path) -> None:
    tasks = {path.stem for path in (role / "tasks").glob("*.yml")}
    assert set(specs(role)) <= tasks


@pytest.mark.parametrize("role", [role for role in ROLES if role.name.startswith(tuple(CONTRACTS))], ids=lambda role: role.name)
def test_a_platform_or_database_keeps_exactly_to_its_contract(role: Path) -> None:
    contract = next(files for prefix, files in CONTRACTS.items() if role.name.startswith(prefix))
    assert {path.stem for path in (role / "tasks").glob("*.yml")} == contract
    assert set(specs(role)) == contract


@pytest.mark.parametrize("role", [role for role in ROLES if role.name.startswith("portal_")], ids=lambda role: role.name)
def test_what_a_sysadmin_wants_is_a_playbook(role: Path) -> None:
    playbook = ROOT / "playbooks" / f"{role.name.removeprefix('portal_')}.yml"
    assert f"holdfast.webops.{role.name}" in playbook.read_text(encoding="utf-8")


# --- modules ---


def test_module_defaults_reach_every_module_and_nothing_else() -> None:
    """What an action plugin runs on the controller takes no defaults of the group."""
    group = loaded(ROOT / "meta/runtime.yml")["action_groups"]["webops"]
    actions = {path.stem for path in (ROOT / "plugins/action").glob("*.py")}
    assert sorted(group) == sorted({module.stem for module in MODULES} - actions)


@modules
def test_a_module_says_what_check_mode_and_diff_mode_do(module: Path) -> None:
    attributes = documentation(module)["attributes"]
    for mode in ("check_mode", "diff_mode"):
        assert attributes[mode]["support"] in {"full", "partial", "none"}
        assert attributes[mode]["details"]


@modules
def test_a_module_supports_the_check_mode_it_documents(module: Path) -> None:
    if (ROOT / "plugins/action" / module.name).exists():
        pytest.skip("the action plugin of this name is the code")
    promised = documentation(module)["attributes"]["check_mode"]["support"] != "none"
    given = [
        keyword.value.value
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "supports_check_mode" and isinstance(keyword.value, ast.Constant)
    ]
    assert (True in given) == promised


@modules
def test_a_module_has_an_author_a_version_examples_and_returns(module: Path) -> None:
    described = documentation(module)
    assert described["module"] == module.stem
    assert described["author"] == "Holdfast contributors (@holdfast-webops)"
    assert described["version_added"]
    assert set(documentation_blocks(module)) == DOCUMENTATION_BLOCKS


@modules
def test_a_module_has_a_test_named_after_it(module: Path) -> None:
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if module.stem in path.stem]
    assert tests


@modules
def test_a_module_is_documentation_and_a_short_main(module: Path) -> None:
    assert code_lines(module) <= 60


# --- Python ---


@plugins
def test_every_file_says_whose_it_is(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert tuple(line for line in lines if not line.startswith("#!"))[:3] == HEADER


@programs
def test_no_file_holds_more_than_one_idea(path: Path) -> None:
    assert code_lines(path) <= 400


@programs
def test_no_function_needs_scrolling(path: Path) -> None:
    assert {node.name: length(node) for node in functions(path) if length(node) > 60} == {}


@plugins
def test_only_the_boundary_ends_a_module_or_catches_everything(path: Path) -> None:
    if path == BOUNDARY:
        pytest.skip("this is the boundary")
    calls = {node.func.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    caught = [node.type for node in ast.walk(parsed(path)) if isinstance(node, ast.ExceptHandler)]
    assert calls.isdisjoint({"fail_json", "exit_json", "run_command"})
    assert [
        ast.unparse(kind) if kind else "everything" for kind in caught if kind is None or "Exception" in ast.unparse(kind).split()
    ] == []


@plugins
def test_only_commands_starts_programs_and_nothing_prints_asserts_or_shares_state(path: Path) -> None:
    nodes = list(ast.walk(parsed(path)))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert path == COMMANDS or "subprocess" not in imported
    assert "print" not in called
    assert [type(node).__name__ for node in nodes if isinstance(node, (ast.Global, ast.Assert))] == []
