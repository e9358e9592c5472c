# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: recovery_fates
short_description: Say which steps of a recovery plan are settled
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - A step is settled when it was tried, when the plan leaves it out, when a step that it needs was not done, and when a critical step
    failed.
positional: done
options:
  _input:
    description: The steps of RV(holdfast.webops.recovery_plan#filter:_value).
    type: list
    elements: dict
    required: true
  done:
    description: What was tried, each with C(id), C(status) (V(completed) or V(failed)) and C(says).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Go on with what is left
  ansible.builtin.include_tasks: step.yml
  when: step.id not in (plan.steps | holdfast.webops.recovery_fates(done))
"""

RETURN = r"""
_value:
  description: The id of each step that is settled, with C(status) and C(says).
  type: dict
  sample: {assess: {status: completed, says: ""}, application: {status: left out, says: nobody starts it}}
"""


def recovery_fates(steps: t.Any, done: t.Any) -> dict[str, dict[str, str]]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.plan import checked_plan
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.verdict import fates

    found = fates(checked_plan(plain(steps)), plain(done))
    return {step_id: {"status": status, "says": says} for step_id, (status, says) in found.items()}


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"recovery_fates": recovery_fates}
