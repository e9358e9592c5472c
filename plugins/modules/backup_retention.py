#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_retention
short_description: Remove the backups of a portal that its policy does not keep
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Keeps a backup when at least one rule of the policy wants it, and removes the others from all destinations.
  - Whatever the policy says, these are never removed; the newest undamaged backup of each destination, the newest proven one, one whose
    manifest cannot be read (such as one of a newer version), one that the service has locked, and objects that others wrote.
  - Damaged backups count for O(keep_days) alone, so that nobody relies on them.
  - Also removes what killed runs left behind, after O(grace); objects without a manifest, and parts of uploads that were never completed.
  - Every destination must be readable, because what cannot be seen could be a reason to keep something.
requirements:
  - boto3 (Python library), for locks and unfinished uploads in stores on S3
extends_documentation_fragment:
  - holdfast.webops.store.destinations
  - holdfast.webops.backup.signers
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Where something old lies without a manifest, an empty object is written and removed, to learn the time of the store.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows the backups and leftovers before and after.
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  kind:
    description:
      - Which backups of the portal, those of M(holdfast.webops.pg_backup) (V(database)) or of M(holdfast.webops.config_backup)
        (V(configuration)), or of M(holdfast.webops.object_backup) (V(objects)). The policy applies to each
        O(holdfast.webops.config_backup#module:name) and O(holdfast.webops.object_backup#module:name) by itself.
      - With V(objects), contents are removed when no snapshot needs them any more. They stay while a backup of a bucket of this portal is
        running; the next run takes them then.
    type: str
    choices: [database, configuration, objects]
    default: database
  keep_last:
    description: Keep so many of the newest backups.
    type: int
  keep_hourly:
    description: For so many hours in which there are backups, keep the newest of each. All periods are those of UTC.
    type: int
  keep_daily:
    description: The same for days.
    type: int
  keep_weekly:
    description: The same for weeks, which begin on Monday.
    type: int
  keep_monthly:
    description: The same for months.
    type: int
  keep_yearly:
    description: The same for years.
    type: int
  keep_days:
    description: Keep every backup that is not older than so many days, for example 30, 90 or 365.
    type: int
  grace:
    description:
      - How old leftovers must be, in seconds, by the clocks of the store, of the host that wrote them and of this host.
      - It must be longer than the longest backup takes.
    type: int
    default: 86400
seealso:
  - module: holdfast.webops.pg_backup
  - module: holdfast.webops.pg_backup_info
  - module: holdfast.webops.config_backup
  - module: holdfast.webops.object_backup
"""

EXAMPLES = r"""
- name: Keep 30 days, and a backup of each of the last 12 months
  holdfast.webops.backup_retention:
    portal: orders
    keep_days: 30
    keep_monthly: 12
    destinations:
      - store: file:///srv/backups
      - store: s3://holdfast-backups/production
        region: eu-central-1

- name: Keep the configuration for a year
  holdfast.webops.backup_retention:
    portal: orders
    kind: configuration
    keep_days: 365
    destinations: "{{ orders_destinations }}"

- name: Keep what was in the buckets for 90 days
  holdfast.webops.backup_retention:
    portal: orders
    kind: objects
    keep_days: 90
    destinations: "{{ orders_destinations }}"

- name: See what would go
  holdfast.webops.backup_retention:
    portal: orders
    keep_daily: 7
    keep_weekly: 4
    destinations: "{{ orders_destinations }}"
  check_mode: true
  diff: true
"""

RETURN = r"""
kept:
  description: What stays, the newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The backup.
      type: str
      sample: 20261121T223000Z-1a2b3c
    at:
      description: Moment of its snapshot.
      type: str
      sample: "2026-11-21T22:30:01Z"
    reasons:
      description: The rules that keep it, and what else does.
      type: list
      elements: str
      sample: ["keep_days: 30", "the newest proven one"]
removed:
  description: What was removed, or would be in check mode, the newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The backup.
      type: str
      sample: 20261001T223000Z-0d9e8f
    at:
      description: Moment of its snapshot.
      type: str
      sample: "2026-10-01T22:30:01Z"
    stores:
      description: Where it was.
      type: list
      elements: str
      sample: ["file:///srv/backups", "s3://holdfast-backups/production"]
orphans:
  description: Leftovers of killed runs that were removed, or would be.
  returned: success
  type: list
  elements: dict
  contains:
    store:
      description: Where it was.
      type: str
      sample: file:///srv/backups
    key:
      description: The object.
      type: str
      sample: orders/backups/20261120T223000Z-7a8b9c/database.dump.age
    size:
      description: Its size in bytes; 0 for an upload, whose parts services do not add up.
      type: int
      sample: 302600000
    upload:
      description: Whether it is an upload that was never completed.
      type: bool
      sample: false
contents_removed:
  description: With O(kind=objects), stored contents that were removed, or would be, in all destinations together.
  returned: success
  type: int
  sample: 0
freed_bytes:
  description: Size of all that was removed, or would be.
  returned: success
  type: int
  sample: 605200000
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import CONFIGURATION, DATABASE, OBJECTS
from ansible_collections.holdfast.webops.plugins.module_utils._backup.retaining import retain
from ansible_collections.holdfast.webops.plugins.module_utils._backup.retention import RULES
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SIGNERS_ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import destination_arguments


def main() -> None:
    run_module(
        retain,
        argument_spec={
            **destination_arguments(),
            **SIGNERS_ARGUMENTS,
            **{rule: {"type": "int"} for rule in RULES},
            "portal": {"type": "str", "required": True},
            "kind": {"type": "str", "choices": [DATABASE, CONFIGURATION, OBJECTS], "default": DATABASE},
            "grace": {"type": "int", "default": 86400},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
