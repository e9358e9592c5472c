"""What the pages tell people to set exists."""

from __future__ import annotations

import functools
import itertools
import re
import shlex
from pathlib import Path

import pytest
import yaml
from ansible.parsing.splitter import parse_kv

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "roles").glob("*/README.md"))]
PLAYBOOKS = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
# A variable is set in YAML (`name: value`) or on the command line (`-e name=value`).
SET = re.compile(r"(?:^[ \t]*|-e '?)((?:portal|platform|database)_\w+)(?::|=)", re.MULTILINE)
YAML = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@functools.cache
def described() -> set[str]:
    """Every variable that any role describes, and those that roles read from the inventory without an option of their own."""
    specs = [yaml.safe_load(path.read_text())["argument_specs"] for path in (ROOT / "roles").glob("*/meta/argument_specs.yml")]
    named = {name for entries in specs for entry in entries.values() for name in entry.get("options", {})}
    return named | {"portal_ledger_store_options", "portal_environment", "portal_router_metrics"}


def blocks(page: Path) -> str:
    return "\n".join(BLOCK.findall(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_variable_that_a_page_sets_is_described_by_a_role(page: Path) -> None:
    assert set(SET.findall(blocks(page))) - described() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_playbook_that_a_page_runs_exists(page: Path) -> None:
    assert set(re.findall(r"ansible-playbook\b.*?holdfast\.webops\.(\w+)", blocks(page))) - PLAYBOOKS == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_sets_on_the_command_line_arrives_whole(page: Path) -> None:
    """Of `-e name=two words` Ansible drops the second one."""
    for line in re.findall(r"^.*ansible-playbook .*$", blocks(page).replace("\\\n", " "), re.MULTILINE):
        words = shlex.split(line)
        given = [after for before, after in itertools.pairwise(words) if before == "-e" and after[0] not in "@{"]
        assert [word for word in given if "_raw_params" in parse_kv(word)] == [], line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_yaml_of_a_page_is_yaml(page: Path) -> None:
    """A person copies it; a `?` or a `: ` without quotes breaks their inventory."""
    for block in YAML.findall(page.read_text(encoding="utf-8")):
        assert list(yaml.safe_load_all(block)), block


def test_variables_and_playbooks_were_found() -> None:
    guide = blocks(ROOT / "docs/guides/first_deploy.md")
    assert len(set(SET.findall(guide))) > 10
    assert "holdfast.webops.roll_back" in guide
