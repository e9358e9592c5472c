# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_hooks
short_description: Say which hooks belong to entries of the ledger
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Hooks run where the ledger is written. What comes after a stage runs before its end is recorded, so that a hook that fails fails its
    stage; what comes before a stage runs when its beginning is recorded.
  - A stage that begins and ends within the same entries had nothing to do, and no hook runs for it.
positional: files
options:
  _input:
    description: The entries that are to be written, each with C(event).
    type: list
    elements: dict
    required: true
  files:
    description: The task files by the names of their hooks, such as C(before_shift).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Which hooks come now?
  ansible.builtin.debug:
    msg: "{{ entries | holdfast.webops.release_hooks({'after_stage': '/srv/warm_up.yml'}) }}"
  vars:
    entries: [{event: stage.completed}, {event: verify.started}]
"""

RETURN = r"""
_value:
  description: The hooks.
  type: dict
  contains:
    after:
      description: Those to run before the entries are written, with C(name), C(stage), C(file) and C(percent), null but for C(shift).
      type: list
      elements: dict
      sample: [{name: after_stage, stage: stage, file: /srv/warm_up.yml, percent: null}]
    before:
      description: Those to run once they are written.
      type: list
      elements: dict
      sample: []
"""


def release_hooks(entries: list[dict[str, t.Any]], files: dict[str, str]) -> dict[str, list[dict[str, t.Any]]]:
    """The hooks as plain data."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.hooks import hooks_at

    return hooks_at(plain(entries), plain(files))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_hooks": release_hooks}
