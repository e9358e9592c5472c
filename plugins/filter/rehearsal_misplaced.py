# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: rehearsal_misplaced
short_description: Find targets of a rehearsal where production has its buckets
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - A rehearsal removes what it restored. So its target must not be a bucket that a policy backs up, nor lie in one, nor hold one.
positional: targets
options:
  _input:
    description: The policies of RV(holdfast.webops.backup_policies#filter:_value).
    type: dict
    required: true
  targets:
    description: For buckets, by their names, stores that they are restored into.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Refuse production as a target
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | join(' ') }}"
  vars:
    problems: "{{ (portal_backup_policies | holdfast.webops.backup_policies).policies | holdfast.webops.rehearsal_misplaced(targets) }}"
"""

RETURN = r"""
_value:
  description: A sentence for each that is wrong, and for each name that no bucket has.
  type: list
  elements: str
  sample: []
"""


def rehearsal_misplaced(policies: t.Any, targets: t.Any) -> list[str]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.sources import misplaced

    return misplaced(plain(policies), plain(targets))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"rehearsal_misplaced": rehearsal_misplaced}
