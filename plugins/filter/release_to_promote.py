# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_to_promote
short_description: Choose a release that another environment found good
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Only a release that was found good there and was not rolled back since is chosen.
positional: which
options:
  _input:
    description: One of RV(holdfast.webops.release_ledger_info#module:others).
    type: dict
    required: true
  which:
    description:
      - V(latest), the id of a release there, or a version, then the newest good release of it.
      - V(latest) is the one that is live there, when it was found good, else the newest good one.
    type: str
    default: latest
"""

EXAMPLES = r"""
- name: Choose what acceptance runs
  ansible.builtin.set_fact:
    chosen: "{{ ledger.others | first | holdfast.webops.release_to_promote('latest') }}"
"""

RETURN = r"""
_value:
  description: What was chosen.
  type: dict
  contains:
    release:
      description: The release as the state of that ledger has it, null when there is none.
      type: dict
      sample: {id: 1.1.0-20261121T223000Z, version: 1.1.0, commit: 3f2c1ab, artifact_sha256: null, status: good}
    problem:
      description: Why there is none, in a sentence; null when there is one.
      type: str
      sample: null
"""


def release_to_promote(other: dict[str, t.Any], which: str = "latest") -> dict[str, t.Any]:
    """The release, or why there is none, as plain data."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.promotion import choose

    try:
        return {"release": choose(plain(other), str(which)), "problem": None}
    except InputError as exc:
        return {"release": None, "problem": str(exc)}


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_to_promote": release_to_promote}
