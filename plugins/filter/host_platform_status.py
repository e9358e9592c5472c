# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.plain import plain

DOCUMENTATION = r"""
name: host_platform_status
short_description: Put together what web hosts and routers say
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes the fact C(platform_status) of the platform contract from what M(holdfast.webops.host_slot_info) says on every web host, and it
    or M(holdfast.webops.slot_router_info) on every router. The first router is the primary.
  - A slot holds a release when all web hosts hold it there. When routers disagree, the shares are those of the one that differs from
    the primary, so that nobody takes the portal for settled.
positional: routers
options:
  _input:
    description: C(results) of loops over the hosts, web hosts and routers together.
    type: list
    elements: dict
    required: true
  routers:
    description: The names of the routers.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Say what stands where
  ansible.builtin.set_fact:
    platform_status: "{{ (slots.results + routers.results) | holdfast.webops.host_platform_status(['lb1', 'lb2']) }}"
"""

RETURN = r"""
_value:
  description: See docs/platforms.md.
  type: dict
  sample: {live_slot: blue, idle_slot: green, weights: {blue: 100, green: 0}, disagreements: []}
"""


def host_platform_status(results: t.Any, routers: t.Any) -> dict[str, t.Any]:
    """As documented."""
    from ansible_collections.holdfast.webops.plugins.module_utils._host.fleet import platform_status

    return platform_status(plain(results), plain(routers))


class FilterModule:
    """The filter by its name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """What Ansible asks for."""
        return {"host_platform_status": host_platform_status}
