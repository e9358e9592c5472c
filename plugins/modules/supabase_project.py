#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: supabase_project
short_description: Have a project on Supabase configured as the task says
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Brings the configuration of a project to what the task says, part by part, in one task. What is not given stays as it is.
  - Everything is read and judged before anything is changed. Afterwards the changed parts are read again; a value that Supabase accepted
    but does not show fails the task.
  - A project that is coming up, restoring, restarting or being resized is waited for. One that is paused or broken fails the task.
extends_documentation_fragment:
  - holdfast.webops.supabase
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
    details: Whether O(unban_own_address) would lift a ban cannot be known without trying; check mode says so in a warning.
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
    details: Secrets are shown as whether they are there and whether they change.
options:
  auth:
    description:
      - Settings of the auth service, under the names that the Management API has for C(config/auth). Those not given stay as they are,
        V(null) takes one back to Supabase's default.
      - Times of sessions (C(sessions_timebox), C(sessions_inactivity_timeout)) are in hours, C(jwt_exp) and other expiries in seconds.
      - C(uri_allow_list) and other texts with commas may be given as lists.
      - Secrets, such as C(smtp_pass), are given in O(auth_secrets), where they are masked.
    type: dict
  auth_secrets:
    description:
      - The secret ones of these settings, such as C(smtp_pass), C(external_google_secret) and C(hook_send_email_secrets).
      - Supabase shows digests of them (HMAC-SHA-256 with the reference as key), which tell whether one changes. Where it shows
        something else, they are written when there is none yet, and with O(rewrite_secrets).
    type: dict
  postgres:
    description:
      - Settings of PostgreSQL under PostgreSQL's names, such as C(max_connections). Other overrides stay, V(null) takes one back.
      - Amounts are compared by what they mean; V(64MB) is V(65536kB).
    type: dict
  restart:
    description:
      - What to do when a change takes a restart of the database, which cuts all connections. Those of C(max_connections),
        C(shared_buffers) and other settings that PostgreSQL reads when it starts do, and those of O(ssl_enforcement).
      - V(now) restarts it and waits until the project is healthy. With V(later) the settings of PostgreSQL count from the next restart
        on, and O(ssl_enforcement) is refused, because Supabase restarts the database for it at once.
      - Not given, a change that takes a restart is refused. What an earlier task left for later is no change any more; restart the database
        in the dashboard to have it at once.
    type: str
    choices: [now, later]
  pooler:
    description: The shared pooler of the primary database.
    type: dict
    suboptions:
      default_pool_size:
        description: Connections to the database for each user and database, 0 to 3000.
        type: int
      pool_mode:
        description: What port 6543 does. Session mode is always on port 5432.
        type: str
        choices: [transaction, session]
  network:
    description: Who may connect to the database and the pooler.
    type: dict
    suboptions:
      allowed_cidrs:
        description:
          - The networks, IPv4 and IPv6 together. The list is complete; who is not in it may not connect.
          - V(0.0.0.0/0) and V(::/0) let everybody in. Supabase takes no private networks.
        type: list
        elements: str
        required: true
  ssl_enforcement:
    description: Whether the database refuses connections without TLS.
    type: bool
  storage:
    description: The storage service.
    type: dict
    suboptions:
      file_size_limit:
        description: The largest file, in bytes or as V(50MB), V(5GB) (powers of 1024), at most 500GB.
        type: str
      image_transformation:
        description: Whether images are resized on the way out.
        type: bool
      s3_protocol:
        description: Whether the storage can be reached by S3's protocol.
        type: bool
  pitr:
    description: Point-in-time recovery, an add-on of the plan Pro and above that needs the compute size Small or larger, and costs money.
    type: dict
    suboptions:
      retention_days:
        description: For how many days back the database can be restored to any moment. V(0) has none.
        type: int
        choices: [0, 7, 14, 28]
        required: true
      allow_shorter:
        description: Whether it may become shorter, which gives up moments that could be restored until then.
        type: bool
        default: false
  secrets:
    description:
      - Secrets of the edge functions, value by name. Names that begin with C(SUPABASE_) are Supabase's own.
      - Supabase shows the SHA-256 digest of each, which tells whether it changes.
    type: dict
  variables:
    description:
      - More of them, whose values are no secrets and so are not masked in what Ansible shows. To Supabase there is no difference.
    type: dict
  secrets_purge:
    description: Whether to remove secrets that neither O(secrets) nor O(variables) lists.
    type: bool
    default: false
  rewrite_secrets:
    description: Whether to write those of O(auth_secrets) anew that Supabase shows neither in the clear nor as a digest.
    type: bool
    default: false
  unban_own_address:
    description:
      - Whether to lift the ban of the address that this task comes from. Supabase bans whoever tries wrong passwords on the database a
        few times; connections are refused then.
    type: bool
    default: false
  api_keys_file:
    description:
      - File, on the host that runs the module, that shall hold the project's API keys for other steps, as a JSON object (mode 0600).
        The old keys are under C(anon) and C(service_role), others under type and name, such as C(secret_default). The result never shows
        them.
    type: path
  wait_timeout:
    description: How many seconds the whole task may take, restarts of the database and rate limits included.
    type: float
    default: 600
seealso:
  - module: holdfast.webops.supabase_project_info
  - module: holdfast.webops.supabase_bucket
"""

EXAMPLES = r"""
- name: A project for production
  holdfast.webops.supabase_project:
    project_ref: abcdefghijklmnopqrst
    access_token: "{{ vault_supabase_token }}"
    auth:
      site_url: https://portal.example.com
      uri_allow_list: [https://portal.example.com/**]
      sessions_timebox: 8
      refresh_token_rotation_enabled: true
      mfa_totp_enroll_enabled: true
      mfa_totp_verify_enabled: true
      password_min_length: 12
      smtp_host: smtp.example.com
      smtp_user: portal
    auth_secrets:
      smtp_pass: "{{ vault_smtp_password }}"
    postgres:
      max_connections: 100
      statement_timeout: 30s
    restart: now
    pooler:
      default_pool_size: 20
    network:
      allowed_cidrs: [198.51.100.0/24]
    ssl_enforcement: true
    storage:
      file_size_limit: 50MB
      s3_protocol: true
    pitr:
      retention_days: 7
    secrets:
      RESEND_API_KEY: "{{ vault_resend_api_key }}"
    variables:
      AUDIT_LOGGING: enabled
    secrets_purge: true

- name: The keys for the next steps, without showing them
  holdfast.webops.supabase_project:
    project_ref: abcdefghijklmnopqrst
    access_token: "{{ vault_supabase_token }}"
    api_keys_file: /run/user/1000/portal-keys.json
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
      sample: abcdefghijklmnopqrst
    name:
      description: Its name.
      type: str
      sample: portal
    region:
      description: Where it is.
      type: str
      sample: eu-central-1
    status:
      description: Its state at the end of the task.
      type: str
      sample: ACTIVE_HEALTHY
    database_version:
      description: Version of its database.
      type: str
      sample: 17.6.1.063
configuration:
  description:
    - What the task is about, part by part, as it is now (in check mode, as a real run would leave it). Of secrets only whether they are
      there.
  returned: success
  type: dict
  sample: {auth: {sessions_timebox: 8, smtp_pass: as given}, ssl_enforcement: {database: true}}
changes:
  description: The settings that changed, or would.
  returned: success
  type: list
  elements: str
  sample: [auth.sessions_timebox, secrets.RESEND_API_KEY]
restart_pending:
  description: The settings that this task changed and that count from the next restart of the database on.
  returned: success
  type: list
  elements: str
  sample: [postgres.max_connections]
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.client import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.configuring import configure

A_MODE = {"type": "str", "choices": ["transaction", "session"]}
DAYS = {"type": "int", "choices": [0, 7, 14, 28], "required": True}


def main() -> None:
    run_module(
        configure,
        argument_spec={
            **ARGUMENTS,
            "auth": {"type": "dict"},
            "auth_secrets": {"type": "dict", "no_log": True},
            "postgres": {"type": "dict"},
            "restart": {"type": "str", "choices": ["now", "later"]},
            "pooler": {"type": "dict", "options": {"default_pool_size": {"type": "int"}, "pool_mode": A_MODE}},
            "network": {"type": "dict", "options": {"allowed_cidrs": {"type": "list", "elements": "str", "required": True}}},
            "ssl_enforcement": {"type": "bool"},
            "storage": {
                "type": "dict",
                "options": {"file_size_limit": {"type": "str"}, "image_transformation": {"type": "bool"}, "s3_protocol": {"type": "bool"}},
            },
            "pitr": {"type": "dict", "options": {"retention_days": DAYS, "allow_shorter": {"type": "bool", "default": False}}},
            "secrets": {"type": "dict", "no_log": True},
            "variables": {"type": "dict"},
            "secrets_purge": {"type": "bool", "default": False, "no_log": False},
            "rewrite_secrets": {"type": "bool", "default": False, "no_log": False},
            "unban_own_address": {"type": "bool", "default": False},
            "api_keys_file": {"type": "path", "no_log": False},
            "wait_timeout": {"type": "float", "default": 600},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
