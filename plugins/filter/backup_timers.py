# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: backup_timers
short_description: Make schedules of backup policies
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes a schedule for M(holdfast.webops.host_schedule) of each policy that has one.
positional: portal, command
options:
  _input:
    description: The policies, as P(holdfast.webops.backup_policies#filter) gives them.
    type: list
    elements: dict
    required: true
  portal:
    description: What the timers are named after.
    type: str
    required: true
  command:
    description: The command, to which the policy is added.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: See what would run when
  ansible.builtin.debug:
    msg: "{{ policies.values() | holdfast.webops.backup_timers('shop', ['/usr/bin/ansible-playbook', 'holdfast.webops.back_up']) }}"
"""

RETURN = r"""
_value:
  description: The schedules.
  type: list
  elements: dict
  sample: [{name: holdfast-backup-shop-database, calendar: "0 2 * * *", jitter: 300}]
"""


def backup_timers(policies: t.Any, portal: str, command: t.Any) -> list[dict[str, t.Any]]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._backup.policies import timers

    return timers(plain(list(policies)), str(portal), plain(list(command)))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"backup_timers": backup_timers}
