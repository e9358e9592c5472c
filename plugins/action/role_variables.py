# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse variables that carry a role's prefix but are not described in its meta/argument_specs.yml.

Ansible checks the variables that a role describes; it does not see the misspelt one next to them.
"""

from __future__ import annotations

import difflib
import pathlib
import typing as t

import yaml
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


def known_variables(specs: dict[str, t.Any]) -> set[str]:
    """Names of all variables that any entry point of a role describes."""
    entries = specs.get("argument_specs", {}).values()
    return {name for entry in entries for name in entry.get("options", {})}


def strangers(given: t.Iterable[str], known: set[str], prefix: str) -> dict[str, str]:
    """Variables with the prefix that nobody described, each with the described name that looks most like it, or ""."""
    unknown = sorted(name for name in given if name.startswith(prefix) and name not in known)
    return {name: next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.6)), "") for name in unknown}


def complaint(role: str, unknown: dict[str, str]) -> str:
    """One sentence that names each stranger and what was probably meant."""
    named = ", ".join(f"{name} (did you mean {near}?)" if near else name for name, near in unknown.items())
    return f"The role {role} does not know: {named}. Correct or remove it; 'ansible-doc -t role' lists what it knows. Nothing was touched."


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _VALID_ARGS = frozenset(("role",))

    def run(self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        given = task_vars or {}
        role = str(self._task.args.get("role") or "")
        if not role:
            raise AnsibleActionFail("role_variables needs the option role: the name of the role that calls it.")
        specs = yaml.safe_load((self._role_path(given) / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
        # Facts and registered results of other roles share no prefix with this one; results of a role end in _result.
        names = (name for name in given if not name.endswith("_result"))
        if unknown := strangers(names, known_variables(specs), f"{role}_"):
            raise AnsibleActionFail(complaint(role, unknown))
        result["changed"] = False
        return result

    def _role_path(self, task_vars: dict[str, t.Any]) -> pathlib.Path:
        path = task_vars.get("role_path")
        if not path:
            raise AnsibleActionFail("role_variables is for tasks inside a role; there is no role here.")
        return pathlib.Path(path)
