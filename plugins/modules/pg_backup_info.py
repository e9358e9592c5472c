#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pg_backup_info
short_description: List the backups of a portal over all destinations
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Reads the catalog of all destinations and says of each backup whether it is complete, partial or damaged, and when it was last proven.
  - Objects without a manifest, as a killed run of M(holdfast.webops.pg_backup) may leave, are no backup and are not listed.
  - A destination that cannot be read is a warning, as long as another one can be.
extends_documentation_fragment:
  - holdfast.webops.store.destinations
  - holdfast.webops.backup.signers
  - holdfast.webops.postgres.programs
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
  verify:
    description:
      - V(sizes) compares the size of each stored object with its manifest; a listing is all it takes.
      - V(quick) reads each object and compares its SHA-256.
      - V(full) also decrypts each archive and lets pg_restore read it to its end. It needs O(identity_file) for encrypted backups.
      - V(quick) and V(full) download everything that they look at, from every destination, so limit them with O(newest).
      - That a restore equals its source is more than this, and is shown by M(holdfast.webops.pg_restore) with
        O(holdfast.webops.pg_restore#module:state=proven).
    type: str
    choices: [sizes, quick, full]
    default: sizes
  newest:
    description: How many backups to list, the newest first. Left out, it is all.
    type: int
  identity_file:
    description: For O(verify=full), path of the file with the age secret key, readable by its owner alone.
    type: path
  scratch_dir:
    description:
      - For O(verify=full), directory to unpack an archive of the directory format in.
      - Left out, it is the system's directory for temporary files.
    type: path
  wait_timeout:
    description: For O(verify=full), how long the reading may take, in seconds.
    type: int
    default: 14400
seealso:
  - module: holdfast.webops.pg_backup
  - module: holdfast.webops.pg_restore
  - module: holdfast.webops.backup_retention
"""

EXAMPLES = r"""
- name: List the backups of the orders portal
  holdfast.webops.pg_backup_info:
    portal: orders
    destinations:
      - store: file:///srv/backups
      - store: s3://holdfast-backups/production
        region: eu-central-1
  register: catalog

- name: Read the newest backup in every destination to its end
  holdfast.webops.pg_backup_info:
    portal: orders
    destinations: "{{ orders_destinations }}"
    verify: full
    newest: 1
    identity_file: /etc/holdfast/backup.key

- name: Fail when none was proven yet
  ansible.builtin.assert:
    that: catalog.latest_proven is not none
"""

RETURN = r"""
backups:
  description: All backups, the newest first, each with all that is in RV(holdfast.webops.pg_backup#module:backup).
  returned: success
  type: list
  elements: dict
  sample: [{"id": "20261121T223000Z-1a2b3c", "database": "orders", "state": "complete", "at": "2026-11-21T22:30:01Z"}]
latest:
  description: Id of the newest backup of which at least one copy is undamaged, V(null) where there is none.
  returned: success
  type: str
  sample: 20261121T223000Z-1a2b3c
latest_proven:
  description: Id of the newest of them that has a proof, V(null) where there is none.
  returned: success
  type: str
  sample: 20261120T223000Z-0d9e8f
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.looking import look
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SIGNERS_ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import destination_arguments


def main() -> None:
    run_module(
        look,
        argument_spec={
            **destination_arguments(),
            "portal": {"type": "str", "required": True},
            **SIGNERS_ARGUMENTS,
            "verify": {"type": "str", "choices": ["sizes", "quick", "full"], "default": "sizes"},
            "newest": {"type": "int"},
            "identity_file": {"type": "path"},
            "pg_bin_dir": {"type": "path"},
            "scratch_dir": {"type": "path"},
            "wait_timeout": {"type": "int", "default": 14400},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
