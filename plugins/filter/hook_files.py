# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: hook_files
short_description: Find the task files of hooks, and what is wrong with them
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Looks at the files where Ansible runs, before anything is touched. Nothing in them is executed.
options:
  _input:
    description:
      - Paths of task files by the names of their hooks. A relative path is meant from where the command runs, an empty one is no hook.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Refuse hooks that could not run
  ansible.builtin.assert:
    that: (hooks | holdfast.webops.hook_files).wrong == []
"""

RETURN = r"""
_value:
  description: The files.
  type: dict
  contains:
    files:
      description: Absolute paths by the names of the hooks that are set.
      type: dict
      sample: {before_shift: /srv/hooks/announce.yml}
    wrong:
      description: What is wrong with them, a sentence each.
      type: list
      elements: str
      sample: ["before_shift is '/srv/hooks/announce.yml': it is no list of tasks."]
"""


def hook_files(hooks: dict[str, t.Any]) -> dict[str, t.Any]:
    """The files as plain data."""
    from ansible_collections.holdfast.webops.plugins.plugin_utils.hook_files import hook_files as absolute
    from ansible_collections.holdfast.webops.plugins.plugin_utils.hook_files import wrong_hooks

    files = absolute(plain(hooks) or {})
    return {"files": files, "wrong": wrong_hooks(files)}


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"hook_files": hook_files}
