# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import moment
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_approval
short_description: Say what to write so that a release is approved, or is not any more
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - An approval is an entry in the ledger of the environment that it is for, with who, when, why and until when.
  - Where it is as wanted already there is nothing to write, so that the same command can be run again.
positional: wanted, operator
options:
  _input:
    description: RV(holdfast.webops.release_ledger_info#module:state) of the portal.
    type: dict
    required: true
  wanted:
    description: What is approved, with C(version), and C(artifact_sha256) or C(commit).
    type: dict
    required: true
  operator:
    description: Who approves, or withdraws their own approval.
    type: str
    required: true
  state:
    description: V(granted) or V(withdrawn).
    type: str
    choices: [granted, withdrawn]
    default: granted
  reason:
    description: Why, for the ledger.
    type: str
    required: true
  valid_for:
    description: For how many seconds a granted approval is good.
    type: float
    default: 604800
  now:
    description: The time to decide for. Left out, it is the present.
    type: str
"""

EXAMPLES = r"""
- name: Approve
  ansible.builtin.set_fact:
    decision: "{{ ledger.state | holdfast.webops.release_approval(wanted, 'maria', reason='CHG-1042') }}"
  vars:
    wanted: {version: 1.1.0, commit: 3f2c1ab}
"""

RETURN = r"""
_value:
  description: The decision.
  type: dict
  contains:
    entries:
      description: What to write, for O(holdfast.webops.release_ledger#module:entries); empty when it is as wanted already.
      type: list
      elements: dict
      sample: [{event: approval.withdrawn, data: {version: 1.1.0, commit: 3f2c1ab, artifact_sha256: null, reason: The test failed.}}]
    says:
      description: The same in a sentence; null when there is a problem.
      type: str
      sample: maria withdraws the approval of 1.1.0 (commit 3f2c1ab).
    problem:
      description: What is wrong with what was asked, in a sentence; null when nothing is.
      type: str
      sample: null
    approval:
      description: What stands or was withdrawn; null when there was nothing to withdraw.
      type: dict
      sample: {version: 1.1.0, commit: 3f2c1ab, artifact_sha256: null, reason: The test failed.}
"""


def release_approval(
    ledger_state: dict[str, t.Any],
    wanted: dict[str, t.Any],
    operator: str,
    *,
    state: str = "granted",
    reason: str,
    valid_for: float = 604800,
    now: str | None = None,
) -> dict[str, t.Any]:
    """The decision, or what is wrong with what was asked, as plain data."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.approvals import grant, withdraw

    given = plain(ledger_state)["approvals"]
    try:
        at = moment(now)
        if state == "withdrawn":
            return {**withdraw(given, plain(wanted), operator, reason, at), "problem": None}
        return {**grant(given, plain(wanted), operator, reason, float(valid_for), at), "problem": None}
    except InputError as exc:
        return {"entries": [], "says": None, "approval": None, "problem": str(exc)}


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_approval": release_approval}
