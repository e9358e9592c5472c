# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import moment
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_roll_back
short_description: Decide whether a portal may go back to an earlier release
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Going back moves code, not data. Only a release that was found good once is a target, and none from before a contract migration, because
    its code does not fit the schema any more; then the ways that are left are named.
  - It decides without looking at anything but its input.
positional: to, platform
options:
  _input:
    description: RV(holdfast.webops.release_ledger_info#module:state) of the portal.
    type: dict
    required: true
  to:
    description:
      - V(previous), the id of a release, or a version (then the newest release of it that was found good).
      - V(previous) takes back the newest release that was deployed, to the good one before it, and only once. When that release
        was rolled back already, there is nothing to do; to go further back, name a release. A deploy that undid itself is not counted.
    type: str
    required: true
  platform:
    description: The facts that C(status.yml) of the platform role sets, C(live_slot), C(weights) and C(slots).
    type: dict
    required: true
  now:
    description: The time to decide for; it tells how much a restore would lose. Left out, it is the present.
    type: str
"""

EXAMPLES = r"""
- name: Decide
  ansible.builtin.set_fact:
    roll_back: "{{ ledger.state | holdfast.webops.release_roll_back('previous', platform) }}"

- name: Refuse and name the alternatives
  ansible.builtin.fail:
    msg: "{{ [roll_back.reason] + roll_back.alternatives | list }}"
  when: not roll_back.allowed
"""

RETURN = r"""
_value:
  description: The decision.
  type: dict
  contains:
    allowed:
      description: Whether it may be done.
      type: bool
      sample: true
    reason:
      description: Why, in a sentence.
      type: str
      sample: "Back from 1.1.0-20261121T223000Z to 1.0.0-20261120T101500Z: slot blue still holds it."
    target:
      description: The release to go back to, as in the state; null when none was found.
      type: dict
      sample: {id: 1.0.0-20261120T101500Z, version: 1.0.0, slot: blue, status: good}
    slot:
      description: Where it stands or has to be staged; null when refused.
      type: str
      sample: blue
    staged:
      description: Whether that slot still holds it.
      type: bool
      sample: true
    warm:
      description: Whether it runs there and the router finds it well, so that it only needs the traffic.
      type: bool
      sample: true
    leaves:
      description: The release that is left, as in the state; null when none is live.
      type: dict
      sample: {id: 1.1.0-20261121T223000Z, version: 1.1.0, slot: green, status: good}
    alternatives:
      description: What can be done instead, in sentences; empty when allowed.
      type: list
      elements: str
      sample: []
"""


def release_roll_back(state: dict[str, t.Any], to: str, platform: dict[str, t.Any], now: str | None = None) -> dict[str, t.Any]:
    """The decision as plain data; errors become those of a filter."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.roll_back import plan_roll_back

    try:
        return plan_roll_back(plain(state), to, plain(platform), moment(now)).as_dict()
    except WebopsError as exc:
        raise AnsibleFilterError(f"holdfast.webops.release_roll_back: {exc}") from exc


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_roll_back": release_roll_back}
