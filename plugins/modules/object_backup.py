#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: object_backup
short_description: Back up a bucket, encrypted and incrementally, to several stores at once
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes a snapshot of the objects of a bucket or prefix in all destinations. Each content is encrypted to age public keys and stored once,
    however many objects and snapshots have it; what is stored already is not sent again.
  - An object that looks as it did in the newest snapshot (name, size, version and time in the bucket's listing) is not even read.
  - A snapshot exists when its manifest does. The manifest is written last, after every destination showed all contents in full size.
    A run that is killed, or that fails, leaves nothing that looks like a snapshot, and touches no earlier one.
  - When nothing changed since the newest snapshot, and that is complete in every destination, no new one is made.
  - Kept are key, content, content type, cache control, content disposition, encoding and language, and user metadata. Access lists, tags,
    storage classes and older versions are not. A V(file://) source has regular files only, without owners and modes.
  - Objects that are removed from the bucket stay in earlier snapshots until M(holdfast.webops.backup_retention) removes those.
  - Several runs may be at work at once, also beside M(holdfast.webops.backup_retention).
  - An object of any size is streamed; those up to 4 MiB are held in memory, O(jobs) of them at once.
requirements:
  - pyrage (Python library) or age (program), unless O(encryption=none)
  - boto3 (Python library), for a bucket on S3 or a server that speaks its protocol, such as Supabase Storage
extends_documentation_fragment:
  - holdfast.webops.store.source
  - holdfast.webops.store.destinations
  - holdfast.webops.backup.signing
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Lists the bucket and the destinations; says whether a snapshot would be made, and how many objects are new and gone.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows the number of snapshots in each destination, and of objects in the newest one.
options:
  portal:
    description:
      - Name of the portal; its snapshots are kept under C(<portal>/objects/), contents under C(<portal>/contents/) in every destination.
    type: str
    required: true
  name:
    description:
      - Which bucket of the portal this is. Each name has its own snapshots; contents are shared by all.
      - Left out, it is the last part of the URL in O(source), which is the bucket's name where there is no prefix.
    type: str
  require:
    description:
      - How many destinations must hold the snapshot for it to count, V(all), more than half (V(quorum)), or one (V(any)).
      - A destination that fails is dropped with a warning while enough are left; else the task fails and nothing is kept.
    type: str
    choices: [all, quorum, any]
    default: all
  recipients:
    description:
      - Public keys, C(age1...) or C(ssh-ed25519 ...), each of which can open the backup. The secret keys do not belong on this host.
      - When they change, everything is read and stored anew, because an added key could not open what is there.
    type: list
    elements: str
    default: []
  encryption:
    description: V(none) stores contents that everybody with access to the destination can read; it must be said explicitly.
    type: str
    choices: [age, none]
    default: age
  reuse:
    description:
      - V(unchanged) reads only objects that do not look as they did in the newest snapshot.
      - V(content) reads every object, and stores contents that are not stored yet. Use it where a listing cannot be trusted.
      - V(nothing) reads and stores everything anew, as after M(holdfast.webops.object_backup_info) found damaged contents.
    type: str
    choices: [unchanged, content, nothing]
    default: unchanged
  digest_key:
    description:
      - A secret of at least 16 letters by which contents are told apart (HMAC). It is not needed for a restore.
      - Left out, the index of a snapshot has plain SHA-256 digests, by which somebody who can read the store, and has a file, can tell
        whether that very file is in the bucket. Names, content and attributes of objects are encrypted in any case.
      - When it changes, everything is read and stored anew.
    type: str
  jobs:
    description: How many objects are read and stored at once.
    type: int
    default: 8
  max_age:
    description:
      - Make no new snapshot while one that is complete in every destination is younger than this, in seconds.
      - Left out, every run looks for changes.
    type: int
  wait_timeout:
    description: How long the backup may take, in seconds.
    type: int
    default: 14400
seealso:
  - module: holdfast.webops.object_restore
  - module: holdfast.webops.object_backup_info
  - module: holdfast.webops.backup_retention
"""

EXAMPLES = r"""
- name: Back up the documents in Supabase Storage to Amazon S3 and Google Cloud Storage
  holdfast.webops.object_backup:
    portal: orders
    source:
      store: s3://application-documents
      endpoint: https://abcdefghijklmnopqrst.storage.supabase.co/storage/v1/s3
      region: eu-central-1
      access_key_id: "{{ vault_storage_key_id }}"
      secret_access_key: "{{ vault_storage_secret }}"
    recipients:
      - age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
    destinations:
      - store: s3://holdfast-backups/production
        region: eu-central-1
      - store: gs://holdfast-backups/production
        service_account_file: /etc/holdfast/google.json

- name: Back up what a portal on this host has been sent, and read all of it
  holdfast.webops.object_backup:
    portal: orders
    name: uploads
    source:
      store: file:///srv/orders/uploads
    recipients: "{{ backup_recipients }}"
    destinations: "{{ orders_destinations }}"
    reuse: content
"""

RETURN = r"""
backup:
  description: The new snapshot, or the one that is still good. V(null) in check mode when one would be made.
  returned: success
  type: dict
  contains:
    id:
      description: Its name, which starts with the moment it was begun.
      type: str
      sample: 20261121T030000Z-1a2b3c
    portal:
      description: The portal.
      type: str
      sample: orders
    name:
      description: Which bucket of the portal.
      type: str
      sample: application-documents
    state:
      description: V(complete), V(partial) when a destination lacks it, V(damaged) when a copy is not what was written.
      type: str
      sample: complete
    at:
      description: Moment before the bucket was listed, the recovery point.
      type: str
      sample: "2026-11-21T03:00:00Z"
    source:
      description: The bucket that was backed up.
      type: str
      sample: s3://application-documents
    objects:
      description: Number of objects in it.
      type: int
      sample: 5120
    bytes:
      description: Size of them.
      type: int
      sample: 1204000000
    contents:
      description: Number of stored contents that it needs, with those that it shares with other snapshots.
      type: int
      sample: 5007
    stored_bytes:
      description: Size of them as stored.
      type: int
      sample: 1190000000
    new_contents:
      description: Number of contents that were stored for it.
      type: int
      sample: 12
    new_bytes:
      description: Size of them as stored.
      type: int
      sample: 4100000
    encrypted:
      description: Whether a secret key is needed to read it.
      type: bool
      sample: true
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
      description: Command lines for a person who restores it next to what was downloaded.
      type: list
      elements: str
      sample: ["age --decrypt --identity KEYFILE listing.jsonl.gz.age | gunzip"]
    proof:
      description: The newest proof that a restore was equal to the source, V(null) while there is none.
      type: dict
      sample: {"id": "proof-20261122T040000Z-4d5e6f", "at": "2026-11-22T04:00:09Z", "equal": true, "objects": 5120, "bytes": 1204000000}
changes:
  description: The objects of the bucket against the newest snapshot; zeros where that was young enough.
  returned: success
  type: dict
  contains:
    new:
      description: Objects that were added or changed.
      type: int
      sample: 12
    gone:
      description: Objects that were removed, or changed.
      type: int
      sample: 3
    unchanged:
      description: Objects that look as they did.
      type: int
      sample: 5108
transferred:
  description: What was read and stored; zeros in check mode and where no snapshot was made.
  returned: success
  type: dict
  contains:
    objects_read:
      description: Objects that were read.
      type: int
      sample: 12
    bytes_read:
      description: Bytes that were read of them.
      type: int
      sample: 4090000
    contents_stored:
      description: Contents that were stored, with one for the details of the run.
      type: int
      sample: 12
    bytes_stored:
      description: Size of them as stored, in each destination.
      type: int
      sample: 4100000
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.backing_up import back_up
from ansible_collections.holdfast.webops.plugins.module_utils._backup.objects.planning import REUSES
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SIGNING_ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import bucket_arguments, destination_arguments


def main() -> None:
    run_module(
        back_up,
        argument_spec={
            **bucket_arguments("source", required=True),
            **destination_arguments(),
            **SIGNING_ARGUMENTS,
            "portal": {"type": "str", "required": True},
            "name": {"type": "str"},
            "require": {"type": "str", "choices": ["all", "quorum", "any"], "default": "all"},
            "recipients": {"type": "list", "elements": "str", "default": []},
            "encryption": {"type": "str", "choices": ["age", "none"], "default": "age"},
            "reuse": {"type": "str", "choices": list(REUSES), "default": "unchanged"},
            "digest_key": {"type": "str", "no_log": True},
            "jobs": {"type": "int", "default": 8},
            "max_age": {"type": "int"},
            "wait_timeout": {"type": "int", "default": 14400},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
