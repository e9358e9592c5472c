# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: unreached_hosts
short_description: Say which hosts of a loop could not be reached
positional: host
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Ansible drops the host of a play when a host that it delegates to cannot be reached, and then runs no C(rescue). With
    C(ignore_unreachable) and this filter the same becomes a failure with a sentence, which can be undone.
  - Where results name their C(machine), a host whose connection leads to the machine of another one was not reached either.
options:
  _input:
    description: C(results) of a task that loops over hosts, registered.
    type: list
    elements: dict
    required: true
  host:
    description: What to call the host of a result without C(item), of a task that did not loop.
    type: str
    default: The primary router
"""

EXAMPLES = r"""
- name: Refuse to go on without a router
  ansible.builtin.assert:
    that: routers.results | holdfast.webops.unreached_hosts == ''
    fail_msg: "{{ routers.results | holdfast.webops.unreached_hosts }}"
"""

RETURN = r"""
_value:
  description: A sentence for each host that could not be reached; empty when all were.
  type: str
  sample: "lb2 cannot be reached: ssh: connect to host 192.0.2.7 port 22: Connection refused."
"""


def unreached_hosts(results: t.Any, host: str = "The primary router") -> str:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._host.fleet import unreached

    return unreached(plain(results), host)


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"unreached_hosts": unreached_hosts}
