#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pg_backup
short_description: Back up a PostgreSQL database, encrypted, to several stores at once
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Dumps one database with pg_dump, encrypts it to age public keys and writes it to all destinations at once, each at its own pace, from
    one read of the database. With the custom format nothing that could be read by others is ever on the host's disk.
  - A backup exists when its manifest does. The manifest is written last, after pg_dump ended well and the archive was complete and looked
    at in the destinations. A run that is killed, or that fails, leaves nothing that looks like a backup, and touches no earlier one.
  - The manifest holds a fingerprint of the content, taken from the same snapshot as the dump, so that M(holdfast.webops.pg_restore) can
    prove that a restore equals its source. It also says how to restore by hand with age and pg_restore.
  - A destination that is slower than the others is up to 2 MiB behind them in memory, then up to O(spool_size) in a file without a name,
    which holds what is stored, that is encrypted bytes. Beyond that the dump waits for it. One that took nothing for O(stall_timeout) while
    the dump waited is given up.
  - Needs a pg_dump that is not older than the server, and version 16 or newer for C(zstd) and C(lz4).
  - Encryption is done by the Python library pyrage where the host has it, else by the program age. What they write is the same.
requirements:
  - pyrage (Python library) or age (program), unless O(encryption=none)
extends_documentation_fragment:
  - holdfast.webops.store.destinations
  - holdfast.webops.postgres
  - holdfast.webops.postgres.programs
  - holdfast.webops.backup.signing
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Reads the catalog and asks the server for its version; says whether a backup would be made.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows the number of backups of the portal in each destination.
options:
  portal:
    description: Name of the portal; its backups are kept under C(<portal>/backups/) in every destination.
    type: str
    required: true
  require:
    description:
      - How many destinations must hold the backup for it to count, V(all), more than half (V(quorum)), or one (V(any)).
      - A destination that fails is dropped with a warning while enough are left; else the task fails and nothing is kept.
    type: str
    choices: [all, quorum, any]
    default: all
  recipients:
    description:
      - Public keys, C(age1...) or C(ssh-ed25519 ...), each of which can open the backup. The secret keys do not belong on this host.
    type: list
    elements: str
    default: []
  encryption:
    description: V(none) writes an archive that everybody with access to the destination can read; it must be said explicitly.
    type: str
    choices: [age, none]
    default: age
  compression:
    description:
      - Compression inside the archive, V(auto), V(zstd:1) to V(zstd:19), V(lz4:1) to V(lz4:12), V(gzip:1) to V(gzip:9), or V(none).
      - Measured on 1.4 GB, V(zstd:3) costs two and a half times the CPU time of V(zstd:1) for 4 percent less size.
      - V(auto) is V(zstd:1) where a pg_dump of 16 or newer is installed, else V(gzip:6), which costs four times the CPU time.
    type: str
    default: auto
  fingerprint:
    description:
      - What of the content is noted for a later comparison. V(full) notes rows and a content hash of each table and of the large objects
        (about as much work for the server as the dump itself again), V(sample) rows and the hash of one row of sixteen, chosen by its
        primary key, V(counts) rows only, V(none) nothing but schema and sequences.
      - The default is V(full), because only that proves a restore equal to its source.
      - The content of large objects is noted where the role may read C(pg_largeobject), which is a superuser's right by default.
    type: str
    choices: [full, sample, counts, none]
    default: full
  format:
    description:
      - V(custom) is one stream from pg_dump's pipe. V(directory) lets O(jobs) processes of pg_dump write into a folder in O(scratch_dir),
        which only its owner can enter, and stores a tar of it. It is quicker where the server has cores to spare, needs room for the whole
        archive, and has it unencrypted on the disk for that while.
    type: str
    choices: [custom, directory]
    default: custom
  jobs:
    description: How many processes of pg_dump read at once; more than one needs O(format=directory). All see the same snapshot.
    type: int
    default: 1
  scratch_dir:
    description: Directory for O(format=directory). Left out, it is the system's directory for temporary files.
    type: path
  globals:
    description:
      - Also store the roles, their memberships and settings and the tablespaces of the server, as pg_dumpall writes them, encrypted like
        the archive. The hashes of passwords are in it when the role is a superuser.
    type: bool
    default: false
  max_age:
    description:
      - Make no new backup while one that is complete in every destination is younger than this, in seconds.
      - Left out, every run makes one.
    type: int
  schema_only:
    description: Leave out all rows.
    type: bool
    default: false
  tables:
    description:
      - Only these tables, as C(schema.table), with what belongs to them; nothing else of the database, no large objects, and none of the
        types or functions that they may need.
    type: list
    elements: str
    default: []
  exclude_tables:
    description: Tables, as C(schema.table), that are left out altogether; a foreign key or a view that needs one cannot be restored then.
    type: list
    elements: str
    default: []
  exclude_table_data:
    description: Tables, as C(schema.table), whose rows are left out; their definition is kept.
    type: list
    elements: str
    default: []
  lock_wait:
    description: How long pg_dump waits for a lock on a table, in seconds.
    type: int
    default: 60
  spool_size:
    description: How far a slow destination may be behind on the disk before the dump waits for it, in MiB. V(0) for no file at all.
    type: int
    default: 256
  spool_dir:
    description: Directory for that file.
    type: path
    default: /var/tmp
  stall_timeout:
    description: How long a destination may take nothing while the dump waits for it, in seconds.
    type: int
    default: 300
  wait_timeout:
    description: How long the backup may take, in seconds.
    type: int
    default: 14400
seealso:
  - module: holdfast.webops.pg_restore
  - module: holdfast.webops.pg_backup_info
"""

EXAMPLES = r"""
- name: Back up the orders database to a directory and to Amazon S3, at most once an hour
  holdfast.webops.pg_backup:
    portal: orders
    database_url: "{{ vault_orders_database_url }}"
    recipients:
      - age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
    destinations:
      - store: file:///srv/backups
      - store: s3://holdfast-backups/production
        region: eu-central-1
    max_age: 3600

- name: Back up to two S3 servers; one of them may be down
  holdfast.webops.pg_backup:
    portal: orders
    database_url: "{{ vault_orders_database_url }}"
    recipients: "{{ backup_recipients }}"
    require: any
    destinations:
      - store: s3://backups
        endpoint: https://s3.site-a.example.org
        access_key_id: "{{ site_a_key }}"
        secret_access_key: "{{ site_a_secret }}"
      - store: s3://backups
        endpoint: https://s3.site-b.example.org
        access_key_id: "{{ site_b_key }}"
        secret_access_key: "{{ site_b_secret }}"
"""

RETURN = r"""
backup:
  description: The new backup, or the one that is young enough. V(null) in check mode when one would be made.
  returned: success
  type: dict
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
      description: What of the content was noted, see O(fingerprint).
      type: str
      sample: full
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
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.backing_up import back_up
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SIGNING_ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.fingerprint import LEVELS
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import destination_arguments


def main() -> None:
    run_module(
        back_up,
        argument_spec={
            **destination_arguments(),
            **SIGNING_ARGUMENTS,
            "portal": {"type": "str", "required": True},
            "database_url": {"type": "str", "required": True, "no_log": True},
            "require": {"type": "str", "choices": ["all", "quorum", "any"], "default": "all"},
            "recipients": {"type": "list", "elements": "str", "default": []},
            "encryption": {"type": "str", "choices": ["age", "none"], "default": "age"},
            "compression": {"type": "str", "default": "auto"},
            "fingerprint": {"type": "str", "choices": list(LEVELS), "default": "full"},
            "format": {"type": "str", "choices": ["custom", "directory"], "default": "custom"},
            "jobs": {"type": "int", "default": 1},
            "scratch_dir": {"type": "path"},
            "globals": {"type": "bool", "default": False},
            "tables": {"type": "list", "elements": "str", "default": []},
            "exclude_tables": {"type": "list", "elements": "str", "default": []},
            "spool_size": {"type": "int", "default": 256},
            "spool_dir": {"type": "path", "default": "/var/tmp"},  # noqa: S108  (it has no name there)
            "stall_timeout": {"type": "int", "default": 300},
            "max_age": {"type": "int"},
            "schema_only": {"type": "bool", "default": False},
            "exclude_table_data": {"type": "list", "elements": "str", "default": []},
            "lock_wait": {"type": "int", "default": 60},
            "wait_timeout": {"type": "int", "default": 14400},
            "pg_bin_dir": {"type": "path"},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
