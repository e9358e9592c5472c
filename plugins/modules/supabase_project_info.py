#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: supabase_project_info
short_description: Show the state of a project on Supabase
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Shows a project's state, the health of its services, and how to connect to its database, and on demand who is banned, what is
    bought, the buckets, and the names of keys and secrets. Never a secret's value.
  - Judges the address of a database before something is run through the wrong pooler.
extends_documentation_fragment:
  - holdfast.webops.supabase
attributes:
  check_mode:
    description: Changes nothing, in check mode or without.
    support: full
  diff_mode:
    description: Says in diff mode what changed.
    support: N/A
options:
  gather:
    description: What to ask for beside the project itself. Each costs a request.
    type: list
    elements: str
    choices: [health, connections, bans, addons, buckets, api_keys, secrets]
    default: [health, connections]
  services:
    description: The services whose health is asked for.
    type: list
    elements: str
    choices: [auth, db, db_postgres_user, pg_bouncer, pooler, realtime, rest, storage]
    default: [auth, db, pooler, realtime, rest, storage]
  database_url:
    description: The address of a database to judge. Its password is masked.
    type: str
  purpose:
    description:
      - What O(database_url) is for. What keeps a session (V(migrations), V(backup), V(restore)) needs the direct connection or the
        pooler in session mode; V(application) also goes through the pooler in transaction mode.
    type: str
    choices: [application, migrations, backup, restore]
    default: application
  wait_timeout:
    description: How many seconds the whole task may take.
    type: float
    default: 60
seealso:
  - module: holdfast.webops.supabase_project
"""

EXAMPLES = r"""
- name: Is the project well, and may migrations go through this address?
  holdfast.webops.supabase_project_info:
    project_ref: abcdefghijklmnopqrst
    access_token: "{{ vault_supabase_token }}"
    database_url: "{{ vault_database_url }}"
    purpose: migrations
  register: found
  failed_when: found.project.status != 'ACTIVE_HEALTHY' or found.database_url.problems
"""

RETURN = r"""
project:
  description: The project.
  returned: success
  type: dict
  contains:
    ref:
      description: Its reference.
      type: str
    name:
      description: Its name.
      type: str
    organization:
      description: The organisation that owns it.
      type: str
    region:
      description: Where it is.
      type: str
    status:
      description: Its state.
      type: str
      sample: ACTIVE_HEALTHY
    created_at:
      description: When it was made.
      type: str
    database_host:
      description: Where its database is.
      type: str
    database_version:
      description: Version of its database.
      type: str
health:
  description: Each service by its name. V(null) when not asked for.
  returned: success
  type: dict
  sample: {auth: {healthy: true, status: ACTIVE_HEALTHY, error: null}}
connections:
  description: Addresses of the database without a password, C(direct), C(session) and C(transaction). V(null) when not asked for.
  returned: success
  type: dict
  sample:
    direct: "postgresql://postgres@db.abcdefghijklmnopqrst.supabase.co:5432/postgres"
    session: "postgresql://postgres.abcdefghijklmnopqrst@aws-0-eu-central-1.pooler.supabase.com:5432/postgres"
    transaction: "postgresql://postgres.abcdefghijklmnopqrst@aws-0-eu-central-1.pooler.supabase.com:6543/postgres"
database_url:
  description: The judgement on O(database_url). V(null) without one.
  returned: success
  type: dict
  contains:
    kind:
      description: V(direct), V(session), V(transaction), or V(other) for a server that is not this project's.
      type: str
    problems:
      description: Sentences about what is wrong for O(purpose); empty when nothing is.
      type: list
      elements: str
banned_addresses:
  description: Addresses that the database refuses after wrong passwords. V(null) when not asked for.
  returned: success
  type: list
  elements: str
addons:
  description: What is bought, variant by type. V(null) when not asked for.
  returned: success
  type: dict
  sample: {compute_instance: ci_small, pitr: pitr_7}
buckets:
  description: Whether each storage bucket is public. V(null) when not asked for.
  returned: success
  type: dict
  sample: {user-avatars: true}
api_keys:
  description: Type of each key by its name, with the type before it for keys of the new kind. V(null) when not asked for.
  returned: success
  type: dict
  sample: {anon: legacy, publishable_default: publishable, secret_default: secret}
secrets:
  description: Names of the edge functions' secrets. V(null) when not asked for.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.looking import look

TOPICS = ["health", "connections", "bans", "addons", "buckets", "api_keys", "secrets"]
SERVICES = ["auth", "db", "db_postgres_user", "pg_bouncer", "pooler", "realtime", "rest", "storage"]


def main() -> None:
    run_module(
        look,
        argument_spec={
            **ARGUMENTS,
            "gather": {"type": "list", "elements": "str", "choices": TOPICS, "default": ["health", "connections"]},
            "services": {
                "type": "list",
                "elements": "str",
                "choices": SERVICES,
                "default": ["auth", "db", "pooler", "realtime", "rest", "storage"],
            },
            "database_url": {"type": "str", "no_log": True},
            "purpose": {"type": "str", "choices": ["application", "migrations", "backup", "restore"], "default": "application"},
            "wait_timeout": {"type": "float", "default": 60},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
