#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_slot_info
short_description: What stands on blue and green on Vercel, and who gets the traffic
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Reads what M(holdfast.webops.vercel_slot) remembers in the project, and what the production domains serve.
extends_documentation_fragment:
  - holdfast.webops.vercel
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
  diff_mode:
    description: Says in diff mode what changed.
    support: none
options:
  wait_timeout:
    description: How many seconds the whole task may take.
    type: float
    default: 60
seealso:
  - module: holdfast.webops.vercel_slot
  - module: holdfast.webops.vercel_deployment_info
"""

EXAMPLES = r"""
- name: What stands where?
  holdfast.webops.vercel_slot_info:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
  register: slots
"""

RETURN = r"""
platform:
  description:
    - What stands where, as the fact C(platform_status) of the platform contract.
    - C(disagreements) has a sentence when the domains differ, or serve what stands on no slot.
  returned: success
  type: dict
  sample:
    live_slot: green
    idle_slot: blue
    weights: {blue: 0, green: 100}
    slots:
      blue: {deployment: null, url: null, release_id: null, version: null, state: stopped}
      green: {deployment: dpl_7Npest0z1zW5, url: 'https://shop-7npest0z1.vercel.app', release_id: 1.4.0-20261121T223000Z, state: running}
    servers: null
    fence: 12
    rolled_back: null
    shares: [10, 50, 100]
    disagreements: []
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.slotting import look


def main() -> None:
    run_module(look, argument_spec={**ARGUMENTS, "wait_timeout": {"type": "float", "default": 60}}, supports_check_mode=True)


if __name__ == "__main__":
    main()
