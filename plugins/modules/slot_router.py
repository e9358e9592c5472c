#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: slot_router
short_description: Move traffic between the two slots of a portal
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Sets the share of traffic that each slot of a portal gets from its HAProxy, the scope of the sticky cookie, the maintenance page
    and the preview token, without a reload. The router's configuration is the one of the role P(holdfast.webops.platform_host#role).
  - The order is map files first (temporary name, fsync, rename), then the running router by its socket, then the router is read
    again and compared. A router that is killed at any moment comes back with what the files say.
  - Options that are not given keep what the files say. Where the running router differs from its files (somebody changed it by
    hand), the difference is reported in RV(drift) and corrected.
  - A slot whose share rises must be healthy in the router's own eyes; the module waits up to O(wait_timeout) seconds for that and
    otherwise changes nothing. When neither slot is healthy, the share is changed all the same, with a warning.
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
    details: Health is not waited for and nothing is drained, so RV(drained) stays V(null).
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
    details: The preview token is shown as the first eight digits of its SHA-256.
options:
  directory:
    description:
      - Directory on the router's host that holds C(slots.map), C(release.map), C(preview.map) and C(fence).
      - Letters, digits, C(.), C(_), C(+), C(-) and C(/) only, because HAProxy's commands know no quoting.
    type: path
    required: true
  socket:
    description:
      - Runtime socket of the router, at most 97 characters long (a limit of the kernel and of HAProxy).
      - The default is C(router.sock) in O(directory). When that is too long, choose a short path elsewhere, in the router's
        configuration too.
    type: path
  state:
    description:
      - V(routing) changes a running router, and fails before anything is touched when none answers.
      - V(configured) lays the directory and the map files that a router needs for its start. A running router is changed as well.
    type: str
    choices: [configured, routing]
    default: routing
  weights:
    description: The slots' shares of the traffic, whole percent that make 100 together.
    type: dict
    suboptions:
      blue:
        description: Share of the slot blue in percent.
        type: int
        required: true
      green:
        description: Share of the slot green in percent.
        type: int
        required: true
  release:
    description:
      - Scope of the sticky cookie, usually the id of the release on its way. Cookies of another scope are not obeyed.
      - 1 to 64 letters, digits, C(.), C(_) and C(-).
    type: str
  maintenance:
    description: Whether users get the maintenance page (503 with C(Retry-After)). Previews still reach their slot.
    type: bool
  preview_token:
    description:
      - Secret that opens a slot before it has traffic, by the header C(X-Holdfast-Preview) with the value C(<token>-blue) or
        C(<token>-green).
      - 16 to 128 letters, digits, C(.), C(_), C(~) and C(-). An empty string turns previews off.
    type: str
  fencing:
    description:
      - Fencing number of the lease under which this change is made. A number below the highest one that has been here is refused,
        so that a run that was paused and lost its lease cannot move traffic. It is remembered in O(directory) and is no change by itself.
    type: int
  closed:
    description:
      - The slot whose code does not fit the database any more, after a contract migration. The script C(roll-back) on the router's host
        does not go back to it. A slot that gets traffic again is not closed any more. V(none) takes the mark away.
    type: str
    choices: [blue, green, none]
  certificate:
    description:
      - The PEM file with chain and key that the router's configuration names. When the running router holds another certificate than
        the file, it is given the one of the file, without a reload, and asked to show it. Open connections are not touched.
    type: path
  drain:
    description: Wait until this slot has no request in flight. It must have a share of 0.
    type: str
    choices: [blue, green]
  drain_timeout:
    description: How many seconds O(drain) may take.
    type: float
    default: 60
  drain_force:
    description: Whether connections that are left at the end of O(drain_timeout) are cut. Otherwise the task fails then.
    type: bool
    default: false
  wait_timeout:
    description: How many seconds to wait for a slot whose share rises to be healthy.
    type: float
    default: 10
  lock_wait:
    description: How many seconds to wait for another task that changes this router.
    type: float
    default: 30
seealso:
  - module: holdfast.webops.slot_router_info
  - module: holdfast.webops.rollout_analysis
"""

EXAMPLES = r"""
- name: Lay what a router needs before it starts for the first time
  holdfast.webops.slot_router:
    directory: /srv/shop/router
    preview_token: "{{ shop_preview_token }}"
    state: configured

- name: Give the new release on green a tenth of the users
  holdfast.webops.slot_router:
    directory: /srv/shop/router
    weights: {blue: 90, green: 10}
    release: r42
    fencing: 17

- name: Everybody back to blue, and wait until green has answered what it had begun
  holdfast.webops.slot_router:
    directory: /srv/shop/router
    weights: {blue: 100, green: 0}
    drain: green
    drain_timeout: 90

- name: Show the maintenance page
  holdfast.webops.slot_router:
    directory: /srv/shop/router
    maintenance: true
"""

RETURN = r"""
router:
  description: The router after the task (in check mode, as a real run would leave it).
  returned: success
  type: dict
  contains:
    configured:
      description: Whether its map files are there.
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
      sample: null
    fence:
      description: The highest fencing number that has been here, 0 when none was.
      type: int
      sample: 17
    servers:
      description: Both slots as the router sees them; V(null) for each while it is not running. Counters run since its start.
      type: dict
      sample:
        blue: {status: UP, healthy: true, servers: 1, servers_up: 1, in_flight: 3, requests: 51200, errors: 0, retries: 0, fallbacks: 0}
        green: {status: UP, healthy: true, servers: 1, servers_up: 1, in_flight: 0, requests: 5300, errors: 0, retries: 0, fallbacks: 0}
drift:
  description: Where the running router differed from its files before the task, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["slots.map: green_pct is 50 in the router and 10 in the file"]
drained:
  description: V(true) when O(drain) was asked for and the slot has no request in flight; otherwise V(null).
  returned: success
  type: bool
  sample: true
sessions_closed:
  description: How many connections were cut at the end of O(drain_timeout).
  returned: success
  type: int
  sample: 0
switch_ms:
  description: Milliseconds from the first write to the proof that the router has taken the change; V(null) when nothing had to be written.
  returned: success
  type: float
  sample: 6.1
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.routing import route


def main() -> None:
    run_module(
        route,
        argument_spec={
            "directory": {"type": "path", "required": True},
            "socket": {"type": "path"},
            "state": {"type": "str", "choices": ["configured", "routing"], "default": "routing"},
            "weights": {
                "type": "dict",
                "options": {"blue": {"type": "int", "required": True}, "green": {"type": "int", "required": True}},
            },
            "release": {"type": "str"},
            "maintenance": {"type": "bool"},
            "preview_token": {"type": "str", "no_log": True},
            "fencing": {"type": "int"},
            "closed": {"type": "str", "choices": ["blue", "green", "none"]},
            "certificate": {"type": "path"},
            "drain": {"type": "str", "choices": ["blue", "green"]},
            "drain_timeout": {"type": "float", "default": 60},
            "drain_force": {"type": "bool", "default": False},
            "wait_timeout": {"type": "float", "default": 10},
            "lock_wait": {"type": "float", "default": 30},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
