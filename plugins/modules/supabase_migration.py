#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: supabase_migration
short_description: Run the migrations of a Supabase project, or take them back
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Runs the SQL files C(supabase/migrations/<version>_<name>.sql) that a PostgreSQL database has not run yet, in the order of their
    versions. The database may be hosted by Supabase or be any PostgreSQL.
  - The history is that of the Supabase CLI 3.1.0 (C(supabase_migrations.schema_migrations)). The CLI and this module can be used side
    by side on one database; each continues what the other began.
  - One run at a time works on a database. It never keeps readers waiting longer than O(lock_timeout) for a lock, and tries again.
  - A file runs in one transaction, together with its row in the history. Statements that cannot run in a transaction, such as
    C(CREATE INDEX CONCURRENTLY), run alone between two of them, and a journal remembers which are done. A run that was killed is
    finished by running again; an INVALID index that it left is dropped and built again.
  - 'A C(BEGIN) and C(COMMIT) in a file are respected, and so is C(-- pg-delta: transaction=false) in its first line.'
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
      - The folder that holds the migrations, usually C(supabase/migrations).
      - On the controller, relative to the playbook or to the C(files) folder of the role, unless O(remote_src=true).
      - Only files directly in the folder count. A file that ends in C(.sql) and has another name is an error, other files are ignored.
    type: path
    required: true
  rollback_dir:
    description:
      - The folder that holds the rollback scripts. The script for a migration has the same version, usually the same file name.
      - It must not lie in O(migrations_dir), because the Supabase CLI runs whatever it finds there.
      - Not given, it is the folder C(rollback) next to O(migrations_dir).
    type: path
  on_edited:
    description:
      - What to do when a file was edited after it ran. Whitespace and semicolons do not count.
      - The Supabase CLI does not notice this.
    type: str
    choices: [fail, warn, ignore]
    default: warn
  on_failed:
    description:
      - What to do when a pending migration has failed in an earlier run, after some of its steps had been committed.
      - V(warn) and V(ignore) go on with the step that failed.
    type: str
    choices: [fail, warn, ignore]
    default: warn
  seed_paths:
    description:
      - Seeds to run after the migrations, with O(state=applied). Files, folders and patterns such as V(seeds/*.sql), relative to the folder
        that holds O(migrations_dir), like C(sql_paths) in C(config.toml) of the Supabase CLI.
      - Each runs once, in one transaction. Its path and the SHA-256 of its bytes are kept in C(supabase_migrations.seed_files), as
        C(supabase db push --include-seed) does. Where a file has changed since, only the new sum is noted.
    type: list
    elements: str
  include_roles:
    description:
      - Whether to run the file C(roles.sql) beside O(migrations_dir) before the migrations, with O(state=applied).
      - It runs every time, in one transaction, as C(supabase db push --include-roles) does; write it so that it can.
    type: bool
    default: false
notes:
  - Rows are written only while something runs; a run with nothing to do sends three queries.
  - While a file that cannot run in one transaction is unfinished, the table C(supabase_migrations.holdfast_journal) exists.
"""

EXAMPLES = r"""
- name: Run the migrations that the live release survives
  holdfast.webops.supabase_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: supabase/migrations
    phase: pre_deployment

- name: Run the others when the old release is gone
  holdfast.webops.supabase_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: supabase/migrations
    phase: post_deployment

- name: Show what would run
  holdfast.webops.supabase_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: supabase/migrations
  check_mode: true
  diff: true

- name: Take back what came after a version
  holdfast.webops.supabase_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: supabase/migrations
    state: rolled_back
    to: "20261101120000"

- name: Take over a database that was migrated by hand up to a version
  holdfast.webops.supabase_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: supabase/migrations
    state: baselined
    to: "20261101120000"

- name: Start a migration over that had failed half way, after undoing by hand what it did
  holdfast.webops.supabase_migration:
    host: db.example.org
    database: shop
    user: owner
    password: "{{ portal_database_password }}"
    sslmode: verify-full
    migrations_dir: supabase/migrations
    state: repaired
    versions: ["20261121093000"]

- name: Migrate, and fill an empty database
  holdfast.webops.supabase_migration:
    database_url: "{{ portal_database_url }}"
    migrations_dir: supabase/migrations
    seed_paths: [seed.sql]
"""

RETURN = r"""
applied:
  description: Versions that this run applied, in this order.
  returned: success
  type: list
  elements: str
  sample: ["20261121093000"]
pending:
  description: Versions that were not in the history when the run began.
  returned: success
  type: list
  elements: str
  sample: ["20261121093000", "20261121094500"]
deferred:
  description: Versions in RV(pending) that this run left for later because they belong to the other phase.
  returned: success
  type: list
  elements: str
  sample: ["20261121094500"]
seeds:
  description: Seeds that this run ran or noted the new sum of, by their paths in the project.
  returned: success
  type: list
  elements: str
  sample: ["supabase/seed.sql"]
roles:
  description: Whether this run ran C(roles.sql).
  returned: success
  type: bool
  sample: false
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
      description: The digits at the beginning of the file name.
      returned: always
      type: str
      sample: "20261121093000"
    name:
      description: The file name without version and C(.sql).
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
  sample: "20261121093000"
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
      sample: supabase/migrations/20261121093000_add_paid_at.sql
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
      sample: ["20261121093000"]
    left_out:
      description: Statements that did not run, each with C(file), C(line), C(statement) and C(reason).
      returned: always
      type: list
      elements: dict
      sample: []
finished:
  description: Versions that this run had finished when another one, or a seed after them, failed.
  returned: when a migration or a seed failed
  type: list
  elements: str
  sample: ["20261121093000"]
failed_migration:
  description:
    - The migration that failed, with C(version), C(name), C(direction) (V(apply) or V(roll_back)).
    - Where a statement failed also C(place) (file and line), C(sqlstate) and C(statement).
  returned: when a migration failed
  type: dict
  sample: {version: "20261121094500", name: drop_note, direction: apply, place: 20261121094500_drop_note.sql line 4, sqlstate: "42P01",
           statement: drop table note}
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
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase import SupabaseHistory
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase_seeds import SupabaseCompanions


def main() -> None:
    run_module(
        lambda call: migrate(call, SupabaseHistory(), application_name="holdfast.webops supabase_migration", beside=SupabaseCompanions),
        argument_spec={
            **argument_spec(on_failed="warn"),
            "seed_paths": {"type": "list", "elements": "str"},
            "include_roles": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
