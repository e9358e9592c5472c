#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pg_recovery_points
short_description: Say to which moments a PostgreSQL database can be restored
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Says what can be restored by logical backups and by pgBackRest, and how much would be lost if the database's disk died now.
  - The window of pgBackRest is measured. A backup counts when every segment of WAL from it to the present is in its repository.
  - What would be lost is counted from the first transaction on the server's disk that is not archived, so that C(archive_timeout) shows.
  - When the archiver fails, stands still or is off, only what lies in the archive counts. That is a problem, however little happened since.
  - Runs on the host of the database, as root or as the owner of the cluster. Without O(stanza) it needs neither.
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Looking changes nothing.
  diff_mode:
    description: Says in diff mode what changed.
    support: none
    details: There is nothing to compare.
options:
  backups:
    description: The logical backups, as M(holdfast.webops.pg_backup_info) returned them.
    type: list
    elements: dict
    default: []
  stanza:
    description: The stanza of pgBackRest. Left out, only O(backups) count.
    type: str
  config_file:
    description: Its configuration file. Left out, it is the one that pgBackRest finds by itself.
    type: path
  cluster:
    description: The cluster, as Debian names it, such as V(15/main). Empty is the only one of the host.
    type: str
    default: ""
  data_dir:
    description: For a server that Debian's tools do not know, its data directory. Needs O(pg_bin_dir) and O(socket_dir).
    type: path
  pg_bin_dir:
    description: With O(data_dir), folder of its programs, C(psql) and C(pg_waldump) among them.
    type: path
  socket_dir:
    description: With O(data_dir), folder of its socket, where the owner gets in as C(postgres) without a password.
    type: path
  port:
    description: With O(data_dir), its port.
    type: int
    default: 5432
seealso:
  - module: holdfast.webops.pg_backup_info
  - module: holdfast.webops.pgbackrest_stanza
  - module: holdfast.webops.pgbackrest_restore
"""

EXAMPLES = r"""
- name: Ask what the shop could be restored to
  holdfast.webops.pg_recovery_points:
    stanza: shop
  register: shop

- name: Fail when more than an hour would be lost
  ansible.builtin.assert:
    that:
      - shop.recovery_points.healthy
      - shop.recovery_points.rpo_seconds <= 3600
"""

RETURN = r"""
recovery_points:
  description: What can be restored.
  returned: success
  type: dict
  contains:
    newest:
      description: The newest moment that can be restored, V(null) where nothing can be.
      type: str
      sample: "2026-11-22T08:29:41Z"
    oldest:
      description: The oldest one.
      type: str
      sample: "2026-11-15T01:00:09Z"
    rpo_seconds:
      description: How much would be lost now, in seconds, V(null) where nothing can be restored.
      type: float
      sample: 19.4
    method:
      description: The way that reaches the newest moment, V(physical) or V(logical), V(null) where there is none.
      type: str
      sample: physical
    healthy:
      description: Whether there is nothing in RV(recovery_points.problems).
      type: bool
      sample: true
    problems:
      description: Sentences about what is wrong, also given as warnings.
      type: list
      elements: str
      sample: []
    backups:
      description: What O(backups) said.
      type: list
      elements: dict
      sample: []
    physical:
      description: What pgBackRest can restore, V(null) without O(stanza).
      type: dict
      contains:
        stanza:
          description: The stanza.
          type: str
          sample: shop
        cluster:
          description: The cluster, V(null) with O(data_dir).
          type: str
          sample: 15/main
        provable:
          description: Whether a restore can be proven beside the live cluster, which is V(true) with pgBackRest.
          type: bool
          sample: true
        oldest:
          description: End of the oldest backup from which the archived WAL leads to the present.
          type: str
          sample: "2026-11-15T01:00:09Z"
        newest:
          description: The newest moment that can be restored.
          type: str
          sample: "2026-11-22T08:29:41Z"
        rpo_seconds:
          description: How much would be lost now, in seconds.
          type: float
          sample: 19.4
        archiving:
          description: V(ok), V(failing), V(off), or V(unknown) when the server does not answer.
          type: str
          sample: ok
        archive_timeout:
          description: How long a change waits at most before its WAL is archived, in seconds. V(0) is without limit, V(null) unknown.
          type: int
          sample: 300
        last_archived:
          description: When the server archived something last.
          type: str
          sample: "2026-11-22T08:29:40Z"
        failed_count:
          description: How many attempts to archive failed since the server's statistics were reset.
          type: int
          sample: 0
        waiting:
          description: How many files wait to be archived.
          type: int
          sample: 0
        backups:
          description: The backups from which the archived WAL leads to the present, the newest first.
          type: list
          elements: dict
          sample:
            - {"label": "20261122-010002F", "type": "full", "repository": 1, "started": "2026-11-22T01:00:02Z",
               "at": "2026-11-22T01:00:09Z", "size": 22956398, "stored_size": 2821568, "sound": true}
        repositories:
          description: How far each repository reaches.
          type: list
          elements: dict
          sample:
            - {"repository": 1, "oldest": "2026-11-15T01:00:09Z", "newest_segment": "000000010000000000000004",
               "last_commit": "2026-11-22T08:29:40Z", "cut_off": [], "problem": null}
        problems:
          description: Sentences about what is wrong with it.
          type: list
          elements: str
          sample: []
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.points import ARGUMENTS, look


def main() -> None:
    run_module(look, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
