# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: recovery_plan
short_description: Read a recovery plan and say what is wrong with it
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Checks the steps of a recovery plan and puts them in an order in which each comes after those that it needs.
  - The guide "Rehearse, then sleep" describes what a step may say.
positional: rto, actions
options:
  _input:
    description: The steps.
    type: list
    elements: dict
    required: true
  rto:
    description: In how many minutes the recovery has to be done.
    type: float
    required: true
  actions:
    description: The actions that a step may name.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse a plan that cannot work
  ansible.builtin.assert:
    that: read.problems | length == 0
    fail_msg: "{{ read.problems | join(' ') }}"
  vars:
    read: "{{ steps | holdfast.webops.recovery_plan(240, ['assess', 'database']) }}"
"""

RETURN = r"""
_value:
  description: The plan.
  type: dict
  contains:
    steps:
      description: The steps in their order, with everything filled in. Empty when there are problems.
      type: list
      elements: dict
      sample:
        - {id: assess, description: Assess, depends_on: [], estimate: 30.0, critical: true, action: assess, left_out: "", validation: []}
    levels:
      description: The ids by level; the steps of one level do not need each other.
      type: list
      elements: list
      sample: [[assess], [database]]
    critical_path:
      description: The ids of the steps that take longest one after the other.
      type: list
      elements: str
      sample: [assess, database]
    estimate:
      description: The minutes of the critical path.
      type: float
      sample: 90.0
    problems:
      description: A sentence for everything that is wrong.
      type: list
      elements: str
      sample: ["database depends on damage, and no step is called so; there are assess, database."]
"""


def recovery_plan(given: t.Any, rto: t.Any, actions: t.Any) -> dict[str, t.Any]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import read_plan

    plan, problems = read_plan(plain(given), _number(plain(rto)), plain(actions))
    return {
        "steps": [step.as_dict() for step in plan.steps] if plan else [],
        "levels": [list(level) for level in plan.levels] if plan else [],
        "critical_path": list(plan.critical_path) if plan else [],
        "estimate": plan.estimate if plan else 0.0,
        "problems": problems,
    }


def _number(value: t.Any) -> t.Any:
    """What `-e portal_recover_rto=5` gives is a text, and means a number."""
    with contextlib.suppress(ValueError):
        return float(value) if isinstance(value, str) else value
    return value


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"recovery_plan": recovery_plan}
