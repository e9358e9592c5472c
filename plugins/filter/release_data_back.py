# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_data_back
short_description: Say which release and which backup belong together when the database goes back
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Decides, from what the ledger says, to which backup a database goes back, alone or together with the application.
  - The same way back that was cut off goes on as it was decided, unless another backup is named.
positional: kind, to, backup
options:
  _input:
    description: RV(holdfast.webops.release_ledger_info#module:state).
    type: dict
    required: true
  kind:
    description: V(database), after which the release stays, or V(full), after which another one is live.
    type: str
    required: true
  to:
    description:
      - For V(database) the id of a backup, a time, V(latest_proven), or V(previous) for the newest one.
      - For V(full) the id or version of a release, or V(previous).
    type: str
    required: true
  backup:
    description: With V(full), another backup than the one that was made before the release after it changed the data; empty for that one.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Decide
  ansible.builtin.set_fact:
    way_back: "{{ ledger.state | holdfast.webops.release_data_back('full', 'previous', '') }}"
"""

RETURN = r"""
_value:
  description: The decision.
  type: dict
  contains:
    allowed:
      description: Whether there is such a way back.
      type: bool
      sample: true
    reason:
      description: A sentence.
      type: str
      sample: The database goes back to the newest backup; the release stays.
    target:
      description: The release that users have afterwards, as in the state, null when there is none.
      type: dict
      sample: {id: 1.0.0-20261120T101500Z, version: 1.0.0}
    backup:
      description: The backup, null when it is refused.
      type: str
      sample: latest
    goes_on:
      description: Whether this way back was begun before, and was cut off.
      type: bool
      sample: false
"""


def release_data_back(state: t.Any, kind: t.Any, to: t.Any, backup: t.Any) -> dict[str, t.Any]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.data_back import plan_data_back

    return plan_data_back(plain(state), str(plain(kind)), str(plain(to)), str(plain(backup)))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_data_back": release_data_back}
