# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_plan
short_description: Say step by step what a deploy will do
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Turns a course into the steps that the ledger will have, in its order, for people and for pipelines that look before they leap.
positional: gates, steps, analysis
options:
  _input:
    description: What P(holdfast.webops.release_course#filter) decided.
    type: dict
    required: true
  gates:
    description: What P(holdfast.webops.release_gates#filter) said.
    type: dict
    required: true
  steps:
    description: The shares of the traffic, in percent.
    type: list
    elements: int
    required: true
  analysis:
    description: How each share is watched, with C(window) in seconds.
    type: dict
    required: true
  backup:
    description:
      - What C(snapshot.yml) of the database role set in check mode, with C(backup) and C(changed). Left out, no backup is asked for.
    type: dict
  migrations:
    description:
      - What the role C(portal_migrate) said in check mode, with C(applied) (before the release) and C(pending). Left out, there are none.
    type: dict
  seeds:
    description: What is said of the seed data; empty where there is none.
    type: str
    default: ""
  contracted:
    description: Whether an earlier run of this release may have contracted the schema already, so that the old slot is stopped.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Say the plan
  ansible.builtin.debug:
    msg: "{{ (course | holdfast.webops.release_plan(gates, [10, 50, 100], {'window': 60})).lines }}"
"""

RETURN = r"""
_value:
  description: The plan.
  type: dict
  contains:
    steps:
      description: The steps, each with C(step) and what it will do; empty when there is nothing to do.
      type: list
      elements: dict
      sample: [{step: shift, percent: 10, watched: 60}, {step: shift, percent: 100, watched: 60}]
    lines:
      description: The same in sentences.
      type: list
      elements: str
      sample: ["1.0.0 is live, 1.1.0 is wanted.", "1. backup: a new one is made"]
"""


def release_plan(
    course: dict[str, t.Any],
    gates: dict[str, t.Any],
    steps: list[int],
    analysis: dict[str, t.Any],
    backup: dict[str, t.Any] | None = None,
    migrations: dict[str, t.Any] | None = None,
    contracted: bool = False,
    seeds: str = "",
) -> dict[str, t.Any]:
    """The plan as plain data."""
    from ansible_collections.holdfast.webops.plugins.module_utils._release.plan import Outlook, plan_lines, plan_steps

    way = plain(course)
    outlook = Outlook(
        tuple(int(step) for step in steps), plain(analysis), plain(backup) or None, plain(migrations) or None, contracted, str(seeds)
    )
    planned = plan_steps(way, outlook)
    return {"steps": planned, "lines": plan_lines(way, planned, plain(gates)["gates"])}


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_plan": release_plan}
