#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: object_restore
short_description: Restore the snapshot of a bucket, or prove that it can be restored
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Writes the objects of a snapshot into a bucket or prefix, with their attributes where it keeps any. Objects that it has already, with
    equal content and attributes, are left alone, so that a second run changes nothing and one that was killed is finished by the next.
    To know that, objects of the same size are read; what was written is read back too.
  - With O(state=proven) the snapshot is restored into a place that is emptied again, listed, read back and compared with what was read from
    the source. The proof is written beside the manifest in every destination that holds the snapshot.
  - A content is fetched from the first destination where it is what was written; a damaged copy never gets an object's name. A
    destination that cannot be read is a warning, as long as another one can be.
  - The bucket must exist. A V(file://) target keeps no attributes, and cannot hold a name that is also the folder of another one.
requirements:
  - pyrage (Python library) or age (program), for encrypted backups
  - boto3 (Python library), for a bucket on S3 or a server that speaks its protocol, such as Supabase Storage
extends_documentation_fragment:
  - holdfast.webops.store.target
  - holdfast.webops.store.destinations
  - holdfast.webops.backup.signers
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Reads the snapshot and what the target has of it; says what would be written, replaced and removed.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows how many objects of the target are as in the snapshot, absent, and different.
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  name:
    description: Which bucket of the portal, see O(holdfast.webops.object_backup#module:name).
    type: str
    required: true
  state:
    description:
      - V(restored) makes O(target) hold what the snapshot has.
      - V(proven) restores into O(target), or where that is left out into a private folder in O(scratch_dir), compares it, and removes it.
        O(target) must be empty then.
      - V(rehearsed) does what V(proven) does, each time anew, and may take an older snapshot, see O(fallbacks).
    type: str
    choices: [restored, proven, rehearsed]
    default: restored
  backup:
    description:
      - Which snapshot, V(latest), V(latest_proven), an id, or a time such as V(2026-11-21T22:30:00Z) for the newest one from before it.
    type: str
    default: latest
  prefix:
    description: Restore only objects whose keys begin with this. It stays part of their keys.
    type: str
    default: ""
  confirm:
    description:
      - The URL of the target, as in O(target.store). Needed where the target is not empty and would change.
      - A target among the backups of a destination is refused all the same.
    type: str
  remove_others:
    description: Also remove what the target has and the snapshot lacks, below O(prefix). It needs O(confirm).
    type: bool
    default: false
  identity_file:
    description: Path of the file with the age secret key, readable by its owner alone. Needed for encrypted backups.
    type: path
  jobs:
    description: How many objects are restored at once.
    type: int
    default: 8
  proof_max_age:
    description: For O(state=proven), make no new proof while one is younger than this, in seconds. Left out, any proof will do.
    type: int
  fallbacks:
    description: With O(state=rehearsed), how many older snapshots may be tried when one cannot be restored.
    type: int
    default: 0
  scratch_dir:
    description: For O(state=proven) and O(state=rehearsed), directory for the private folder. Left out, it is the system's directory for
      temporary files.
    type: path
  wait_timeout:
    description: How long it may take, in seconds.
    type: int
    default: 14400
seealso:
  - module: holdfast.webops.object_backup
  - module: holdfast.webops.object_backup_info
"""

EXAMPLES = r"""
- name: Restore the documents as they were on Saturday evening into an empty bucket
  holdfast.webops.object_restore:
    portal: orders
    name: application-documents
    backup: "2026-11-21T22:00:00Z"
    identity_file: /etc/holdfast/backup.key
    destinations: "{{ orders_destinations }}"
    target:
      store: s3://application-documents-restored
      region: eu-central-1

- name: Bring one customer's documents back into the bucket in use
  holdfast.webops.object_restore:
    portal: orders
    name: application-documents
    prefix: customers/4711/
    identity_file: /etc/holdfast/backup.key
    destinations: "{{ orders_destinations }}"
    target:
      store: s3://application-documents
      region: eu-central-1
    confirm: s3://application-documents

- name: Prove the newest snapshot once a week
  holdfast.webops.object_restore:
    state: proven
    portal: orders
    name: application-documents
    proof_max_age: 604800
    identity_file: /etc/holdfast/backup.key
    destinations: "{{ orders_destinations }}"
"""

RETURN = r"""
backup:
  description: The snapshot that was chosen, with all that is in RV(holdfast.webops.object_backup#module:backup).
  returned: success
  type: dict
  sample: {"id": "20261121T030000Z-1a2b3c", "name": "application-documents", "state": "complete", "at": "2026-11-21T03:00:00Z"}
plan:
  description: What was done, or would be in check mode.
  returned: success
  type: dict
  contains:
    objects:
      description: Objects of the snapshot that were asked for.
      type: int
      sample: 5120
    write:
      description: Objects that the target lacked.
      type: int
      sample: 5108
    write_bytes:
      description: Size of all that is written, with what is replaced.
      type: int
      sample: 1203000000
    replace:
      description: Objects that the target had differently.
      type: int
      sample: 2
    remove:
      description: Objects that only the target had.
      type: int
      sample: 0
    unchanged:
      description: Objects that the target had already.
      type: int
      sample: 10
proof:
  description: The newest proof of the snapshot with O(state=proven) or O(state=rehearsed), V(null) while there is none.
  returned: success
  type: dict
  contains:
    id:
      description: Its name.
      type: str
      sample: proof-20261122T040000Z-4d5e6f
    at:
      description: When the comparison ended.
      type: str
      sample: "2026-11-22T04:00:09Z"
    equal:
      description: Always true; what is not equal gets no proof, and the task fails.
      type: bool
      sample: true
    objects:
      description: Objects that were restored and compared.
      type: int
      sample: 5120
    bytes:
      description: Size of them.
      type: int
      sample: 1204000000
    target:
      description: The bucket that it was restored into, V(null) for a private folder.
      type: str
      sample: null
    duration_s:
      description: How long it took, in seconds.
      type: float
      sample: 41.2
rehearsal:
  description: With O(state=rehearsed), what it showed. V(null) in check mode and with the other states.
  returned: success
  type: dict
  contains:
    ended:
      description: When it ended.
      type: str
      sample: "2026-11-22T04:00:09.123456Z"
    seconds:
      description: How long restoring and comparing took.
      type: float
      sample: 41.2
    samples:
      description: C(sha256) and C(size) of some of the objects that were compared.
      type: list
      elements: dict
      sample: [{"sha256": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9", "size": 1}]
    passed_over:
      description: Newer snapshots that could not be restored, each with C(backup) and C(reason).
      type: list
      elements: dict
      sample: []
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.restoring import run
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SIGNERS_ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import bucket_arguments, destination_arguments


def main() -> None:
    run_module(
        run,
        argument_spec={
            **bucket_arguments("target", required=False),
            **destination_arguments(),
            **SIGNERS_ARGUMENTS,
            "portal": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["restored", "proven", "rehearsed"], "default": "restored"},
            "backup": {"type": "str", "default": "latest"},
            "prefix": {"type": "str", "default": ""},
            "confirm": {"type": "str"},
            "remove_others": {"type": "bool", "default": False},
            "identity_file": {"type": "path"},
            "jobs": {"type": "int", "default": 8},
            "proof_max_age": {"type": "int"},
            "fallbacks": {"type": "int", "default": 0},
            "scratch_dir": {"type": "path"},
            "wait_timeout": {"type": "int", "default": 14400},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
