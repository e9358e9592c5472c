# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: backup_result
short_description: Put together what the policies of a portal did
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes C(portal_back_up_result) of the role C(portal_back_up).
positional: failed, status
options:
  _input:
    description: The policies that were run, each with C(policy), C(kind), C(made) and C(retained).
    type: list
    elements: dict
    required: true
  failed:
    description: Those that failed, each with C(policy) and C(reason).
    type: list
    elements: dict
    required: true
  status:
    description: What M(holdfast.webops.backup_status) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Put it together
  ansible.builtin.set_fact:
    portal_back_up_result: "{{ done | holdfast.webops.backup_result([], status) }}"
"""

RETURN = r"""
_value:
  description: The result of the role.
  type: dict
  sample: {backup: null, proof: null, removed: [], changed: false, policies: [], failed: [], reason: null, alerts: [], lines: []}
"""


def backup_result(done: t.Any, failed: t.Any, status: t.Any) -> dict[str, t.Any]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._backup.recording import result

    return result(plain(list(done)), plain(list(failed)), plain(status))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"backup_result": backup_result}
