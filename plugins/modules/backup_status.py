#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_status
short_description: Say whether the backups of a portal are as their policies want them
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Holds the backups and proofs that the ledger remembers against limits. A backup that nobody made is found like one that failed.
  - It does not look into the stores; M(holdfast.webops.pg_backup_info) and its like do.
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Looking changes nothing. It writes no O(page).
  diff_mode:
    description: Says in diff mode what changed.
    support: none
    details: There is nothing to compare.
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  policies:
    description: What is judged, as P(holdfast.webops.backup_policies#filter) gives it in C(watched).
    type: list
    elements: dict
    required: true
    suboptions:
      policy:
        description: Name of the policy.
        type: str
        required: true
      kind:
        description: What it backs up. Backups that a deploy made are of the policies of kind V(database).
        type: str
        choices: [database, objects, configuration]
        required: true
      part:
        description: Which of several buckets.
        type: str
        default: ""
      late_hours:
        description: The newest good backup must be younger. Left out, it may be of any age.
        type: float
      proof_hours:
        description: The newest proof must be younger. Left out, there need not be one.
        type: float
      grew:
        description: The newest backup may be so many times as large as the median of those before it. V(0) for any size.
        type: float
        default: 3.0
      shrank:
        description: It may be this part of it. V(0) for any size.
        type: float
        default: 0.5
      of_last:
        description: How many backups before it count. With fewer than three no size is judged.
        type: int
        default: 7
  page:
    description: File that gets all of it as one HTML page, with the sizes of the backups over time. It needs nothing from elsewhere.
    type: path
extends_documentation_fragment:
  - holdfast.webops.store
seealso:
  - module: holdfast.webops.release_ledger
  - module: holdfast.webops.pg_backup_info
"""

EXAMPLES = r"""
- name: See whether the database of the orders portal is backed up daily and proven weekly
  holdfast.webops.backup_status:
    portal: orders
    store: s3://company-releases/production
    store_options:
      region: eu-central-1
    policies:
      - {policy: database, kind: database, late_hours: 26, proof_hours: 192}
  register: backups

- name: Fail when it is not
  ansible.builtin.assert:
    that: backups.alerts | length == 0
    fail_msg: "{{ backups.lines | join(' ') }}"
"""

RETURN = r"""
policies:
  description: What was found of each.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The policy, and its part where it has several.
      type: str
      sample: database
    policy:
      description: The policy.
      type: str
      sample: database
    kind:
      description: What it backs up.
      type: str
      sample: database
    newest:
      description: The newest good backup, V(null) where there is none.
      type: dict
      sample: {"backup_id": 20261121T223000Z-1a2b3c, "at": "2026-11-21T22:30:01Z", "bytes": 302600000}
    proof:
      description: The newest proof, V(null) where there is none.
      type: dict
      sample: {"backup_id": 20261121T223000Z-1a2b3c, "at": "2026-11-22T03:00:09Z", "bytes": 12000000000, "duration_s": 240.5}
    failure:
      description: The last run, where it failed, else V(null).
      type: dict
      sample: {"at": "2026-11-22T02:00:11Z", "reason": "pg_dump ended with exit code 1."}
    says:
      description: The same in a sentence.
      type: str
      sample: "newest backup: 5 hours ago, 302.6 MB; last proven restore: 3 hours ago, 12.0 GB in 4 min 0 s."
alerts:
  description: What is not as it should be, empty when all is well.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The policy, and its part where it has several.
      type: str
      sample: database
    policy:
      description: The policy.
      type: str
      sample: database
    alert:
      description: V(late), V(unproven), V(grew) or V(shrank).
      type: str
      sample: late
    severity:
      description: V(error) or V(warning).
      type: str
      sample: error
    says:
      description: A sentence.
      type: str
      sample: the newest good backup is of 2026-11-20T02:00:09Z, 44 hours ago; the limit is 26 hours.
page:
  description: The page, V(null) where none was wanted.
  returned: success
  type: str
  sample: /srv/shop/backups.html
lines:
  description: All of it for a person, one line each.
  returned: success
  type: list
  elements: str
  sample: ["database: newest backup: 5 hours ago, 302.6 MB; last proven restore: 3 hours ago, 12.0 GB in 4 min 0 s."]
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.limits import POLICY
from ansible_collections.holdfast.webops.plugins.module_utils._backup.status import show_status
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import store_arguments


def main() -> None:
    run_module(
        show_status,
        argument_spec={
            **store_arguments(),
            "portal": {"type": "str", "required": True},
            "policies": {"type": "list", "elements": "dict", "required": True, "options": POLICY},
            "page": {"type": "path"},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
