# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: release_backup_age
short_description: Say how old a backup may be that shall hold the present data
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - However young it is, a backup from before the newest restore holds data that were replaced, and one from before the newest migration
    a schema that its release does not fit.
positional: most
options:
  _input:
    description: RV(holdfast.webops.release_ledger_info#module:state).
    type: dict
    required: true
  most:
    description: How old it may be otherwise, in seconds.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Say it
  ansible.builtin.debug:
    msg: "{{ ledger.state | holdfast.webops.release_backup_age(3600) }}"
"""

RETURN = r"""
_value:
  description: Seconds.
  type: int
  sample: 3600
"""


def release_backup_age(state: t.Any, most: t.Any) -> int:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
    from ansible_collections.holdfast.webops.plugins.module_utils._release.data_back import backup_age

    return backup_age(plain(state), int(plain(most)), SystemClock().now())


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"release_backup_age": release_backup_age}
