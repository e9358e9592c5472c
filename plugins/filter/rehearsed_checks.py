# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: rehearsed_checks
short_description: Put together what checks said in a step of a rehearsal
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Keeps of each check what a report needs, and nothing of what it sent or got.
positional: step
options:
  _input:
    description: RV(holdfast.webops.health_check#module:checks).
    type: list
    elements: dict
    required: true
  step:
    description: The id of the step.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Keep what was seen
  ansible.builtin.set_fact:
    seen: "{{ health.checks | holdfast.webops.rehearsed_checks('system_test') }}"
"""

RETURN = r"""
_value:
  description: Each check with C(step), C(name), C(passed), C(status) and C(says).
  type: list
  elements: dict
  sample: [{step: system_test, name: orders, passed: true, status: pass, says: Answered 200 in 12 ms.}]
"""


def rehearsed_checks(results: t.Any, step: t.Any) -> list[dict[str, t.Any]]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.sources import checks

    return checks(plain(results), str(step))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"rehearsed_checks": rehearsed_checks}
