# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: backup_parts
short_description: Say what was made of each bucket of a policy
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Joins the results of M(holdfast.webops.object_backup) and M(holdfast.webops.object_restore), run in loops over the same buckets.
positional: proofs
options:
  _input:
    description: The results of the backups.
    type: list
    elements: dict
    required: true
  proofs:
    description: The results of the proofs, in the same order.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Join them
  ansible.builtin.set_fact:
    made: "{{ backups.results | holdfast.webops.backup_parts(proofs.results) }}"
"""

RETURN = r"""
_value:
  description: What was made of each.
  type: list
  elements: dict
  sample: [{part: uploads, backup: {id: 20261121T223000Z-1a2b3c}, proof: null, changed: true, proven: false}]
"""


def backup_parts(backups: t.Any, proofs: t.Any = ()) -> list[dict[str, t.Any]]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._backup.recording import parts

    return parts(plain(list(backups)), plain(list(proofs)))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"backup_parts": backup_parts}
