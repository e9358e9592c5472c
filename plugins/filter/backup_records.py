# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: backup_records
short_description: Say what the ledger keeps of the backups that a policy made
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes entries for M(holdfast.webops.release_ledger) of backups and their proofs.
positional: policy, kind
options:
  _input:
    description: What was made, each with C(part), C(backup), C(proof) and C(changed).
    type: list
    elements: dict
    required: true
  policy:
    description: Name of the policy.
    type: str
    required: true
  kind:
    description: What it backs up.
    type: str
    required: true
  now:
    description: The time to decide for. Left out, it is the present.
    type: str
"""

EXAMPLES = r"""
- name: Record a backup
  holdfast.webops.release_ledger:
    portal: orders
    store: s3://company-releases/production
    entries: "{{ [made] | holdfast.webops.backup_records('database', 'database') }}"
  vars:
    made: {part: "", backup: "{{ dumped.backup }}", proof: null, changed: true}
"""

RETURN = r"""
_value:
  description: The entries.
  type: list
  elements: dict
  sample: [{event: backup.recorded, once: true, data: {backup_id: 20261121T223000Z-1a2b3c, policy: database, kind: database}}]
"""


def backup_records(made: t.Any, policy: str, kind: str, now: str | None = None) -> list[dict[str, t.Any]]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._backup.recording import records

    return records(str(policy), str(kind), plain(list(made)), parse_iso(now) if now else SystemClock().now())


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"backup_records": backup_records}
