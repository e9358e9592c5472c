# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: rehearsal_aim
short_description: Say whether a rehearsal can go back to a moment
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Reads a target as a person writes it, and looks whether anything that could be restored beside production reaches back to it.
positional: points, now
options:
  _input:
    description: A time such as V(2026-11-22T08:30:00Z), V(transaction 7351), or V(point before-release-42).
    type: str
    required: true
  points:
    description: What RV(holdfast.webops.pg_recovery_points#module:recovery_points) is.
    type: dict
    required: true
  now:
    description: The time.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse a moment that cannot be had
  ansible.builtin.assert:
    that: aim.problem == ''
    fail_msg: "{{ aim.problem }}"
  vars:
    aim: "{{ '2026-11-22T08:30:00Z' | holdfast.webops.rehearsal_aim(database_recovery_points, now(utc=true).isoformat() ~ 'Z') }}"
"""

RETURN = r"""
_value:
  description:
    - C(problem), a sentence, or nothing where it can be had.
    - C(whole), whether physical backups of the whole cluster reach back to it.
    - C(moment), the time; null where it has to be looked up in the archive of the cluster.
  type: dict
  sample: {problem: "", whole: false, moment: "2026-11-22T08:30:00Z"}
"""


def rehearsal_aim(target: t.Any, points: t.Any, now: t.Any) -> dict[str, t.Any]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.aiming import aim

    return aim(str(plain(target)), plain(points), parse_iso(str(plain(now))))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"rehearsal_aim": rehearsal_aim}
