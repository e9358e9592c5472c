#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pgbackrest_restore
short_description: Restore a whole PostgreSQL cluster to a moment, with pgBackRest
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Restores the newest backup before the target into a new data directory, recovers it to the target there, and looks into it.
  - With O(state=restored) it then takes the place of the live data directory by two renames, while the server is down. The old one stays
    under a dated name until somebody removes it.
  - Every database of the cluster goes back. For a single one, restore a logical backup with M(holdfast.webops.pg_restore).
  - Killed at any moment, the same task again finishes or begins anew.
  - Runs on the host of the database, as root, or as the owner of the cluster for O(state=proven).
extends_documentation_fragment:
  - holdfast.webops.validations
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Looks the target up in the archive and says which moment it is and how much would be lost. Touches nothing.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows to which target the cluster was restored before and after.
options:
  stanza:
    description: The name of the cluster in the repositories.
    type: str
    required: true
  config_file:
    description: Configuration file of pgBackRest. Left out, it is the one that it finds by itself.
    type: path
  cluster:
    description: The cluster, as Debian names it, such as V(15/main). Empty is the only one of the host.
    type: str
    default: ""
  data_dir:
    description: For a server that Debian's tools do not know, and that can be proven only, its data directory.
    type: path
  pg_bin_dir:
    description: With O(data_dir), folder of its programs.
    type: path
  socket_dir:
    description: With O(data_dir), folder of its socket, where the owner gets in as C(postgres) without a password.
    type: path
  port:
    description: With O(data_dir), its port.
    type: int
    default: 5432
  state:
    description: V(proven) throws the restored cluster away after the checks. V(restored) lets it take the place of the live one.
    type: str
    choices: [proven, restored]
    default: proven
  target:
    description:
      - V(latest), a time such as V(2026-11-22T08:30:00Z), V(transaction 7351), which is the last one that is there afterwards, or
        V(point before-release-42), a restore point by its name.
      - A time that an earlier restore went back behind leads to what there was then. Transactions and names are looked up on the present
        timeline alone.
      - A target in the future, before the first backup, after what is archived, or that the archive does not hold is refused, and so is a
        name that was given more than once since the backup from which the restore begins.
    type: str
    default: latest
  confirm:
    description: For O(state=restored), the name of the cluster, such as V(15/main).
    type: str
  force:
    description: Restore although the live cluster was restored to this target before.
    type: bool
    default: false
  checks:
    description: Questions that the restored cluster must answer before it takes any place.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What is asked, in a few words.
        type: str
        required: true
      database:
        description: Where.
        type: str
        required: true
      query:
        description: A statement that gives one value.
        type: str
        required: true
      expect:
        description: The value as C(psql) shows it. Left out, any will do.
        type: str
  validations:
    description:
      - What must hold in the restored cluster, asked in O(database) in transactions that can only read. It needs psycopg on this host.
      - What does not hold is said in RV(physical.validations), and fails no task; O(checks) do.
  canary:
    description: A query that gives the moment of the youngest change in O(database), such as V(SELECT max(updated_at) FROM orders).
    type: str
  database:
    description: The database that O(validations) and O(canary) are asked in. Required with one of them.
    type: str
  jobs:
    description: How many files are fetched at a time.
    type: int
    default: 2
  wait_timeout:
    description: How long it may take, in seconds.
    type: int
    default: 14400
seealso:
  - module: holdfast.webops.pgbackrest_stanza
  - module: holdfast.webops.pg_recovery_points
  - module: holdfast.webops.pg_restore
"""

EXAMPLES = r"""
- name: See whether the shop could be restored to half past eight
  holdfast.webops.pgbackrest_restore:
    stanza: shop
    target: "2026-11-22T08:30:00Z"
    checks:
      - name: orders are there
        database: shop
        query: SELECT count(*) > 0 FROM orders
        expect: t

- name: Do it
  holdfast.webops.pgbackrest_restore:
    stanza: shop
    target: "2026-11-22T08:30:00Z"
    state: restored
    confirm: 15/main
"""

RETURN = r"""
physical:
  description: What was restored, or would be in check mode.
  returned: success
  type: dict
  contains:
    cluster:
      description: The cluster, V(null) with O(data_dir).
      type: str
      sample: 15/main
    target:
      description: The target.
      type: str
      sample: "2026-11-22T08:30:00Z"
    moment:
      description: The moment that it means. For a restore point it is that of the last transaction before it.
      type: str
      sample: "2026-11-22T08:30:00Z"
    lost_seconds:
      description: How much is lost, from that moment to when the task looked.
      type: float
      sample: 431.2
    newest:
      description: The newest moment that could have been chosen.
      type: str
      sample: "2026-11-22T08:37:05Z"
    backup:
      description: Label of the backup that it begins with.
      type: str
      sample: 20261122-010002F
    repository:
      description: The repository that holds it.
      type: int
      sample: 1
    size:
      description: Size of the cluster in bytes.
      type: int
      sample: 22956398
    databases:
      description: The databases that were found in it. Empty in check mode.
      type: list
      elements: str
      sample: [postgres, shop]
    checks:
      description: The answers to O(checks). Empty in check mode.
      type: list
      elements: dict
      sample: [{"name": "orders are there", "found": "t", "expected": "t", "passed": true}]
    validations:
      description: The answers to O(validations), and to O(canary) under that name. Empty in check mode.
      type: list
      elements: dict
      sample: [{"name": "orders", "passed": true, "expected": "at least 1000", "found": "5000", "says": "5000 as expected (at least 1000).",
        "seconds": 0.01}]
    youngest_change:
      description: What O(canary) gave, V(null) without one.
      type: str
      sample: "2026-11-22T08:29:58Z"
    data_dir:
      description: The data directory.
      type: str
      sample: /var/lib/postgresql/15/main
    kept:
      description: Where the old one is kept, V(null) where nothing was replaced.
      type: str
      sample: /var/lib/postgresql/15/main.before-20261122T083705Z
    duration_s:
      description: How long it took, in seconds.
      type: float
      sample: 7.7
restored:
  description: Whether the live cluster is the restored one.
  returned: success
  type: bool
  sample: true
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.restoring import ARGUMENTS, restore


def main() -> None:
    run_module(restore, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
