# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: recovery_assessment
short_description: Say what a recovery would replace and lose, and whether that was approved
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Puts together what the dry runs of a recovery said, before anything is touched.
positional: confirmed
options:
  _input:
    description:
      - C(database), null or a dictionary with C(name), what would be replaced, and C(restore), what the database contract's C(restore.yml)
        said in check mode.
      - C(storage), a list with C(bucket), C(backup) and C(plan) of M(holdfast.webops.object_restore) in check mode.
      - C(now), the moment from which losses are counted.
      - C(backups), those of RV(holdfast.webops.pg_backup_info#module:backups), and C(ledger), the
        RV(holdfast.webops.release_ledger_info#module:state); without them nothing is said of what an earlier way back has left behind.
    type: dict
    required: true
  confirmed:
    description: What was approved, such as V(database:shop,storage:documents).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse what nobody approved
  ansible.builtin.assert:
    that: assessment.missing | length == 0
    fail_msg: "{{ assessment.lines | join(' ') }} If you mean it, confirm {{ assessment.confirm }}."
  vars:
    assessment: "{{ seen | holdfast.webops.recovery_assessment('') }}"
"""

RETURN = r"""
_value:
  description: The assessment.
  type: dict
  contains:
    replaced:
      description: What is replaced.
      type: list
      elements: str
      sample: [database:shop]
    confirm:
      description: What has to be approved, in one text.
      type: str
      sample: database:shop
    missing:
      description: What of it was not.
      type: list
      elements: str
      sample: [database:shop]
    lost_s:
      description: How many seconds of changes of the database are lost, V(null) when it is not restored.
      type: float
      sample: 431.2
    rolled_away:
      description: Why the chosen backup holds what an earlier restore replaced, empty when it does not.
      type: str
      sample: ""
    lines:
      description: The same in sentences.
      type: list
      elements: str
      sample: ["Database shop goes back to backup 20261122T030000Z-1a2b3c of 2026-11-22T03:00:01Z: 7 min 11 s of changes are lost."]
"""


def recovery_assessment(seen: t.Any, confirmed: t.Any) -> dict[str, t.Any]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import parse_iso
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.assessing import assess

    found = plain(seen)
    return assess(found, str(plain(confirmed)), parse_iso(found["now"]))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"recovery_assessment": recovery_assessment}
