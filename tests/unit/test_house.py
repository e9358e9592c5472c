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
# A check that breaks in a way that its probe did not think of must not hide what the others saw, and what ends a thread is raised by
# who waits for it.
CATCHING_EVERYTHING = (BOUNDARY, BOUNDARY.parent / "errands.py", BOUNDARY.parents[1] / "_health" / "attempts.py")
COMMANDS = ROOT / "plugins/module_utils/_core/commands.py"
DOCUMENTATION_BLOCKS = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
HEADER = (
    "# Copyright (c) 2026 Holdfast contributors",
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)
CONTRACTS = {
    "platform_": {"provision", "status", "stage", "shift", "undo", "retire", "hold", "rehearse"},
    "database_": {"provision", "recovery_points", "snapshot", "restore", "seed", "hold"},
}
# Variables of these names come from outside a role: the inventory describes the portal, the caller fills in the contract.
OF_OTHERS = ("portal_", "platform_", "database_")
Options = dict[str, dict[str, t.Any]]


def name_of(path: Path) -> str:
    return path.stem if path.is_relative_to(ROOT / "plugins/modules") else str(path.relative_to(ROOT))


def action_of(module: Path) -> Path:
    """Where the code of a module is that runs on the controller."""
    return ROOT / "plugins/action" / module.name


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
    """Every variable that any entry point describes; fails when two describe one of the role's own differently."""
    found: Options = {}
    for entry in specs(role).values():
        for name, option in (entry.get("options") or {}).items():
            known = found.setdefault(name, option)
            assert known == option or not name.startswith(f"{role.name}_"), f"{name} is described twice, differently"
    return found


def described_defaults(role: Path) -> dict[str, t.Any]:
    """What the specification says about the role's own variables; a dictionary's default may stand at its parts."""
    found: dict[str, t.Any] = {}
    for name, option in options(role).items():
        parts = {part: inner["default"] for part, inner in (option.get("options") or {}).items() if "default" in inner}
        if name.startswith(f"{role.name}_") and ("default" in option or parts):
            found[name] = option.get("default", parts)
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
def test_every_described_default_of_a_role_is_its_default(role: Path) -> None:
    described = described_defaults(role)
    assert {name: value for name, value in defaults(role).items() if name in described} == described


@roles
def test_every_default_of_a_role_is_described(role: Path) -> None:
    """A computed one may be described in words instead of by its value."""
    assert [name for name in defaults(role) if name not in options(role)] == []


@roles
def test_no_described_default_of_a_role_holds_a_secret(role: Path) -> None:
    """Where one variable is wrong, Ansible prints the whole specification, every default of it filled in."""
    described = {name: option for name, option in options(role).items() if "Secret" in str(option.get("description"))}
    assert [name for name, option in described.items() if "{{" in str(option.get("default"))] == []


@roles
def test_the_variables_of_a_role_carry_its_name_unless_others_give_them(role: Path) -> None:
    own = f"{role.name}_"
    assert [name for name in defaults(role) if not name.startswith(own)] == []
    assert [name for name in options(role) if not name.startswith((own, *OF_OTHERS))] == []


@roles
def test_internal_variables_of_a_role_carry_its_name_unless_its_contract_names_them(role: Path) -> None:
    internal = loaded(role / "vars/main.yml") if (role / "vars/main.yml").exists() else {}
    of_contract = tuple(prefix for prefix in CONTRACTS if role.name.startswith(prefix))
    assert [name for name in internal or {} if not name.startswith((f"__{role.name}_", *of_contract))] == []


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


def test_module_defaults_of_the_group_reach_every_module_and_nothing_else() -> None:
    group = loaded(ROOT / "meta/runtime.yml")["action_groups"]["webops"]
    assert sorted(group) == [module.stem for module in MODULES]


def test_the_changelog_knows_every_module() -> None:
    """`make changelog` writes it."""
    known = {module["name"] for release in loaded(ROOT / "changelogs/changelog.yaml")["releases"].values() for module in release["modules"]}
    assert {module.stem for module in MODULES} - known == set()


@modules
def test_a_module_says_what_check_mode_and_diff_mode_do(module: Path) -> None:
    attributes = documentation(module)["attributes"]
    for mode in ("check_mode", "diff_mode"):
        assert attributes[mode]["support"] in {"full", "partial", "none", "N/A"}
        assert attributes[mode]["description"]


@pytest.mark.parametrize("module", [module for module in MODULES if not action_of(module).exists()], ids=name_of)
def test_a_module_supports_the_check_mode_it_documents(module: Path) -> None:
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


@pytest.mark.parametrize("path", [path for path in PLUGINS if path != BOUNDARY], ids=name_of)
def test_only_the_boundary_ends_a_module(path: Path) -> None:
    calls = {node.func.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    assert calls.isdisjoint({"fail_json", "exit_json", "run_command"})


def caught(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {"everything"}
    return {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}


def hands_on(handler: ast.ExceptHandler) -> bool:
    """Whether it only undoes something before the error goes on."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


@pytest.mark.parametrize("path", [path for path in PLUGINS if path not in CATCHING_EVERYTHING], ids=name_of)
def test_nothing_else_catches_everything(path: Path) -> None:
    handlers = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.ExceptHandler)]
    assert [handler.lineno for handler in handlers if caught(handler) & {"Exception", "everything"}] == []
    assert [handler.lineno for handler in handlers if "BaseException" in caught(handler) and not hands_on(handler)] == []


@plugins
def test_only_commands_starts_programs_and_nothing_prints_asserts_or_shares_state(path: Path) -> None:
    nodes = list(ast.walk(parsed(path)))
    called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    starters = {call for call in called if call.startswith(("subprocess.", "os.system", "os.popen", "os.exec", "os.spawn"))}
    assert path == COMMANDS or not starters
    assert "print" not in called
    assert [type(node).__name__ for node in nodes if isinstance(node, (ast.Global, ast.Assert))] == []
