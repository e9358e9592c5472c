# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: backup_policies
short_description: Read the backup policies of a portal
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Reads C(portal_backup_policies), fills in what a policy leaves out, and says what is wrong with it.
  - The guide "Backups you can believe" describes what a policy may say.
positional: usual, only
options:
  _input:
    description: The policies by their names.
    type: dict
    required: true
  usual:
    description: What a policy of kind C(database) has where it says nothing, with C(keep), C(prove) and C(max_age).
    type: dict
    default: {}
  only:
    description: Names of policies, as a list or in one text. Left out, it is all of them.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: See what is backed up
  ansible.builtin.debug:
    msg: "{{ (policies | holdfast.webops.backup_policies).policies.keys() }}"
  vars:
    policies:
      database: {kind: database, schedule: "0 2 * * *", keep: {days: 30}}
"""

RETURN = r"""
_value:
  description: The policies.
  type: dict
  contains:
    policies:
      description: Those that were asked for, by name, with everything filled in. May hold secrets.
      type: dict
      sample: {database: {kind: database, schedule: "0 2 * * *", keep: {keep_days: 30}}}
    watched:
      description: What M(holdfast.webops.backup_status) is to judge of all of them; without secrets.
      type: list
      elements: dict
      sample: [{policy: database, kind: database, part: "", late_hours: 26.1, proof_hours: 192}]
    problems:
      description: A sentence for everything that is wrong.
      type: list
      elements: str
      sample: ["portal_backup_policies: database: 'keeep' is not known; did you mean keep?"]
"""


def backup_policies(given: t.Any, usual: t.Any = None, only: t.Any = ()) -> dict[str, t.Any]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._backup.policies import choose_policies, read_policies, watched

    policies, problems = read_policies(plain(given), plain(usual or {}))
    chosen, unknown = choose_policies(policies, plain(only))
    return {
        "policies": {policy.name: policy.as_dict() for policy in chosen},
        "watched": watched(policies),
        # A policy that makes no sense is not there to be chosen; that need not be said twice.
        "problems": problems or unknown,
    }


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"backup_policies": backup_policies}
