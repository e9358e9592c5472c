#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_slot
short_description: Blue and green on Vercel, for releases that are moved step by step
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Vercel has deployments and domains, but no slots. This module remembers in the project which deployment stands for V(blue) and which for
    V(green), and moves the production domains between them.
  - The platform role of the release engine uses it. Alone, M(holdfast.webops.vercel_promote) is simpler.
  - Who gets the traffic is always read from the domains. What is remembered, the releases and the highest fencing number, is in the
    environment variable C(HOLDFAST_SLOTS) of the target C(development), which no build for users sees.
extends_documentation_fragment:
  - holdfast.webops.vercel
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
    details: Shows shares and slots. The fencing number does not count as a change.
options:
  slot:
    description: Which one.
    type: str
    choices: [blue, green]
    required: true
  state:
    description:
      - V(claimed) refuses when the slot has users who get another release, and notes O(fencing). Nothing else happens.
      - V(staged) has the slot hold O(deployment) as O(release), without traffic.
      - V(shifted) gives the slot O(percent) of the users. Shares between 0 and 100 need stages of a rolling release with these shares.
      - V(undone) gives all traffic to the other slot and marks this one as stopped. Where the other one holds nothing that may have
        it, as with a first release, the traffic stays.
      - V(retired) marks the slot as stopped, unless O(keep_warm).
    type: str
    choices: [claimed, staged, shifted, undone, retired]
    required: true
  release:
    description: The release that is meant, for all states but V(undone) and V(retired).
    type: dict
    suboptions:
      id:
        description: Its id in the ledger.
        type: str
        required: true
      version:
        description: Its version.
        type: str
      commit:
        description: Its commit.
        type: str
      artifact_sha256:
        description: Digest of its artefact.
        type: str
  deployment:
    description: Id of the deployment that O(state=staged) puts there.
    type: str
  percent:
    description: The share for O(state=shifted), in whole percent.
    type: int
    default: 100
  keep_warm:
    description: Whether O(state=retired) leaves the slot as one that can get traffic again at once.
    type: bool
    default: true
  fencing:
    description: The fencing number of the lease. A number lower than one that was here is refused.
    type: int
    required: true
  wait_timeout:
    description: How many seconds the whole task may take.
    type: float
    default: 180
seealso:
  - module: holdfast.webops.vercel_slot_info
  - module: holdfast.webops.vercel_promote
  - module: holdfast.webops.release_lease
"""

EXAMPLES = r"""
- name: Have green hold what was deployed
  holdfast.webops.vercel_slot:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    slot: green
    state: staged
    release: {id: 1.4.0-20261121T223000Z, version: 1.4.0}
    deployment: "{{ staged.deployment.id }}"
    fencing: 12

- name: Give it all users
  holdfast.webops.vercel_slot:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    slot: green
    state: shifted
    release: {id: 1.4.0-20261121T223000Z}
    percent: 100
    fencing: 12
"""

RETURN = r"""
platform:
  description: What stands where afterwards, as the fact C(platform_status) of the platform contract.
  returned: success
  type: dict
  sample:
    live_slot: green
    idle_slot: blue
    weights: {blue: 0, green: 100}
    slots:
      blue: {deployment: dpl_5K9mQvXwYzAb, url: 'https://shop-5k9mqvxwy.vercel.app', release_id: 1.3.0-20261101T220000Z, state: running}
      green: {deployment: dpl_7Npest0z1zW5, url: 'https://shop-7npest0z1.vercel.app', release_id: 1.4.0-20261121T223000Z, state: running}
    servers: null
    fence: 12
    rolled_back: null
    shares: [10, 50, 100]
    disagreements: []
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.slotting import reconcile

RELEASE = {
    "id": {"type": "str", "required": True},
    "version": {"type": "str"},
    "commit": {"type": "str"},
    "artifact_sha256": {"type": "str"},
}


def main() -> None:
    run_module(
        reconcile,
        argument_spec={
            **ARGUMENTS,
            "slot": {"type": "str", "choices": ["blue", "green"], "required": True},
            "state": {"type": "str", "choices": ["claimed", "staged", "shifted", "undone", "retired"], "required": True},
            "release": {"type": "dict", "options": RELEASE},
            "deployment": {"type": "str"},
            "percent": {"type": "int", "default": 100},
            "keep_warm": {"type": "bool", "default": True},
            "fencing": {"type": "int", "required": True},
            "wait_timeout": {"type": "float", "default": 180},
        },
        required_if=[("state", "claimed", ["release"]), ("state", "staged", ["release", "deployment"]), ("state", "shifted", ["release"])],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
