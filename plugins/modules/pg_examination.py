#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pg_examination
short_description: Ask a PostgreSQL database the questions of the business
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Asks a database what has to hold in it, as after a recovery and before users come back, and says how young its youngest change is.
  - A wrong answer, or a question that cannot be asked, is said in RV(answers) and RV(passed), and fails no task.
  - Each question is asked in a transaction that can only read.
extends_documentation_fragment:
  - holdfast.webops.postgres
  - holdfast.webops.validations
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Asking changes nothing, so check mode does the same as a real run.
  diff_mode:
    description: Says in diff mode what changed.
    support: none
    details: There is nothing to compare.
options:
  canary:
    description:
      - A query that gives the moment of the youngest change in the database, such as V(SELECT max(updated_at) FROM orders).
    type: str
  wait_timeout:
    description: How many seconds the questions may take.
    type: int
    default: 300
seealso:
  - module: holdfast.webops.pg_restore
"""

EXAMPLES = r"""
- name: Ask before users come back
  holdfast.webops.pg_examination:
    database_url: "{{ vault_orders_admin_url }}"
    canary: SELECT max(created_at) FROM orders
    validations:
      - {name: orders are there, query: SELECT count(*) FROM orders, at_least: 1000}
      - {name: every order has a customer, child: public.orders.customer, parent: public.customers.id}
  register: examination

- name: Go on only when every answer is right
  ansible.builtin.assert:
    that: examination.passed
"""

RETURN = r"""
answers:
  description: One for each question; that of O(canary) is called C(canary).
  returned: success
  type: list
  elements: dict
  sample: [{name: orders, passed: true, expected: at least 1000, found: "5120", says: "5120 as expected (at least 1000).", seconds: 0.01}]
passed:
  description: Whether every answer is right.
  returned: success
  type: bool
  sample: true
youngest_change:
  description: What O(canary) gave, V(null) without one.
  returned: success
  type: str
  sample: "2026-11-22T11:58:03Z"
seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 0.2
"""

from ansible_collections.holdfast.webops.plugins.module_utils._backup.questioning import ARGUMENTS, ask
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module


def main() -> None:
    run_module(ask, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
