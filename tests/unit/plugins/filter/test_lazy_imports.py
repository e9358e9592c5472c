"""Ansible loads all filters of a collection in each process that needs one of them, so what only one needs is imported when it is used."""

from __future__ import annotations

import ast
import pathlib

import pytest

FILTERS = pathlib.Path(__file__).parents[4] / "plugins" / "filter"
SMALL = ("ansible_collections.holdfast.webops.plugins.module_utils._core.", "ansible_collections.holdfast.webops.plugins.filter.")


@pytest.mark.parametrize("path", sorted(FILTERS.glob("*.py")), ids=lambda path: path.stem)
def test_a_filter_imports_no_room_before_it_is_used(path: pathlib.Path) -> None:
    imports = [node.module or "" for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom)]
    ours = [name for name in imports if name.startswith("ansible_collections.holdfast")]
    assert [name for name in ours if not name.startswith(SMALL)] == []
