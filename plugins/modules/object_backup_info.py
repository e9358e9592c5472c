#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: object_backup_info
short_description: List the snapshots of a portal's buckets over all destinations
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Reads the catalog of all destinations and says of each snapshot whether it is complete, partial or damaged, and when it was last proven.
  - A snapshot is damaged in a destination that lacks a content which it needs, or has one of another size.
  - What a killed run of M(holdfast.webops.object_backup) leaves is no snapshot and is not listed.
requirements:
  - pyrage (Python library) or age (program), for O(verify=full) of encrypted backups
extends_documentation_fragment:
  - holdfast.webops.store.destinations
  - holdfast.webops.backup.signers
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Looking changes nothing.
  diff_mode:
    description: Says in diff mode what changed.
    support: none
    details: There is nothing to compare.
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  name:
    description: Which bucket of the portal. Left out, it is all of them.
    type: str
  verify:
    description:
      - V(sizes) compares the sizes of contents with what the snapshots say; listings and indexes are all it takes.
      - V(quick) reads each stored content and compares its SHA-256. What several snapshots share is read once for each destination.
      - V(full) also decrypts it, and compares it with what was read from the source. It needs O(identity_file) for encrypted backups.
      - V(quick) and V(full) download everything that they look at, from every destination, so limit them with O(newest).
      - That a restore equals its source is shown by M(holdfast.webops.object_restore) with
        O(holdfast.webops.object_restore#module:state=proven).
    type: str
    choices: [sizes, quick, full]
    default: sizes
  newest:
    description: How many snapshots to list, the newest first. Left out, it is all.
    type: int
  identity_file:
    description: For O(verify=full), path of the file with the age secret key, readable by its owner alone.
    type: path
  jobs:
    description: How many contents are read at once.
    type: int
    default: 8
  wait_timeout:
    description: How long the reading may take, in seconds.
    type: int
    default: 14400
seealso:
  - module: holdfast.webops.object_backup
  - module: holdfast.webops.object_restore
  - module: holdfast.webops.backup_retention
"""

EXAMPLES = r"""
- name: List the snapshots of the documents
  holdfast.webops.object_backup_info:
    portal: orders
    name: application-documents
    destinations:
      - store: s3://holdfast-backups/production
        region: eu-central-1
      - store: gs://holdfast-backups/production
  register: catalog

- name: Read every content of the newest snapshot in every destination
  holdfast.webops.object_backup_info:
    portal: orders
    name: application-documents
    destinations: "{{ orders_destinations }}"
    verify: quick
    newest: 1
"""

RETURN = r"""
backups:
  description: All snapshots, the newest first, each with all that is in RV(holdfast.webops.object_backup#module:backup).
  returned: success
  type: list
  elements: dict
  sample: [{"id": "20261121T030000Z-1a2b3c", "name": "application-documents", "state": "complete", "at": "2026-11-21T03:00:00Z"}]
latest:
  description: Id of the newest snapshot of which at least one copy is undamaged, V(null) where there is none.
  returned: success
  type: str
  sample: 20261121T030000Z-1a2b3c
latest_proven:
  description: Id of the newest of them that has a proof, V(null) where there is none.
  returned: success
  type: str
  sample: 20261120T030000Z-0d9e8f
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.looking import look
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SIGNERS_ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import destination_arguments


def main() -> None:
    run_module(
        look,
        argument_spec={
            **destination_arguments(),
            **SIGNERS_ARGUMENTS,
            "portal": {"type": "str", "required": True},
            "name": {"type": "str"},
            "verify": {"type": "str", "choices": ["sizes", "quick", "full"], "default": "sizes"},
            "newest": {"type": "int"},
            "identity_file": {"type": "path"},
            "jobs": {"type": "int", "default": 8},
            "wait_timeout": {"type": "int", "default": 14400},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
