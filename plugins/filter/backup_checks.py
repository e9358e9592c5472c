# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: backup_checks
short_description: Make a health check of the backup policies of a portal
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes a check of kind C(backup_policies) for M(holdfast.webops.health_check); none where there are no policies, or no ledger.
  - It carries limits and no destinations, so that no secret of a policy is in it.
positional: portal, store, store_options, prove
options:
  _input:
    description: The policies by their names.
    type: dict
    required: true
  portal:
    description: Name of the portal.
    type: str
    required: true
  store:
    description: Store of the ledger.
    type: str
    required: true
  store_options:
    description: How to reach it.
    type: dict
    default: {}
  prove:
    description: Whether a policy of a database that does not say wants proofs.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Look whether the backups are late
  holdfast.webops.health_check:
    checks: "{{ portal_backup_policies | holdfast.webops.backup_checks('shop', portal_ledger_store) }}"
"""

RETURN = r"""
_value:
  description: The checks.
  type: list
  elements: dict
  sample: [{name: backup_policies, kind: backup_policies, critical: false, portal: shop, policies: []}]
"""


def backup_checks(given: t.Any, portal: str, store: str, store_options: t.Any = None, prove: t.Any = True) -> list[dict[str, t.Any]]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._backup.policies import checks, without_places

    ledger = {"store": str(store or ""), "store_options": plain(store_options or {})}
    try:
        return checks(plain(without_places(given)), {"prove": prove}, str(portal), ledger)
    except InputError as exc:
        raise AnsibleFilterError(f"holdfast.webops.backup_checks: {exc}") from exc


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"backup_checks": backup_checks}
