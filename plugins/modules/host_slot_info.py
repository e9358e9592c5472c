#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_slot_info
short_description: Say what stands on the two slots of a host
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Shows for both slots of a portal on a host which release is on them, whether it runs, since when, and where its output is.
extends_documentation_fragment: [holdfast.webops.supervisor]
options:
  router:
    description: The portal's router on the same host, to be read with it; a task of its own would take as long again.
    type: dict
    suboptions:
      directory:
        description: As O(holdfast.webops.slot_router_info#module:directory).
        type: path
        required: true
      socket:
        description: As O(holdfast.webops.slot_router_info#module:socket).
        type: path
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Looking changes nothing, so check mode does the same as a real run.
  diff_mode:
    description: Says in diff mode what changed.
    support: none
    details: There is nothing to compare.
seealso:
  - module: holdfast.webops.host_slot
  - module: holdfast.webops.slot_router_info
"""

EXAMPLES = r"""
- name: Look at the slots
  holdfast.webops.host_slot_info:
    root: /srv/portals/orders
    portal: orders
  register: host
"""

RETURN = r"""
slots:
  description: Both slots.
  returned: success
  type: dict
  contains:
    blue:
      description: One slot.
      returned: always
      type: dict
      contains:
        slot:
          description: Its name.
          returned: always
          type: str
          sample: green
        state:
          description: V(running), V(stopped) (also while it starts, or when it failed) or V(absent).
          returned: always
          type: str
          sample: running
        release_id:
          description: Id of the release on it, null when there is none.
          returned: always
          type: str
          sample: 1.1.0-20261121T223000Z
        version:
          description: Its version.
          returned: always
          type: str
          sample: 1.1.0
        commit:
          description: Its commit, null when not known.
          returned: always
          type: str
          sample: 3f2c1ab
        artifact_sha256:
          description: Checksum of the archive it was unpacked from, null when not known.
          returned: always
          type: str
          sample: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
        port:
          description: The port it was told to listen on.
          returned: always
          type: int
          sample: 8002
        pid:
          description: Id of its process, null when it does not run.
          returned: always
          type: int
          sample: 4711
        started_at:
          description: When that process began, null when it does not run.
          returned: always
          type: str
          sample: "2026-11-21T22:31:07Z"
        directory:
          description: Where the release is unpacked, null when there is none.
          returned: always
          type: str
          sample: /srv/portals/orders/releases/1.1.0-20261121T223000Z
        log:
          description: Where its output is; a file with supervisord, a command with systemd. Null when there is none.
          returned: always
          type: str
          sample: journalctl --unit holdfast-orders-green.service
    green:
      description: The other slot, with the same keys.
      returned: always
      type: dict
      sample: {slot: green, state: absent, release_id: null}
fencing:
  description: The highest fencing number that acted on this host, 0 when none did.
  returned: success
  type: int
  sample: 42
router:
  description: As RV(holdfast.webops.slot_router_info#module:router); V(null) without O(router).
  returned: success
  type: dict
  sample: {configured: true, live_slot: blue, weights: {blue: 100, green: 0}}
drift:
  description: As RV(holdfast.webops.slot_router_info#module:drift); empty without O(router).
  returned: success
  type: list
  elements: str
  sample: []
machine:
  description: What tells the machine of the task from every other one.
  returned: success
  type: str
  sample: web1 0a5f6d1e-0c3b-4a57-9f1e-6a3b2c1d0e9f
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._host.arguments import COMMON, ROUTER
from ansible_collections.holdfast.webops.plugins.module_utils._host.status import show_slots


def main() -> None:
    run_module(show_slots, argument_spec={**COMMON, "router": {"type": "dict", "options": ROUTER}}, supports_check_mode=True)


if __name__ == "__main__":
    main()
