#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pg_seed
short_description: Bring rows from JSON into PostgreSQL tables, and keep them there
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Adds the rows of JSON files, or of the task itself, to tables that lack them, and brings rows that are there and differ to what is
    wanted. A row is recognised by its key. A row that is as wanted is not written again.
  - All tables together are one transaction. Whatever is wrong, nothing was changed.
  - The server converts the values, so that numbers, dates, enums, arrays and JSON are written as its manual says. Columns that a row
    does not name are left alone, and get their defaults in a new row.
  - Rows are never deleted.
extends_documentation_fragment:
  - holdfast.webops.postgres.parts
attributes:
  check_mode:
    description: Whether it says in check mode what it would do, and does nothing.
    support: full
    details: The same statements run, deferred constraints are checked, and the transaction is rolled back. Numbers that new rows have taken
      from sequences do not go back.
  diff_mode:
    description: Whether it shows what it changes.
    support: full
    details: Shows the first 200 rows of each table that are new or different, by their keys, with the columns that change and the values in
      the file. What the table had before is not shown, and of O(tables[].rows) no value at all.
  action:
    description: Whether a part of it runs on the controller.
    support: partial
    details: The files are read on the controller.
options:
  tables:
    description: What goes where, in this order. A table that others refer to comes before them.
    type: list
    elements: dict
    required: true
    suboptions:
      table:
        description:
          - The table, with its schema before a dot, written as the database has it, without quotes (V(public.parts), V(QcFormTemplate)).
          - A table without a schema is looked for in O(schema).
        type: str
        required: true
      file:
        description:
          - A JSON file on the controller that holds a list of objects, one for each row, with the columns as their names.
          - A relative one lies in O(base). An absolute one is taken from where it is.
          - A column whose name says that it holds a password, a secret or a token is refused; such rows belong into O(tables[].rows).
        type: str
      rows:
        description:
          - The rows themselves, instead of O(tables[].file). They may hold secrets from a vault, so that no value of them is shown
            anywhere, keys included.
        type: list
        elements: dict
      key:
        description:
          - The columns by which a row is recognised. The table must have a primary key or a unique index on exactly these.
          - They stay as they are when a row is changed.
        type: list
        elements: str
        required: true
      update:
        description:
          - Whether a row that is there and differs is changed.
          - V(false) leaves it to whoever has it, such as the first administrator, who has a password of their own by now.
        type: bool
        default: true
  base:
    description:
      - The folder on the controller in which relative files lie, or an archive, such as the artefact of a release (C(.tar), C(.tar.gz)).
        Relative itself, it is looked for beside the playbook and in the C(files) of the role.
      - A file that lies outside of it, by C(..) or by a link, is refused.
    type: path
  contents:
    description: The rows, packed. The controller fills it in. It is not meant to be written in a playbook.
    type: str
  schema:
    description:
      - Where tables without a schema are looked for.
      - Not given, it is C(schema) in O(database_url) as Prisma writes it (C(?schema=shop)), else the search path of the user who connects.
    type: str
  lock_timeout:
    description:
      - How long a statement waits for a row that somebody else is changing, in seconds. When the time is over, everything is rolled back
        and tried again, see O(lock_retries).
    type: float
    default: 4.0
  lock_retries:
    description:
      - How often the transaction is tried again that waited too long, was the victim of a deadlock, or met somebody who changed the same
        rows.
      - The pause before it is 1 second at first, and each time twice as long, up to 30 seconds.
    type: int
    default: 5
  statement_timeout:
    description: How long a statement may run, in seconds. V(0) sets no limit.
    type: float
    default: 0.0
notes:
  - Sequences are not touched. Where rows give numbers to a column that a sequence fills too, choose numbers that it does not reach, or
    move the sequence in a migration.
  - A row is compared as the server would store it. A trigger that changes what it is given makes a row different in every run.
  - All files together may have 16 MiB.
  - 'Tasks of a portal need not be written: portal_deploy and the playbook C(holdfast.webops.seed) go by C(portal_seed_data).'
seealso:
  - module: holdfast.webops.prisma_migration
  - module: holdfast.webops.supabase_migration
"""

EXAMPLES = r"""
- name: Bring in what the portal cannot begin without
  holdfast.webops.pg_seed:
    database_url: "{{ portal_database_url }}"
    base: dist/cleanstation-1.4.0.tar.gz
    tables:
      - {table: Category, file: prisma/data/categories.json, key: [id]}
      - {table: Part, file: prisma/data/parts.json, key: [id]}

- name: Have a first administrator, who keeps the password that they have chosen since
  holdfast.webops.pg_seed:
    database_url: "{{ portal_database_url }}"
    tables:
      - table: User
        key: [username]
        update: false
        rows:
          - username: admin
            passwordHash: "{{ vault_admin_password_hash }}"
            role: ADMIN
"""

RETURN = r"""
inserted:
  description: How many rows were added.
  returned: success
  type: int
  sample: 2
updated:
  description: How many rows were there and have been changed.
  returned: success
  type: int
  sample: 1
unchanged:
  description: How many rows were there and were left alone.
  returned: success
  type: int
  sample: 118
tables:
  description: The same for each entry of O(tables).
  returned: success
  type: list
  elements: dict
  contains:
    table:
      description: Schema and name of the table; the name as it was given where there are no rows at all.
      returned: always
      type: str
      sample: public.Part
    file:
      description: The file as it was given, null for rows of the task.
      returned: always
      type: str
      sample: prisma/data/parts.json
    inserted:
      description: How many rows were added.
      returned: always
      type: int
      sample: 2
    updated:
      description: How many rows were there and have been changed.
      returned: always
      type: int
      sample: 1
    unchanged:
      description: How many rows were there and were left alone.
      returned: always
      type: int
      sample: 118
sqlstate:
  description: The code of the error.
  returned: when PostgreSQL refused rows
  type: str
  sample: "23503"
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.engine import ARGUMENTS, seed_tables


def main() -> None:
    run_module(seed_tables, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
