#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_ledger_info
short_description: Read the ledger of a portal, and check that nobody changed it
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Says which release of a portal is live, which one was before, what is under way, who holds the lease, and what was written last.
  - Checks the chain of hashes. An edited entry, a gap and another order are found; the lease remembers how far the ledger once
    reached, so a cut end is found too, up to the last entry that was written under a lease.
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Reading changes nothing, so check mode does the same as a real run.
  diff_mode:
    description: Says in diff mode what changed.
    support: none
    details: There is nothing to compare.
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  last:
    description: How many of the newest entries to return; 0 for none.
    type: int
    default: 20
  verify:
    description:
      - Report a broken chain in RV(chain) instead of failing. RV(state) and RV(entries) then speak of the entries before the break.
      - With V(false), a broken chain fails the task and the lease's memory of the ledger is not asked.
    type: bool
    default: true
extends_documentation_fragment:
  - holdfast.webops.store
  - holdfast.webops.store.others
seealso:
  - module: holdfast.webops.release_ledger
  - module: holdfast.webops.release_lease
"""

EXAMPLES = r"""
- name: Read the ledger
  holdfast.webops.release_ledger_info:
    portal: orders
    store: file:///srv/holdfast/store
  register: ledger

- name: Read it together with the one of the environment before
  holdfast.webops.release_ledger_info:
    portal: orders
    store: s3://company-releases/production
    others:
      - environment: uat
        store: s3://company-releases/uat
  register: ledgers

- name: Refuse to go on when somebody changed it
  ansible.builtin.assert:
    that: ledger.chain.intact
    fail_msg: "{{ ledger.chain.problem }}"
"""

RETURN = r"""
state:
  description:
    - What follows from all entries of the ledger, in the form that the filters P(holdfast.webops.release_course#filter) and
      P(holdfast.webops.release_roll_back#filter) take.
    - A release is a dict with C(id), C(version), C(commit), C(artifact_sha256), C(slot), C(replaces), C(status) (one of C(opened),
      C(live), C(good), C(failed), C(rolled_back)), C(opened_at), C(opened_number), C(live_at), C(completed_at), C(ended_at), C(reason),
      C(last_event), C(last_at), C(steps_done), C(percent) (the last share of traffic that was judged good), C(percent_tried) and
      C(contracted).
  returned: success
  type: dict
  contains:
    live:
      description: The release that has the traffic, null when there is none.
      returned: always
      type: dict
      sample: {id: 1.1.0-20261121T223000Z, version: 1.1.0, status: good, slot: green}
    previous:
      description: The good release that had the traffic before it, null when there is none.
      returned: always
      type: dict
      sample: {id: 1.0.0-20261120T101500Z, version: 1.0.0, status: good, slot: blue}
    open:
      description: The release whose course has not ended, null when there is none.
      returned: always
      type: dict
      sample: null
    releases:
      description: All releases, oldest first.
      returned: always
      type: list
      elements: dict
      sample: []
    contracts:
      description:
        - Contract migrations that hold back from going to earlier releases, with C(release), C(version), C(number) and C(at) of the entry,
          C(certain) (false when their end is not known) and C(backup), the newest backup before them.
      returned: always
      type: list
      elements: dict
      sample: []
    last_backup:
      description: The data of the newest C(backup.recorded), with C(at), C(number), C(by) and C(release); null when there is none.
      returned: always
      type: dict
      sample: {backup_id: 20261121T222900Z, at: "2026-11-21T22:29:03Z", number: 17, by: deploy@controller, release: null}
    last_proof:
      description: The same of C(proof.recorded).
      returned: always
      type: dict
      sample: null
    last_restore:
      description: The same of C(restore.completed).
      returned: always
      type: dict
      sample: null
    approvals:
      description: >-
        The same of every C(approval.granted), oldest first, with C(withdrawn_at), null for one that was not withdrawn.
      returned: always
      type: list
      elements: dict
      sample: []
    scripts:
      description:
        - C(data.script) of every C(rollback.completed) that has one, oldest first. Those ways back were made by a script on the router's
          host, without a controller, and were written down later.
      returned: always
      type: list
      elements: str
      sample: []
    recovery:
      description:
        - The recovery that has begun and not ended, null when there is none. It has the data of its C(recovery.started), with C(at),
          C(number), C(by), and in C(done) the data of the newest C(recovery.stepped) of each of its steps.
      returned: always
      type: dict
      sample: null
    ignored:
      description: Numbers of entries that do not count, because a run that was fenced off had written them.
      returned: always
      type: list
      elements: int
      sample: []
entries:
  description: The newest entries, oldest of them first.
  returned: success
  type: list
  elements: dict
  contains:
    number:
      description: Its place in the ledger, from 1.
      returned: always
      type: int
      sample: 17
    at:
      description: When it was written.
      returned: always
      type: str
      sample: "2026-11-21T22:30:00Z"
    event:
      description: What happened.
      returned: always
      type: str
      sample: shift.completed
    release:
      description: Id of the release, null when the event belongs to none.
      returned: always
      type: str
      sample: 1.1.0-20261121T223000Z
    data:
      description: What belongs to the event.
      returned: always
      type: dict
      sample: {percent: 10}
    fencing:
      description: Number of the lease it was written under, null without one.
      returned: always
      type: int
      sample: 42
    by:
      description: Who wrote it.
      returned: always
      type: str
      sample: deploy@controller
    previous:
      description: Hash of the entry before it, null in the first.
      returned: always
      type: str
      sample: 0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
    hash:
      description: SHA-256, in hex, of the canonical JSON (sorted keys, no spaces, UTF-8) of all other keys.
      returned: always
      type: str
      sample: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
chain:
  description: Whether the ledger is as it was written.
  returned: success
  type: dict
  contains:
    length:
      description: Number of entries, up to the first problem.
      returned: always
      type: int
      sample: 17
    head:
      description: Number and hash of the newest entry.
      returned: always
      type: dict
      sample: {number: 17, hash: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9}
    intact:
      description: Whether nothing was found; null without O(verify).
      returned: always
      type: bool
      sample: true
    problem:
      description: What was found first, null when nothing was.
      returned: always
      type: str
      sample: null
lease:
  description: The lease of the portal, as M(holdfast.webops.release_lease) returns it.
  returned: success
  type: dict
  sample:
    held: false
    owner: null
    purpose: null
    fencing: 42
    taken_at: null
    expires_at: null
others:
  description: What the ledgers in O(others) say, in their order. A broken chain is reported and does not fail the task.
  returned: success
  type: list
  elements: dict
  contains:
    environment:
      description: Its name in O(others).
      returned: always
      type: str
      sample: uat
    portal:
      description: Name of the portal there.
      returned: always
      type: str
      sample: orders
    store:
      description: Where it is.
      returned: always
      type: str
      sample: s3://company-releases/uat
    state:
      description: The same as RV(state), of that ledger.
      returned: always
      type: dict
      sample: {live: {id: 1.1.0-20261121T223000Z, version: 1.1.0, status: good, slot: green}}
    chain:
      description: The same as RV(chain), of that ledger.
      returned: always
      type: dict
      sample: {length: 17, intact: true, problem: null}
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._release.show import show_ledger
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import other_ledgers, store_arguments


def main() -> None:
    run_module(
        show_ledger,
        argument_spec={
            "portal": {"type": "str", "required": True},
            **store_arguments(),
            "last": {"type": "int", "default": 20},
            "verify": {"type": "bool", "default": True},
            **other_ledgers(),
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
