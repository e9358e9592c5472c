# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: failure_reason
short_description: Say in a sentence why a task failed
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Of a task that looped over hosts, Ansible says only that one or more items failed. This gives what the failed items said, each with
    its host when there are several.
options:
  _input:
    description: C(ansible_failed_result) in a C(rescue), or any registered result.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say why
  ansible.builtin.debug:
    msg: "{{ ansible_failed_result | holdfast.webops.failure_reason }}"
"""

RETURN = r"""
_value:
  description: The reason.
  type: str
  sample: "web2: port: 8082 is taken by nginx (pid 4711); slot green is stopped."
"""


def failure_reason(result: t.Any) -> str:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._host.fleet import failure_reason as reason_of

    return reason_of(plain(result))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"failure_reason": failure_reason}
