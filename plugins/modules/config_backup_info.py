#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config_backup_info
short_description: List the archives of a portal's configuration over all destinations
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Reads the catalog of all destinations and says of each archive whether it is complete, partial or damaged.
  - Objects without a manifest, as a killed run of M(holdfast.webops.config_backup) may leave, are no backup and are not listed.
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
    description: List those of one O(holdfast.webops.config_backup#module:name) only. Left out, it is all.
    type: str
  verify:
    description:
      - V(sizes) compares the size of each stored object with its manifest; a listing is all it takes.
      - V(quick) reads each object and compares its SHA-256.
      - V(full) also decrypts each archive and compares every file in it with its digest. It needs O(identity_file) for encrypted ones.
    type: str
    choices: [sizes, quick, full]
    default: sizes
  newest:
    description: How many to list, the newest first. Left out, it is all.
    type: int
  identity_file:
    description: For O(verify=full), path of the file with the age secret key, readable by its owner alone.
    type: path
  scratch_dir:
    description:
      - For O(verify=full), directory for the decrypted archive, in a file without a name.
      - Left out, it is the system's directory for temporary files.
    type: path
  wait_timeout:
    description: For O(verify=full), how long the reading may take, in seconds.
    type: int
    default: 3600
seealso:
  - module: holdfast.webops.config_backup
  - module: holdfast.webops.config_restore
  - module: holdfast.webops.backup_retention
"""

EXAMPLES = r"""
- name: Read the newest archive of a host's configuration to its end
  holdfast.webops.config_backup_info:
    portal: orders
    name: web1
    verify: full
    newest: 1
    identity_file: /etc/holdfast/backup.key
    destinations: "{{ orders_destinations }}"
"""

RETURN = r"""
backups:
  description: All archives, the newest first, each with all that is in RV(holdfast.webops.config_backup#module:backup).
  returned: success
  type: list
  elements: dict
  sample: [{"id": "20261122T010000Z-1a2b3c", "name": "web1", "state": "complete", "at": "2026-11-22T01:00:00Z"}]
latest:
  description: Id of the newest one of which at least one copy is undamaged, V(null) where there is none.
  returned: success
  type: str
  sample: 20261122T010000Z-1a2b3c
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.listing import look
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
            "scratch_dir": {"type": "path"},
            "wait_timeout": {"type": "int", "default": 3600},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
