# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: recovery_buckets
short_description: Name the buckets that backup policies cover
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Names each bucket of the policies of kind C(objects) by its policy and its own name. Nothing else of a policy is in it, because that may
    be secret.
options:
  _input:
    description: The policies of RV(holdfast.webops.backup_policies#filter:_value).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say what is backed up
  ansible.builtin.debug:
    msg: "{{ (portal_backup_policies | holdfast.webops.backup_policies).policies | holdfast.webops.recovery_buckets }}"
"""

RETURN = r"""
_value:
  description: The names.
  type: list
  elements: str
  sample: [storage/application-documents, storage/user-avatars]
"""


def recovery_buckets(policies: t.Any) -> list[str]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._recovery.sources import bucket_names

    return bucket_names(plain(policies))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"recovery_buckets": recovery_buckets}
