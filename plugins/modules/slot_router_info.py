#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: slot_router_info
short_description: Read how a portal's router shares the traffic between its slots
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Returns shares, health, requests in flight and counters of both slots from the router's socket. While the router is down, what its
    map files say; where there are none, RV(router.configured) is V(false).
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
    details: It only reads.
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: N/A
    details: It changes nothing.
options:
  directory:
    description: Directory on the router's host that holds C(slots.map), C(release.map), C(preview.map) and C(fence).
    type: path
    required: true
  socket:
    description: Runtime socket of the router, at most 97 characters long. The default is C(router.sock) in O(directory).
    type: path
seealso:
  - module: holdfast.webops.slot_router
"""

EXAMPLES = r"""
- name: Read the router
  holdfast.webops.slot_router_info:
    directory: /srv/shop/router
  register: shop

- name: Say who is live
  ansible.builtin.debug:
    msg: "{{ shop.router.live_slot }} is live, {{ shop.router.servers.green.in_flight | default(0) }} requests are on green"
"""

RETURN = r"""
router:
  description: The router.
  returned: success
  type: dict
  contains:
    configured:
      description: Whether its map files are there. When not, the values below are V(null), and RV(router.fence) is 0.
      type: bool
      sample: true
    running:
      description: Whether it answers on its socket.
      type: bool
      sample: true
    weights:
      description: The slots' shares in percent.
      type: dict
      sample: {blue: 90, green: 10}
    live_slot:
      description: The slot that had all traffic last. It changes when the other one gets 100 %.
      type: str
      sample: blue
    idle_slot:
      description: The other slot.
      type: str
      sample: green
    release:
      description: Scope of the sticky cookie, V(none) before the first release.
      type: str
      sample: r42
    maintenance:
      description: Whether users get the maintenance page.
      type: bool
      sample: false
    closed:
      description: The slot whose code does not fit the database any more; V(null) when there is none.
      type: str
      sample: null
    rolled_back:
      description: What the script C(roll-back) on the router's host did last; V(null) when it never ran.
      type: dict
      contains:
        id:
          description: Names this use of the script, so that the ledger can be seen to know it.
          type: str
          sample: 20261122T031500Z-18
        at:
          description: When.
          type: str
          sample: "2026-11-22T03:15:00Z"
        by:
          description: Who, as the host knows the user.
          type: str
          sample: ann
        reason:
          description: Why, as given on the command line.
          type: str
          sample: orders fail, and the controller does not answer
        from_slot:
          description: The slot that lost its traffic.
          type: str
          sample: green
        to_slot:
          description: The slot that has all of it since.
          type: str
          sample: blue
        percent_before:
          description: Share of C(from_slot) before, in percent.
          type: int
          sample: 100
        fence:
          description: The fencing number that the script left.
          type: int
          sample: 18
        forced:
          description: Whether it went against the mark of a contract migration.
          type: bool
          sample: false
    fence:
      description: The highest fencing number that has been here, 0 when none was.
      type: int
      sample: 17
    servers:
      description: Both slots as the router sees them; V(null) for each while it is not running.
      type: dict
      contains:
        blue:
          description: The slot blue. The slot C(green) has the same keys.
          type: dict
          contains:
            status:
              description: HAProxy's word for the state of the server.
              type: str
              sample: UP
            healthy:
              description: Whether the router gives it requests, on every web host.
              type: bool
              sample: true
            servers:
              description: On how many web hosts it stands.
              type: int
              sample: 1
            servers_up:
              description: On how many of them the router gives it requests.
              type: int
              sample: 1
            in_flight:
              description: Requests and upgraded connections that it has begun and not ended, previews included.
              type: int
              sample: 3
            requests:
              description: Requests since the router's start, previews included.
              type: int
              sample: 51200
            errors:
              description: Answers with a 5xx status since the router's start.
              type: int
              sample: 0
            retries:
              description: Requests that had to be sent to it again.
              type: int
              sample: 0
            redispatches:
              description: Requests that were taken away from it because it could not be reached.
              type: int
              sample: 0
            fallbacks:
              description: Requests meant for it that the other slot answered.
              type: int
              sample: 0
machine:
  description: What tells the machine of the task from every other one.
  returned: success
  type: str
  sample: web1 0a5f6d1e-0c3b-4a57-9f1e-6a3b2c1d0e9f
drift:
  description: Where the running router differs from its files, a sentence each.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._host.arguments import ROUTER
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.routing import show_router


def main() -> None:
    run_module(
        show_router,
        argument_spec=dict(ROUTER),
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
