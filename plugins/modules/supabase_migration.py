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
  - holdfast.webops.postgres
attributes:
  check_mode:
    description: Whether it says in check mode what it would do, and does nothing.
    support: full
    details: The history is read and the files are checked; the session is read-only. What would fail in the database is not foreseen.
  diff_mode:
    description: Whether it shows what it changes.
    support: full
    details: Shows the files that run with their phase and their statements, of each statement at most 1000 characters.
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
  remote_src:
    description: Whether O(migrations_dir) and O(rollback_dir) are on the target instead of the controller.
    type: bool
    default: false
  contents:
    description:
      - The contents of the files in base64 by their names, under the keys C(migrations) and C(rollback).
      - The controller fills it in where O(remote_src=false). It is not meant to be written in a playbook.
    type: dict
  state:
    description:
      - V(applied) runs what is pending.
      - V(rolled_back) takes back every migration newer than O(to), newest first, each by its rollback script. Nothing is taken back
        when one of the scripts is missing.
    type: str
    choices: [applied, rolled_back]
    default: applied
  to:
    description:
      - With O(state=rolled_back), the version that shall be the newest one afterwards. It must be in the history.
      - V(0) takes everything back.
    type: str
  phase:
    description:
      - Which of the pending migrations run with O(state=applied).
      - 'A file belongs to V(post_deployment) when the line C(-- holdfast: phase=post_deployment) stands before its first statement,
        else to V(pre_deployment).'
      - V(pre_deployment) is what the code that is still live survives, and runs before new code gets traffic. V(post_deployment) runs
        when no old code is left.
    type: str
    choices: [pre_deployment, post_deployment, all]
    default: all
  lock_wait:
    description:
      - How long to wait for another run on the same database to end, in seconds. V(0) does not wait.
      - Also how long C(CREATE INDEX CONCURRENTLY) and its kind wait for other transactions to end. They keep nobody waiting meanwhile.
    type: float
    default: 60.0
  lock_timeout:
    description:
      - How long a statement waits for a lock, in seconds. Whoever comes later waits behind it, so this bounds what others notice.
      - When the time is over, the file is rolled back and tried again, see O(lock_retries).
    type: float
    default: 4.0
  lock_retries:
    description:
      - How often a step is tried again that found no lock in time, or was the victim of a deadlock.
      - The pause before it is 1 second at first, and each time twice as long, up to 30 seconds.
    type: int
    default: 5
  statement_timeout:
    description: How long a statement may run, in seconds. V(0) sets no limit.
    type: float
    default: 0.0
  on_edited:
    description:
      - What to do when a file was edited after it ran. Whitespace and semicolons do not count.
      - The Supabase CLI does not notice this.
    type: str
    choices: [fail, warn, ignore]
    default: warn
  on_missing_locally:
    description: What to do when the database has run migrations that O(migrations_dir) does not hold.
    type: str
    choices: [fail, warn, ignore]
    default: fail
  on_out_of_order:
    description:
      - What to do when a pending migration of the phase V(pre_deployment) is older than one that the database has run.
      - V(warn) and V(ignore) run it, like C(supabase db push --include-all).
    type: str
    choices: [fail, warn, ignore]
    default: fail
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
rolled_back:
  description: Versions that this run took back, in this order.
  returned: success
  type: list
  elements: str
  sample: []
migrations:
  description: What ran, in this order. Measurements are null in check mode.
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
      description: V(pre_deployment) or V(post_deployment).
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
contracted:
  description: Whether a migration of the phase V(post_deployment) ran. Code from before can then no longer be brought back at once.
  returned: success
  type: bool
  sample: false
history_head:
  description: The newest version in the history afterwards, null when it is empty.
  returned: success
  type: str
  sample: "20261121093000"
finished:
  description: Versions that this run had finished when another one failed.
  returned: when a migration failed
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


def main() -> None:
    run_module(
        lambda call: migrate(call, SupabaseHistory(), application_name="holdfast.webops supabase_migration"),
        argument_spec=argument_spec(),
        required_if=[("state", "rolled_back", ["to"])],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
