#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: prisma_migration
short_description: Run the migrations of a Prisma project, or take them back
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Runs the SQL files C(prisma/migrations/<name>/migration.sql) that a PostgreSQL database has not run yet, in the order of their
    names.
  - The history is that of Prisma Migrate (C(_prisma_migrations), compared with engine 7.10). C(prisma migrate deploy) and this module can
    be used side by side on one database; each continues what the other began, and they keep each other out by Prisma's own lock.
  - One run at a time works on a database. It never keeps readers waiting longer than O(lock_timeout) for a lock, and tries again.
  - A file runs in one transaction, together with its row in the history, so that a migration that fails leaves nothing, and no failed
    row that would stop Prisma (P3009). Statements that cannot run in a transaction, such as C(CREATE INDEX CONCURRENTLY), run alone
    between two of them, and a journal remembers which are done. A run that was killed is finished by running again; an INVALID index
    that it left is dropped and built again.
  - A C(BEGIN) and C(COMMIT) in a file are respected.
  - Everything is read and checked before anything runs.
extends_documentation_fragment:
  - holdfast.webops.postgres.parts
  - holdfast.webops.migrations
attributes:
  check_mode:
    description: Whether it says in check mode what it would do, and does nothing.
    support: full
    details: The history is read and the files are checked; the session is read-only. What would fail in the database is not foreseen,
      unless O(rehearse=true).
  diff_mode:
    description: Whether it shows what it changes.
    support: full
    details: Shows the files that run, each with its phase, its statements (of each at most 1000 characters), the table locks that these
      take with the size of the table, and what the lint found.
options:
  migrations_dir:
    description:
      - The folder that holds the migrations, usually C(prisma/migrations).
      - On the controller, relative to the playbook or to the C(files) folder of the role, unless O(remote_src=true).
      - Every folder in it is a migration and must hold a C(migration.sql). Other files are ignored, but for C(migration_lock.toml),
        which must not name another provider than C(postgresql).
    type: path
    required: true
  rollback_dir:
    description:
      - The folder that holds the rollback scripts, for each migration a file C(<name>.sql).
      - It must not lie in O(migrations_dir), because Prisma takes every folder there for a migration.
      - Not given, it is the folder C(rollback) next to O(migrations_dir).
    type: path
  schema:
    description:
      - The schema that holds the history, and in which names without a schema are looked up.
      - Not given, it is C(schema) in O(database_url) as Prisma writes it (C(?schema=shop)), else V(public).
    type: str
  on_edited:
    description:
      - What to do when a file was edited after it ran, by Prisma's checksum. Line ends do not count.
      - C(prisma migrate deploy) does not notice this.
    type: str
    choices: [fail, warn, ignore]
    default: warn
  on_failed:
    description:
      - What to do about migrations that failed or were cut off under C(prisma migrate deploy), which then refuses to run anything (P3009).
        Nobody knows what they left in the database.
      - V(warn) and V(ignore) run them again, as after C(prisma migrate resolve --rolled-back).
      - A migration that this module left unfinished is not meant. It goes on where it stopped.
    type: str
    choices: [fail, warn, ignore]
    default: fail
notes:
  - 'O(state=baselined) is C(prisma migrate resolve --applied). O(state=repaired) is C(prisma migrate resolve --rolled-back), about
    failed migrations only.'
  - Where the schema holds tables but no history, nothing is applied, as with Prisma (P3005); use O(state=baselined) first.
  - Rows are written only while something runs; a run with nothing to do sends three queries.
  - While a file that cannot run in one transaction is unfinished, its row has no C(finished_at), so that Prisma runs nothing meanwhile,
    and the table C(_prisma_migrations_journal) exists beside the history.
"""

EXAMPLES = r"""
- name: Run the migrations that the live release survives
  holdfast.webops.prisma_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: prisma/migrations
    phase: pre_deployment

- name: Run the others when the old release is gone
  holdfast.webops.prisma_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: prisma/migrations
    phase: post_deployment

- name: Take over a database that was made by hand or with db push
  holdfast.webops.prisma_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: prisma/migrations
    state: baselined
    versions: [0_init]

- name: Run a failed migration again, once its leftovers are gone
  holdfast.webops.prisma_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: prisma/migrations
    state: repaired
    versions: [20261121094500_drop_note]

- name: Take back what came after a migration
  holdfast.webops.prisma_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: prisma/migrations
    state: rolled_back
    to: 20261101120000_orders
"""

RETURN = r"""
applied:
  description: Versions that this run applied, in this order.
  returned: success
  type: list
  elements: str
  sample: ["20261121093000_add_paid_at"]
pending:
  description: Versions that were not in the history when the run began.
  returned: success
  type: list
  elements: str
  sample: ["20261121093000_add_paid_at", "20261121094500_drop_note"]
deferred:
  description: Versions in RV(pending) that this run left for later because they belong to the other phase.
  returned: success
  type: list
  elements: str
  sample: ["20261121094500_drop_note"]
rolled_back:
  description: Versions that this run took back, in this order.
  returned: success
  type: list
  elements: str
  sample: []
baselined:
  description: Versions that this run recorded without running them, in this order.
  returned: success
  type: list
  elements: str
  sample: []
repaired:
  description: Versions that this run made pending again.
  returned: success
  type: list
  elements: str
  sample: []
notices:
  description:
    - What to look at, in sentences; each is also a warning of the task. Ansible leaves its own key C(warnings) out where there are none.
  returned: success
  type: list
  elements: str
  sample: ["Dropped the INVALID index orders_paid that an interrupted run had left."]
migrations:
  description: What ran, in this order, and what was recorded or made pending again. Measurements are null in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    version:
      description: The name of the folder of the migration.
      returned: always
      type: str
      sample: 20261121093000_add_paid_at
    name:
      description: The same without the date at its beginning.
      returned: always
      type: str
      sample: add_paid_at
    phase:
      description: V(pre_deployment) or V(post_deployment); null for a script that goes back.
      returned: always
      type: str
      sample: pre_deployment
    statements:
      description: How many statements the file has.
      returned: always
      type: int
      sample: 3
    segments:
      description: In how many steps that are committed one by one it runs.
      returned: always
      type: int
      sample: 1
    duration_ms:
      description: How long it took, in milliseconds, waiting included.
      returned: always
      type: int
      sample: 18
    lock_wait_ms:
      description: How much of that it waited for locks, in milliseconds, to about half a second.
      returned: always
      type: int
      sample: 0
    retries:
      description: How often a step was tried again.
      returned: always
      type: int
      sample: 0
    locks:
      description:
        - The table locks that its statements take, those of tables that are only read left out.
        - Looked for in check mode and in diff mode, else empty.
      returned: always
      type: list
      elements: dict
      contains:
        line:
          description: Where the statement stands.
          returned: always
          type: int
          sample: 3
        lock:
          description: The lock as PostgreSQL's manual names it.
          returned: always
          type: str
          sample: ACCESS EXCLUSIVE
        relation:
          description: Schema and name of the table, view or index.
          returned: always
          type: str
          sample: public.orders
        rows:
          description: About how many rows it has. Null where it is new in this run, or not there.
          returned: always
          type: int
          sample: 120000
        bytes:
          description: How large it is with its indexes, in bytes, or null like RV(migrations[].locks[].rows).
          returned: always
          type: int
          sample: 35651584
        new:
          description: Whether this run makes it.
          returned: always
          type: bool
          sample: false
contracted:
  description:
    - Whether this run applied a migration of the phase V(post_deployment), so that code from before can no longer be brought back at once.
    - 'Where the run applied nothing: whether one in O(migrations_dir) has run before, and none is left for later.'
    - After a rollback it counts what was taken back. Data that a contraction dropped does not come back with it.
  returned: success
  type: bool
  sample: false
history_head:
  description: The newest version in the history afterwards, null when it is empty.
  returned: success
  type: str
  sample: 20261121093000_add_paid_at
lint:
  description: What the lint found, statements that a comment in their file accepts included.
  returned: success, and when O(lint=fail) stopped the run
  type: list
  elements: dict
  contains:
    rule:
      description: The name of the rule, for C(lint-ignore). Those of squawk begin with C(squawk/).
      returned: always
      type: str
      sample: index-without-concurrently
    file:
      description: The path of the file.
      returned: always
      type: str
      sample: prisma/migrations/20261121093000_add_paid_at/migration.sql
    line:
      description: Where the statement begins.
      returned: always
      type: int
      sample: 3
    statement:
      description: The beginning of the statement, without literals.
      returned: always
      type: str
      sample: create index on orders (paid_at)
    why:
      description: What it would do.
      returned: always
      type: str
      sample: Building an index keeps every writer waiting until it is done.
    instead:
      description: The safe way to the same end.
      returned: always
      type: str
      sample: CREATE INDEX CONCURRENTLY.
    source:
      description: V(holdfast) or V(squawk).
      returned: always
      type: str
      sample: holdfast
    ignored:
      description: Why it does not count, in the words of the file's C(lint-ignore). Null where it counts.
      returned: always
      type: str
      sample: null
rehearsal:
  description: What was rehearsed, null without O(rehearse).
  returned: success
  type: dict
  contains:
    rehearsed:
      description: Versions of which every statement ran.
      returned: always
      type: list
      elements: str
      sample: ["20261121093000_add_paid_at"]
    left_out:
      description: Statements that did not run, each with C(file), C(line), C(statement) and C(reason).
      returned: always
      type: list
      elements: dict
      sample: []
finished:
  description: Versions that this run had finished when another one failed.
  returned: when a migration failed
  type: list
  elements: str
  sample: ["20261121093000_add_paid_at"]
failed_migration:
  description:
    - The migration that failed, with C(version), C(name), C(direction) (V(apply) or V(roll_back)).
    - Where a statement failed also C(place) (file and line), C(sqlstate) and C(statement).
  returned: when a migration failed
  type: dict
  sample: {version: 20261121094500_drop_note, name: drop_note, direction: apply, sqlstate: "42P01",
           place: prisma/migrations/20261121094500_drop_note/migration.sql line 4, statement: drop table note}
blockers:
  description: Sessions that were in the way, in words.
  returned: when a migration failed, or another run held the lock
  type: list
  elements: str
  sample: ["pid 4711 (psql, user admin), idle in transaction since 300 s: update orders set note = ''"]
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.arguments import argument_spec
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.engine import migrate
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.prisma import PrismaHistory, schema_of


def main() -> None:
    run_module(
        lambda call: migrate(call, PrismaHistory(schema_of(call.params)), application_name="holdfast.webops prisma_migration"),
        argument_spec={**argument_spec(on_failed="fail"), "schema": {"type": "str"}},
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
