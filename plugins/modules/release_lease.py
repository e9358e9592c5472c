#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_lease
short_description: Hold, free or break the lock of a portal
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - The lease lets one run at a time change a portal. It is one object, C(<portal>/lease.json), in an object store, taken by
    conditional writes, so that it works from any controller without a server of its own.
  - It ends by itself after O(ttl) seconds, so that a dead run locks nobody out; a run keeps it by renewing it at every step.
    To others it is open 5 seconds after the end that is written in it, because clocks differ a little.
  - Every taking and every breaking gives a higher fencing number, also after the lease was free. A run carries its number to
    M(holdfast.webops.release_ledger) and to everything that moves traffic; a run that was paused while another one took over
    is refused there.
  - A run that holds the lease under the same O(owner) is replaced at once, under a higher number. So the same command, run again
    after it was killed, does not wait for the end of the lease, and what may be left of the first run is fenced off.
    Let O(owner) name the person or the pipeline, not the single attempt.
  - Before it takes a lease, the module writes a probe object to prove that the store honours conditions, and refuses one that does not.
  - Who holds it is shown by M(holdfast.webops.release_ledger_info).
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Nothing is written; RV(lease) says what a real run would get. A lease that is held by somebody else fails at once.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows who holds it before and after. A renewal is no change.
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  state:
    description:
      - V(held) takes the lease, or renews it when O(fencing) is given.
      - V(free) gives it back; unchanged when this run does not hold it any more.
      - V(broken) takes it away from whoever holds it, and writes that and O(reason) into the ledger.
    type: str
    choices: [held, free, broken]
    default: held
  owner:
    description:
      - Who holds it. Left out, it is C(user@host) of the process that runs the module, followed by O(purpose).
      - A pipeline sets its own name, for example C(awx deploy-orders).
    type: str
  purpose:
    description: What for, shown to those who have to wait. Needed to take the lease.
    type: str
  ttl:
    description: How long it lasts without being renewed, in seconds; at least 5.
    type: int
    default: 900
  wait_timeout:
    description: How long to wait for somebody else's lease to end, in seconds.
    type: float
    default: 0
  fencing:
    description:
      - The number that taking it returned; proves that the caller is the holder.
      - With O(state=held), the lease is renewed and keeps its number; the task fails when another run took over in between.
        A lease that ran out may be renewed as long as nobody else took it.
    type: int
  reason:
    description: Why it is broken; required for O(state=broken).
    type: str
extends_documentation_fragment:
  - holdfast.webops.store
seealso:
  - module: holdfast.webops.release_ledger
  - module: holdfast.webops.release_ledger_info
"""

EXAMPLES = r"""
- name: Take the lease of the portal, wait up to five minutes for another run
  holdfast.webops.release_lease:
    portal: orders
    store: file:///srv/holdfast/store
    purpose: deploy 1.1.0
    wait_timeout: 300
  register: lease

- name: Renew it before a long step
  holdfast.webops.release_lease:
    portal: orders
    store: file:///srv/holdfast/store
    fencing: "{{ lease.lease.fencing }}"
    ttl: 3600

- name: Give it back
  holdfast.webops.release_lease:
    portal: orders
    store: file:///srv/holdfast/store
    state: free
    fencing: "{{ lease.lease.fencing }}"

- name: Take it away from a run that hangs
  holdfast.webops.release_lease:
    portal: orders
    store: file:///srv/holdfast/store
    state: broken
    reason: The runner of pipeline 4711 was switched off.
"""

RETURN = r"""
lease:
  description: The lease after the task.
  returned: success
  type: dict
  contains:
    held:
      description: Whether somebody holds it.
      returned: always
      type: bool
      sample: true
    owner:
      description: Who holds it, null when nobody does.
      returned: always
      type: str
      sample: "deploy@controller deploy 1.1.0"
    purpose:
      description: What for, null when nobody holds it.
      returned: always
      type: str
      sample: deploy 1.1.0
    fencing:
      description: The number of the newest taking or breaking; 0 when it was never taken.
      returned: always
      type: int
      sample: 42
    taken_at:
      description: When it was taken, null when nobody holds it.
      returned: always
      type: str
      sample: "2026-11-21T22:30:00Z"
    expires_at:
      description: When it ends unless it is renewed, null when nobody holds it.
      returned: always
      type: str
      sample: "2026-11-21T22:45:00Z"
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._release.hold import keep_lease
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import store_arguments


def main() -> None:
    run_module(
        keep_lease,
        argument_spec={
            "portal": {"type": "str", "required": True},
            **store_arguments(),
            "state": {"type": "str", "choices": ["held", "free", "broken"], "default": "held"},
            "owner": {"type": "str"},
            "purpose": {"type": "str"},
            "ttl": {"type": "int", "default": 900},
            "wait_timeout": {"type": "float", "default": 0},
            "fencing": {"type": "int"},
            "reason": {"type": "str"},
        },
        required_if=[("state", "broken", ["reason"])],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
