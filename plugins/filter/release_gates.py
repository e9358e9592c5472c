# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import moment
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_gates
short_description: Say whether a release may enter an environment
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - When a release is opened, it is asked whether it was found good where it has to come from, whether enough people approved it, and
    whether there is a freeze. A release under way passed its gates, and is finished or undone without asking again.
  - It decides without looking at anything but its input.
positional: course, wanted, rules
options:
  _input:
    description: What M(holdfast.webops.release_ledger_info) returned, with C(state) and C(others).
    type: dict
    required: true
  course:
    description: What P(holdfast.webops.release_course#filter) decided.
    type: dict
    required: true
  wanted:
    description: The release, with C(version), C(commit) and C(artifact_sha256).
    type: dict
    required: true
  rules:
    description:
      - What the inventory asks for, with C(promotes_from), C(approvals), C(freeze) and C(freeze_override), as the variables of the role
        C(portal_deploy) describe them.
    type: dict
    required: true
  operator:
    description: Who deploys. With four eyes, their own approval does not count.
    type: str
    default: ""
  now:
    description: The time to decide for. Left out, it is the present.
    type: str
"""

EXAMPLES = r"""
- name: Ask the gates
  ansible.builtin.set_fact:
    gates: "{{ ledger | holdfast.webops.release_gates(course, wanted, rules, operator='anna') }}"
  vars:
    wanted: {version: 1.1.0, artifact_sha256: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9}
    rules:
      approvals: {required: 2}
      freeze:
        - {name: weekend, from: fri 16:00, to: mon 08:00, timezone: Europe/Amsterdam}
"""

RETURN = r"""
_value:
  description: The gates.
  type: dict
  contains:
    gates:
      description: Every gate that was asked, with C(gate), C(passed) and C(says).
      type: list
      elements: dict
      sample:
        - gate: freeze
          passed: false
          says: The freeze 'weekend' is on until 2026-11-23 08:00 Europe/Amsterdam.
    refused:
      description: What the gates say that did not let it pass, or which rule makes no sense; empty when it may enter.
      type: list
      elements: str
      sample: ["The freeze 'weekend' is on until 2026-11-23 08:00 Europe/Amsterdam."]
    record:
      description: What the ledger keeps with the opening of the release, by whom it was approved and where it was verified.
      type: list
      elements: dict
      sample: [{gate: verified in uat, environment: uat, release: 1.1.0-20261120T100000Z, verified_at: "2026-11-20T10:04:11Z"}]
"""


def release_gates(
    ledger: dict[str, t.Any],
    course: dict[str, t.Any],
    wanted: dict[str, t.Any],
    rules: dict[str, t.Any],
    operator: str = "",
    now: str | None = None,
) -> dict[str, t.Any]:
    """The gates as plain data. A rule that makes no sense lets nothing pass."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.gates import Rules, as_result, check_others, judge

    found, asked = plain(ledger), plain(rules)
    try:
        at = moment(now)
        check_others(asked.get("promotes_from") or [], found["others"])
        given = Rules(
            tuple(found["others"]), asked.get("approvals"), tuple(asked.get("freeze") or ()), str(asked.get("freeze_override") or "")
        )
        return as_result(judge(plain(course), plain(wanted), found["state"], given, operator, at))
    except InputError as exc:
        return {"gates": [], "refused": [str(exc)], "record": []}


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_gates": release_gates}
