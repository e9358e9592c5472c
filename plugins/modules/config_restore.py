#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config_restore
short_description: List an archive of a portal's configuration, or put it back into a folder
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Fetches an archive of M(holdfast.webops.config_backup) from the first destination that has it undamaged, decrypts it, compares every
    file with its digest, and unpacks it into a folder of its own. From there a person or a task puts what is needed into its place.
  - Nothing reaches O(dest) before all of it was found to be what was written, and then all of it at once.
  - What the archive says is not trusted. Names that would leave the folder, files behind links, and devices are refused.
extends_documentation_fragment:
  - holdfast.webops.store.destinations
  - holdfast.webops.backup.signers
requirements:
  - age (program) or pyrage (Python library), for encrypted archives
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Fetches and reads the whole archive, and unpacks nothing.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows the names of the files.
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  name:
    description: What to restore, the O(holdfast.webops.config_backup#module:name) of the backup.
    type: str
    default: main
  state:
    description: V(restored) unpacks into O(dest), V(listed) says what is in the archive.
    type: str
    choices: [restored, listed]
    default: restored
  backup:
    description:
      - Which one; V(latest), an id, or a time such as V(2026-11-22T01:00:00Z), which means the newest one from before it.
    type: str
    default: latest
  dest:
    description:
      - With O(state=restored), absolute path of a folder that is empty or absent, in one that exists. A new one is open to its owner alone.
      - One that holds the backup already is left as it is.
    type: path
  same_owner:
    description:
      - Give files their owners and groups, by name where this host knows them, else by number, and the special bits of their modes. Only
        root can.
      - Otherwise they belong to the user of the task.
    type: bool
    default: false
  identity_file:
    description: Path of the file with the age secret key, readable by its owner alone. Needed for encrypted archives.
    type: path
  scratch_dir:
    description:
      - Directory for the decrypted archive, in a file without a name.
      - Left out, it is the system's directory for temporary files.
    type: path
  wait_timeout:
    description: How long it may take, in seconds.
    type: int
    default: 3600
seealso:
  - module: holdfast.webops.config_backup
  - module: holdfast.webops.config_backup_info
"""

EXAMPLES = r"""
- name: Unpack the newest archive of a host's configuration
  holdfast.webops.config_restore:
    portal: orders
    name: web1
    dest: /root/configuration
    identity_file: /root/backup.key
    destinations:
      - store: s3://holdfast-backups/production
        region: eu-central-1

- name: Put one folder back
  ansible.builtin.copy:
    src: /root/configuration/files/etc/nginx/
    dest: /etc/nginx/
    remote_src: true
    mode: preserve
"""

RETURN = r"""
backup:
  description: The archive that was read, with all that is in RV(holdfast.webops.config_backup#module:backup).
  returned: success
  type: dict
  sample: {"id": "20261122T010000Z-1a2b3c", "name": "web1", "state": "complete", "at": "2026-11-22T01:00:00Z"}
folder:
  description: Where it was unpacked, V(null) with O(state=listed).
  returned: success
  type: str
  sample: /root/configuration
files:
  description: All that is in it.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Where it lies below O(dest).
      type: str
      sample: files/etc/nginx/nginx.conf
    type:
      description: V(file), V(directory) or V(link).
      type: str
      sample: file
    mode:
      description: Its mode.
      type: str
      sample: "0644"
    owner:
      description: Its owner.
      type: str
      sample: root
    group:
      description: Its group.
      type: str
      sample: root
    size:
      description: Size of a file in bytes.
      type: int
      sample: 1482
    target:
      description: What a link names, else V(null).
      type: str
      sample: ../sites-available/orders
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.restoring import restore
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SIGNERS_ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import destination_arguments


def main() -> None:
    run_module(
        restore,
        argument_spec={
            **destination_arguments(),
            **SIGNERS_ARGUMENTS,
            "portal": {"type": "str", "required": True},
            "name": {"type": "str", "default": "main"},
            "state": {"type": "str", "choices": ["restored", "listed"], "default": "restored"},
            "backup": {"type": "str", "default": "latest"},
            "dest": {"type": "path"},
            "same_owner": {"type": "bool", "default": False},
            "identity_file": {"type": "path"},
            "scratch_dir": {"type": "path"},
            "wait_timeout": {"type": "int", "default": 3600},
        },
        required_if=[("state", "restored", ["dest"])],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
