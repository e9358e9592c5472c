"""`-e portal_back_up_prove=false` gives a text, and the text 'false' is true: roles turn their switches into what they mean."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"


def switches(role: Path) -> set[str]:
    """The role's own variables that are true or false."""
    entries = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"].values()
    options = {name: option for entry in entries for name, option in (entry.get("options") or {}).items()}
    return {name for name, option in options.items() if option.get("type") == "bool" and name.startswith(f"{role.name}_")}


def uses() -> list[tuple[str, str]]:
    """(place, line) wherever a role decides by a switch; handing it to a module, which reads such a text itself, is no decision."""
    found = []
    for role in sorted(ROLES.iterdir()):
        names = switches(role)
        for file in sorted([*role.glob("tasks/*.yml"), *role.glob("vars/*.yml")]):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                found += [
                    (f"{role.name}/{file.parent.name}/{file.name}:{number}", line)
                    for name in names
                    if re.search(rf"\b{name}\b(?!:)", line) and not re.search(rf'"{{{{ {name}( \| default\(omit\))? }}}}"', line)
                ]
    return found


@pytest.mark.parametrize(("place", "line"), uses())
def test_a_switch_that_a_role_decides_by_is_read_as_true_or_false(place: str, line: str) -> None:
    assert re.search(r"\w+ \| bool\b", line), f"{place}: {line.strip()}"


def test_switches_were_found() -> None:
    assert len(uses()) > 5
