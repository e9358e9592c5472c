"""What Galaxy would hand out: built, installed into a tree with nothing else, and used from there."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import typing as t

import pytest
import yaml

from tools.quality import artefact
from tools.setup.steps import ROOT

Run = t.Callable[..., "subprocess.CompletedProcess[str]"]

PLUGIN_KINDS = {"modules": "module", "filter": "filter", "callback": "callback"}


def named(folder: str) -> list[str]:
    """The names of the Python plugins in a folder of plugins/."""
    return sorted(path.stem for path in (ROOT / "plugins" / folder).glob("*.py"))


PLUGINS = [(kind, name) for folder, kind in PLUGIN_KINDS.items() for name in named(folder)]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))


@pytest.fixture(scope="module")
def installed() -> pathlib.Path:
    """The tree with the freshly installed artefact."""
    return artefact.installed_tree()


@pytest.fixture(scope="module")
def ansible(installed: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run an Ansible program that knows the installed tree only, outside the checkout."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_") and name != "PYTHONPATH"}
    own = {"ANSIBLE_COLLECTIONS_PATH": str(installed), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "0", "ANSIBLE_HOME": str(elsewhere / "home")}
    env = {**kept, **own}

    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, cwd=elsewhere, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    return run


def test_nothing_but_the_collection_is_in_the_artefact(installed: pathlib.Path) -> None:
    root = installed / "ansible_collections" / "holdfast" / "webops"
    never = {*artefact.FOR_DEVELOPERS, ".git", ".cache", ".venv", ".demo", "build"}
    assert {path.name for path in root.iterdir()}.isdisjoint(never)


def test_the_installed_files_are_the_built_ones(installed: pathlib.Path, ansible: Run) -> None:
    verified = ansible("ansible-galaxy", "collection", "verify", "--offline", "--collections-path", str(installed), "holdfast.webops")
    assert verified.returncode == 0, verified.stdout + verified.stderr


# One run of a program for all of a kind: each takes a second to start.
@pytest.mark.parametrize("kind", sorted(PLUGIN_KINDS.values()))
def test_the_documentation_of_each_plugin_reads(kind: str, ansible: Run) -> None:
    names = [f"holdfast.webops.{name}" for its_kind, name in PLUGINS if its_kind == kind]
    shown = ansible("ansible-doc", "--type", kind, "--json", *names)
    assert shown.returncode == 0, shown.stderr
    assert "WARNING" not in shown.stderr
    described = json.loads(shown.stdout)
    assert sorted(described) == sorted(names)
    assert [name for name, about in described.items() if not about["doc"]["short_description"] or not about["examples"]] == []


def test_the_documentation_of_each_role_reads(ansible: Run) -> None:
    names = [f"holdfast.webops.{name}" for name in ROLES]
    shown = ansible("ansible-doc", "--type", "role", "--json", *names)
    assert shown.returncode == 0, shown.stderr
    described = json.loads(shown.stdout)
    assert [name for name in names if not described[name]["entry_points"]] == []


def test_each_playbook_is_found_by_its_full_name(ansible: Run) -> None:
    names = [f"holdfast.webops.{name}" for name in PLAYBOOKS]
    checked = ansible("ansible-playbook", "--syntax-check", "--inventory", "localhost,", *names)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("playbook: ") == len(names)


def test_the_action_group_holds_every_module() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["action_groups"]["webops"] == named("modules")


def test_the_changelog_names_everything_that_is_new() -> None:
    text = (ROOT / "CHANGELOG.md").read_text().replace("\\", "")
    # antsibull-changelog lists the roles that are called as a whole, not those that are called by their entry points.
    callable_roles = [role for role in ROLES if (ROOT / "roles" / role / "tasks" / "main.yml").exists()]
    assert [name for name in (*named("modules"), *callable_roles) if f"holdfast.webops.{name} " not in text] == []
