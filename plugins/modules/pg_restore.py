#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pg_restore
short_description: Restore a PostgreSQL database from a backup, or prove that it can be restored
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Restores what M(holdfast.webops.pg_backup) wrote into a new database beside the target, compares it table by table with what the
    manifest says of the source, and only then swaps it in by rename, in one transaction. The old database is kept under a dated name.
  - With O(state=proven) the new database is a scratch one that is thrown away after the comparison; what stays is a proof beside the
    manifest.
  - With O(jobs) above 1 nothing is touched before the archive was fetched, found to be what was written (SHA-256), and decrypted. With
    V(1) it goes from the store into the new database without a place on a disk of ours, and is checked at its end. A copy that is damaged
    is passed over for one in another destination, and a destination that cannot be read is a warning, as long as another one can be.
  - Refused before anything is touched are servers of an older major version, a missing extension or role, a scratch directory or (where
    the server runs on the same host) a server's disk that is too small, and a key that does not fit.
  - Settings, privileges, connection limit, comment, encoding and locale of the database itself are those of the database that is replaced.
  - Owners and privileges of its objects are those of the source, so that an application's role keeps working; these roles must exist on the
    server. O(owner) gives everything to one role instead.
  - Sessions in the database that is replaced are ended, after O(drain_timeout) for those that are at work.
  - Decryption is done by the program age where the host has it, else by the Python library pyrage.
requirements:
  - psycopg (Python library, version 3)
  - age (program) or pyrage (Python library), for an encrypted backup
extends_documentation_fragment:
  - holdfast.webops.store.optional_destinations
  - holdfast.webops.postgres.programs
  - holdfast.webops.backup.signers
  - holdfast.webops.validations
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details:
      - Chooses the backup and asks the server for everything that could refuse it; fetches, restores and writes nothing.
      - A scratch server of its own is started and thrown away.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows what the database holds before and after, or the state of the proof.
options:
  state:
    description:
      - V(restored) puts the backup in the place of the database in O(database_url). A database that was restored from this very backup
        is left as it is, whatever was written to it since, unless O(force=true). Its comment says which one it was.
      - V(proven) restores into a scratch database, compares and removes it. A backup with a proof is left alone, see O(proof_max_age).
      - The scratch database is made on the server of O(database_url). Without one, a server is started for it (on a socket that only we
        can reach, as an ordinary user also by root) and thrown away; that needs the programs of a PostgreSQL server, of the source's
        major version or newer, and room for the database in O(scratch_dir).
      - V(rehearsed) does what V(proven) does, each time anew, and asks O(validations) and O(canary) before the scratch database goes. It
        refuses to do so on the server of O(production_url). What a rehearsal that was killed has left is removed by the next one.
    type: str
    choices: [restored, proven, rehearsed]
    default: restored
  validations:
    description:
      - With O(state=rehearsed), what must hold in the restored database.
      - What does not hold is said in RV(rehearsal.validations), and fails no task.
      - Each is asked in a transaction that can only read.
  canary:
    description:
      - With O(state=rehearsed), a query that gives the moment of the youngest change in the database, such as
        V(SELECT max(updated_at) FROM orders). RV(rehearsal.youngest_change) is what it gave in the restored one.
    type: str
  production_url:
    description: With O(state=rehearsed) and O(database_url), connection to production, to see that the two are different servers.
    type: str
  fallbacks:
    description:
      - With O(state=rehearsed), and anything but the id of a backup as O(backup), how many older backups may be tried when one cannot be
        restored.
    type: int
    default: 0
  keep_for:
    description:
      - With O(state=rehearsed), the restored database is kept for so many seconds, for an application to be started on it, until
        M(holdfast.webops.rehearsal_scratch) removes it.
      - A server that was started for it then ends by itself. It listens on the loopback interface, and asks for a password.
    type: float
  portal:
    description: Name of the portal whose backups are looked at. Required with O(destinations).
    type: str
  backup:
    description:
      - V(latest), V(latest_proven), the id of a backup, or a time such as V(2026-11-21T22:30:00Z) for the newest one from before it.
      - Damaged copies do not count.
    type: str
    default: latest
  archive:
    description:
      - Path of a file on the target host, restored instead of a backup in O(destinations). A backup that was downloaded (its
        C(manifest.json), or its archive with the manifest beside it) is compared with its manifest.
      - Also any dump in pg_dump's custom format or in SQL, also C(.gz), also encrypted by age; with such a dump nothing can be compared.
        SQL is run by psql and ends at the first error; it may hold commands for psql, so that it must come from somebody you trust.
    type: path
  into:
    description:
      - V(new) fills a database beside the target and swaps it in by rename.
      - V(empty) fills the database in O(database_url) itself, which must be there and empty, in one transaction of one process; for
        servers on which nobody may make databases.
    type: str
    choices: [new, empty]
    default: new
  analyze:
    description: Gather statistics in the new database before it is swapped in, without which its first queries would be slow.
    type: bool
    default: true
  database_url:
    description:
      - Connection of an administrator to the target, V(postgresql://user:password@host:5432/database). The database in it is the one that
        is replaced, or after which a scratch database is named; it need not exist.
      - The role must be able to create databases; for V(restored) also own the database, end the sessions of others
        (C(pg_signal_backend)) and be a member of the roles that own the restored objects. A superuser can do all of this.
      - Required with O(state=restored). A transaction-mode pooler is refused.
    type: str
  confirm:
    description: Name of the database that shall be replaced, as a confirmation. Required with O(state=restored).
    type: str
  identity_file:
    description: Path on the target host of the file with the age secret key, readable by its owner alone. Required for an encrypted backup.
    type: path
  owner:
    description: Role that shall own the database and everything in it; privileges of other roles are then not restored.
    type: str
  keep_replaced:
    description:
      - Keep the old database as C(<name>_replaced_<moment>). Dropping it later is up to you.
      - V(false) drops it after the swap.
    type: bool
    default: true
  force:
    description: Restore although the database was restored from this backup before.
    type: bool
    default: false
  proof_max_age:
    description: With O(state=proven), prove again when the newest proof is older than this, in seconds. Left out, one proof is enough.
    type: int
  jobs:
    description: How many processes of pg_restore work at once. V(1) needs no room in O(scratch_dir) for the custom format.
    type: int
    default: 2
  drain_timeout:
    description: How long running transactions in the old database may go on before they are ended, in seconds.
    type: int
    default: 10
  maintenance_database:
    description: Another database of that server, to work from.
    type: str
    default: postgres
  scratch_dir:
    description:
      - Directory for the decrypted archive, which is in a file without a name there and gone with the process; it needs the archive's
        size. One of the directory format is in a folder that only its owner can enter, and a server of our own as well.
      - Left out, it is the system's directory for temporary files.
    type: path
  wait_timeout:
    description: How long the restore may take, in seconds.
    type: int
    default: 14400
seealso:
  - module: holdfast.webops.pg_backup
  - module: holdfast.webops.pg_backup_info
"""

EXAMPLES = r"""
- name: Prove that the newest backup can be restored and equals its source, on a scratch server
  holdfast.webops.pg_restore:
    state: proven
    portal: orders
    database_url: "{{ vault_scratch_server_url }}"
    identity_file: /etc/holdfast/backup.key
    destinations:
      - store: s3://holdfast-backups/production
        region: eu-central-1

- name: Put the newest proven backup in the place of the orders database
  holdfast.webops.pg_restore:
    portal: orders
    backup: latest_proven
    database_url: "{{ vault_orders_admin_url }}"
    confirm: orders
    identity_file: /etc/holdfast/backup.key
    destinations:
      - store: file:///srv/backups
      - store: s3://holdfast-backups/production
        region: eu-central-1
"""

RETURN = r"""
backup:
  description: The backup that was chosen.
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
    server_version:
      description: Version of its server.
      type: str
      sample: "17.10"
    size:
      description: Size of the archive in bytes.
      type: int
    sha256:
      description: SHA-256 of the archive as stored.
      type: str
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    encrypted:
      description: Whether a secret key is needed to read it.
      type: bool
    fingerprint:
      description: What of the content was noted, V(full), V(sample), V(counts) or V(none).
      type: str
      sample: full
    tables:
      description: Number of tables in the fingerprint.
      type: int
    rows:
      description: Number of rows in them.
      type: int
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
proof:
  description:
    - With O(state=proven) and O(state=rehearsed), the proof. V(null) in check mode when one would be made, and with O(state=restored).
  returned: success
  type: dict
  contains:
    id:
      description: Name of the proof.
      type: str
      sample: proof-20261122T030000Z-4d5e6f
    at:
      description: When the comparison ended.
      type: str
      sample: "2026-11-22T03:00:09Z"
    equal:
      description: Always true; a restore that is not equal fails.
      type: bool
    level:
      description: How closely the content was compared, V(full), V(sample), V(counts) or V(none).
      type: str
    bytes:
      description: Size of the restored database.
      type: int
    tables:
      description: Number of tables compared.
      type: int
    rows:
      description: Number of rows in them.
      type: int
    duration_s:
      description: How long it took from the first byte fetched to the last comparison, in seconds.
      type: float
restored:
  description: With O(state=restored), what was done. V(null) when nothing had to be, and in check mode.
  returned: success
  type: dict
  contains:
    database:
      description: The database that was replaced.
      type: str
    replaced_database:
      description: Where the old one is kept, V(null) when there was none or it was dropped.
      type: str
      sample: orders_replaced_20261122t031500z_7a8b9c
    tables:
      description: Number of tables.
      type: int
    rows:
      description: Number of rows.
      type: int
    bytes:
      description: Size of the new database on the server.
      type: int
    duration_s:
      description: How long it took, in seconds.
      type: float
    migrations:
      description: The histories of migrations in it, each with C(table), C(applied) (how many) and C(newest).
      type: list
      elements: dict
      sample: [{"table": "public._prisma_migrations", "applied": 12, "newest": "20261120101500_orders"}]
plan:
  description: What the restore needs, as far as it is known.
  returned: success
  type: dict
  contains:
    stored_bytes:
      description: Size of the stored archive.
      type: int
    database_bytes:
      description: Size of the database in its source, V(null) for a file without a manifest.
      type: int
    scratch_bytes:
      description: Room that the archive needs in O(scratch_dir).
      type: int
    scratch_free_bytes:
      description: Room that is there, V(null) where none is needed.
      type: int
    estimate_s:
      description: How long it will take, in seconds, by the proofs of this portal's backups. V(null) while there is none.
      type: float
    past_runs:
      description: How many proofs the estimate rests on.
      type: int
rehearsal:
  description: With O(state=rehearsed), what it showed. V(null) in check mode and with the other states.
  returned: success
  type: dict
  contains:
    began:
      description: When it began.
      type: str
      sample: "2026-11-22T03:00:01Z"
    ended:
      description: When it ended.
      type: str
      sample: "2026-11-22T03:00:14Z"
    restore_s:
      description: How long the restore took, in seconds.
      type: float
    compare_s:
      description: How long the comparison with the source took.
      type: float
    validate_s:
      description: How long O(validations) took.
      type: float
    validations:
      description: What came of O(validations), and of O(canary) under that name.
      type: list
      elements: dict
      sample:
        - {"name": "orders", "passed": true, "expected": "at least 1", "found": "5000", "says": "5000 as expected (at least 1).",
           "seconds": 0.01}
    youngest_change:
      description: What O(canary) gave, V(null) without one.
      type: str
      sample: "2026-11-22T02:29:58Z"
    passed_over:
      description: Newer backups that could not be restored, each with C(backup) and C(reason).
      type: list
      elements: dict
      sample: []
    server:
      description: The server that it was restored into, with C(major), and C(own) for one that was started for it.
      type: dict
      sample: {"major": 17, "own": true}
    client:
      description: The version of pg_restore.
      type: dict
      sample: {"version": "17.10"}
    schema_compared:
      description: Whether the schema was compared too.
      type: bool
    kept:
      description: With O(keep_for), the folder of what is kept, and C(url_file) with the connection to it. Else V(null).
      type: dict
      sample: null
comparisons:
  description:
    - What was compared with the source; each table, each sequence, the large objects and the schema.
    - Empty when nothing was restored.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: V(table), V(sequence), V(large objects) or V(schema).
      type: str
      sample: table
    name:
      description: Which one.
      type: str
      sample: public.orders
    source:
      description: Its rows and hash, last value, number or digest in the source.
      type: raw
      sample: {"rows": 130000, "hash": "-441172214394535704971"}
    restored:
      description: The same in the restored database.
      type: raw
      sample: {"rows": 130000, "hash": "-441172214394535704971"}
    equal:
      description: Whether they are equal; a sequence may also be ahead.
      type: bool
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.proving import prove
from ansible_collections.holdfast.webops.plugins.module_utils._backup.rehearsing import REHEARSAL_ARGUMENTS, rehearse
from ansible_collections.holdfast.webops.plugins.module_utils._backup.restoring import restore
from ansible_collections.holdfast.webops.plugins.module_utils._backup.session import session_for
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SIGNERS_ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call, run_module
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import destination_arguments


def use_case(call: Call) -> Outcome:
    session = session_for(call)
    return session.doubted({"proven": prove, "rehearsed": rehearse, "restored": restore}[call.params["state"]](session))


def main() -> None:
    run_module(
        use_case,
        argument_spec={
            "state": {"type": "str", "choices": ["restored", "proven", "rehearsed"], "default": "restored"},
            **REHEARSAL_ARGUMENTS,
            **SIGNERS_ARGUMENTS,
            "destinations": {**destination_arguments()["destinations"], "required": False},
            "portal": {"type": "str"},
            "backup": {"type": "str", "default": "latest"},
            "archive": {"type": "path"},
            "database_url": {"type": "str", "no_log": True},
            "into": {"type": "str", "choices": ["new", "empty"], "default": "new"},
            "analyze": {"type": "bool", "default": True},
            "confirm": {"type": "str"},
            "identity_file": {"type": "path"},
            "owner": {"type": "str"},
            "keep_replaced": {"type": "bool", "default": True},
            "force": {"type": "bool", "default": False},
            "proof_max_age": {"type": "int"},
            "jobs": {"type": "int", "default": 2},
            "drain_timeout": {"type": "int", "default": 10},
            "maintenance_database": {"type": "str", "default": "postgres"},
            "scratch_dir": {"type": "path"},
            "wait_timeout": {"type": "int", "default": 14400},
            "pg_bin_dir": {"type": "path"},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
