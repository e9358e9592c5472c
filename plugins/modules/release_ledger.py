#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_ledger
short_description: Write what happened to a portal into its ledger
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - The ledger of a portal is the append-only memory of its releases, backups, proofs, restores and approvals. It is kept in an object
    store, one object C(<portal>/ledger/<12-digit number>.json) per entry, and needs no server and no state on the controller.
  - Each entry carries the hash of the one before, so that an edit, a gap or another order is found. Nothing is written to, or decided on,
    a ledger whose chain is broken.
  - An entry is written by a conditional put; when another run wrote at the same time, this one continues after it.
  - With O(fencing), the lease of the portal is checked before and renewed after writing. A run that was fenced off is refused.
  - With O(lease), it is taken with the first entries of a run, or given back with the last ones, in the same task.
  - Values under keys that look like secrets, and passwords in URLs, are replaced by C(********) before they are written, with a warning.
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Nothing is written; RV(entries) and RV(state) say what a real run would give.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows the entries that are appended.
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  entries:
    description: What to write, in this order. An empty list writes nothing and only renews the lease.
    type: list
    elements: dict
    required: true
    suboptions:
      event:
        description:
          - What happened.
          - C(release.opened), C(release.live), C(release.completed), C(release.failed) for a release.
          - C(<step>.started), C(<step>.completed), C(<step>.failed) for a step of its course, which is one of C(backup), C(expand),
            C(stage), C(verify), C(shift), C(contract), C(retire), C(undo).
          - C(rollback.started), C(rollback.completed), C(rollback.failed) for the release that is left, with the id of the other one in
            C(data.to).
          - C(approval.granted) for what O(entries[].data) describes, and C(approval.withdrawn) by who granted it.
          - C(backup.recorded), C(proof.recorded), C(restore.completed), C(rehearsal.completed).
          - C(recovery.started), C(recovery.resumed), C(recovery.stepped), C(recovery.completed) for a recovery from a disaster.
        type: str
        required: true
      release:
        description: Id of the release. Required for the events of a release.
        type: str
      data:
        description:
          - What belongs to the event.
          - C(release.opened) needs C(release) (a dict with C(version), C(commit), C(artifact_sha256)), and should have C(slot) and
            C(replaces); events of C(shift) need C(percent); C(contract.completed) should have C(applied), the list of migrations that ran.
          - An approval needs C(version) and C(reason), and should have C(commit) or C(artifact_sha256).
            C(approval.granted) needs C(expires_at).
        type: dict
      once:
        description:
          - Do not write it when the ledger has this event of this release already. Makes a task repeatable.
          - Where O(entries[].data) names a C(backup_id), it is this event of this backup, whichever release it was made for.
        type: bool
        default: false
  owner:
    description:
      - Who writes; it becomes C(by) of the entries. Left out, it is C(user@host).
      - With O(fencing), it must be the holder of the lease.
    type: str
  fencing:
    description: Number of the lease that M(holdfast.webops.release_lease) returned. Left out, no lease is asked for.
    type: int
  fencing_above:
    description:
      - With O(lease=taken), the lease gets a number above this one, usually the highest that the platform has seen. Somebody who acted
        there without the store, as the script C(roll-back) on a router's host, left one that no lease ever had.
    type: int
    default: 0
  lease:
    description:
      - V(kept) renews the lease that is held under O(fencing).
      - V(taken) takes it before writing, for O(purpose), as M(holdfast.webops.release_lease) does; when the writing fails, it is given
        back. RV(fencing) is its number.
      - V(freed) gives it back after writing.
    type: str
    choices: [kept, taken, freed]
    default: kept
  purpose:
    description: What for, shown to those who have to wait. Needed for O(lease=taken).
    type: str
  ttl:
    description: How long the taken or renewed lease lasts, in seconds; at least 5.
    type: int
    default: 900
  decided_on:
    description:
      - Number of the newest entry that was there when the caller decided what to do, from
        RV(holdfast.webops.release_ledger_info#module:chain).
      - The task fails, before anything is written, when somebody wrote an event of a release, or withdrew an approval, after it.
      - With O(lease=taken), no run acts on what another one has changed between its reading and its taking of the lease.
    type: int
extends_documentation_fragment:
  - holdfast.webops.store
seealso:
  - module: holdfast.webops.release_lease
  - module: holdfast.webops.release_ledger_info
  - plugin: holdfast.webops.release_course
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Open a release and note the first step
  holdfast.webops.release_ledger:
    portal: orders
    store: s3://company-releases/production
    store_options:
      region: eu-central-1
    fencing: "{{ lease.lease.fencing }}"
    entries:
      - event: release.opened
        release: 1.1.0-20261121T223000Z
        once: true
        data:
          release: {version: 1.1.0, commit: 3f2c1ab, artifact_sha256: "{{ artifact_sha256 }}"}
          slot: green
          replaces: 1.0.0-20261120T101500Z
      - event: backup.started
        release: 1.1.0-20261121T223000Z

- name: Take the lease and open a release, in one task
  holdfast.webops.release_ledger:
    portal: orders
    store: s3://company-releases/production
    owner: awx deploy-orders
    lease: taken
    purpose: deploy 1.1.0
    entries:
      - event: release.opened
        release: 1.1.0-20261121T223000Z
        data:
          release: {version: 1.1.0, commit: 3f2c1ab, artifact_sha256: "{{ artifact_sha256 }}"}
          slot: green

- name: Approve a release for production
  holdfast.webops.release_ledger:
    portal: orders
    store: s3://company-releases/production
    owner: maria@company.example
    entries:
      - event: approval.granted
        data:
          version: 1.1.0
          artifact_sha256: "{{ artifact_sha256 }}"
          reason: Accepted in CHG-1042.
          expires_at: "2026-11-23T00:00:00Z"
"""

RETURN = r"""
entries:
  description: The entries that were appended.
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
head:
  description: The newest entry.
  returned: success
  type: dict
  contains:
    number:
      description: Its number, 0 in an empty ledger.
      returned: always
      type: int
      sample: 17
    hash:
      description: Its hash, null in an empty ledger.
      returned: always
      type: str
      sample: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
fencing:
  description: Number of the lease that it was written under, null without one.
  returned: success
  type: int
  sample: 42
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
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._release.record import record_entries
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import store_arguments

ENTRY = {
    "event": {"type": "str", "required": True},
    "release": {"type": "str"},
    "data": {"type": "dict"},
    "once": {"type": "bool", "default": False},
}


def main() -> None:
    run_module(
        record_entries,
        argument_spec={
            "portal": {"type": "str", "required": True},
            **store_arguments(),
            "entries": {"type": "list", "elements": "dict", "required": True, "options": ENTRY},
            "owner": {"type": "str"},
            "fencing": {"type": "int"},
            "fencing_above": {"type": "int", "default": 0},
            "lease": {"type": "str", "choices": ["kept", "taken", "freed"], "default": "kept"},
            "purpose": {"type": "str"},
            "ttl": {"type": "int", "default": 900},
            "decided_on": {"type": "int"},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
