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
  description: All backups, the newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its name, which starts with the moment it was begun.
      type: str
      sample: 20261121T223000Z-1a2b3c
    portal:
      description: The portal.
      type: str
      sample: orders
    state:
      description: V(complete), V(partial) when a destination lacks it, V(damaged) when a copy is not what was written.
      type: str
      sample: complete
    at:
      description: Moment of the snapshot, the recovery point.
      type: str
      sample: "2026-11-21T22:30:01Z"
    database:
      description: Name of the database.
      type: str
      sample: orders
    server_version:
      description: Version of its server.
      type: str
      sample: "17.10"
    size:
      description: Size of the archive in bytes.
      type: int
      sample: 302600000
    sha256:
      description: SHA-256 of the archive as stored.
      type: str
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    encrypted:
      description: Whether a secret key is needed to read it.
      type: bool
      sample: true
    fingerprint:
      description: What of the content was noted, V(hash), V(counts) or V(none).
      type: str
      sample: hash
    tables:
      description: Number of tables in the fingerprint.
      type: int
      sample: 12
    rows:
      description: Number of rows in them.
      type: int
      sample: 6130200
    duration_s:
      description: How long it took, in seconds.
      type: float
      sample: 8.1
    copies:
      description: The stores that hold it, and what is wrong there, V(null) where nothing was found.
      type: list
      elements: dict
      sample: [{"store": "s3://holdfast-backups/production", "damage": null}]
    missing:
      description: The destinations that lack it.
      type: list
      elements: str
      sample: []
    restore_by_hand:
      description: Command lines for a person who restores it next to the downloaded archive.
      type: list
      elements: str
      sample: ["age --decrypt --identity KEYFILE --output database.dump database.dump.age", "createdb --template=template0 NEWDB"]
    proof:
      description: The newest proof that a restore was equal to the source, V(null) while there is none.
      type: dict
      sample: {"id": "proof-20261122T030000Z-4d5e6f", "at": "2026-11-22T03:00:09Z", "equal": true, "tables": 12, "rows": 6130200}
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
