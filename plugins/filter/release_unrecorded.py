# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_unrecorded
short_description: Write down a way back that was made without a controller
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Where a script on the router's host took the traffic back, the platform remembers it and the ledger does not know it yet.
  - It decides without looking at anything but its input.
positional: platform
options:
  _input:
    description: RV(holdfast.webops.release_ledger_info#module:state) of the portal.
    type: dict
    required: true
  platform:
    description: The facts that C(status.yml) of the platform role sets, C(slots) and C(rolled_back) among them.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: What does the ledger not know yet?
  ansible.builtin.set_fact:
    entries: "{{ ledger.state | holdfast.webops.release_unrecorded(platform_status) }}"
"""

RETURN = r"""
_value:
  description: What to write, for O(holdfast.webops.release_ledger#module:entries); empty when the ledger knows it.
  type: list
  elements: dict
  sample:
    - event: rollback.completed
      release: 1.1.0-20261121T223000Z
      data:
        to: 1.0.0-20261120T101500Z
        slot: blue
        script: 4f1d2c
        by: root
        at: "2026-11-21T22:41:00Z"
        reason: The controller is gone.
"""


def release_unrecorded(state: dict[str, t.Any], platform: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """The entries as plain data; errors become those of a filter."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.unrecorded import entries_for

    try:
        return entries_for(plain(state), plain(platform))
    except WebopsError as exc:
        raise AnsibleFilterError(f"holdfast.webops.release_unrecorded: {exc}") from exc


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_unrecorded": release_unrecorded}
