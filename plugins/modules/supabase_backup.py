#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: supabase_backup
short_description: Say what a Supabase project can go back to, name a moment, and go back
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Lists what Supabase keeps of a project's database, makes restore points, and takes the whole project back to a moment, a daily
    backup or a restore point.
  - Before it orders a restore it says what will be lost, as in check mode. A target in the future, or out of the window, and a project that
    is paused or being changed are refused before anything is touched.
  - A restore is waited for until the project is healthy again. When the task is killed, or its time is over, Supabase goes on. The same
    task again finds that restore and waits for it, instead of ordering another one.
  - After a restore that has ended, the same task orders it once more. Supabase keeps no record of what a project was restored to.
  - A restore brings back the database, with the users of auth and what it knows of stored files, but not the files themselves. Back them up
    with M(holdfast.webops.object_backup).
extends_documentation_fragment:
  - holdfast.webops.supabase
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Says to which moment the project would go back and how much would be lost. Touches nothing.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
options:
  state:
    description:
      - V(listed) looks, and changes nothing.
      - V(point) makes the restore point O(restore_point), unless it is there.
      - V(restored) takes the project back to O(target).
    type: str
    choices: [listed, point, restored]
    default: listed
  backups:
    description: The logical backups, as M(holdfast.webops.pg_backup_info) returned them, to be weighed in RV(recovery_points).
    type: list
    elements: dict
    default: []
  restore_point:
    description: With O(state=point), its name, at most 20 letters, digits and signs.
    type: str
  target:
    description:
      - With O(state=restored), V(latest), a time such as V(2026-11-22T08:30:00Z), V(backup 12345), which is one of
        RV(recovery_points.physical.backups), or V(point before-release-42), a restore point by its name.
      - A time needs point-in-time recovery. Supabase takes whole seconds; a fraction is cut off.
    type: str
  confirm:
    description: With O(state=restored), the reference of the project once more. It says that it is meant.
    type: str
  force:
    description: Order a restore although the last one failed (C(RESTORE_FAILED)).
    type: bool
    default: false
  wait_timeout:
    description: How many seconds the task may take. A restore of many gigabytes takes hours.
    type: int
    default: 7200
seealso:
  - module: holdfast.webops.supabase_project
  - module: holdfast.webops.pg_restore
  - module: holdfast.webops.pgbackrest_restore
"""

EXAMPLES = r"""
- name: Ask what the portal could go back to
  holdfast.webops.supabase_backup:
    project_ref: abcdefghijklmnopqrst
  register: portal

- name: Name this moment, before something risky
  holdfast.webops.supabase_backup:
    project_ref: abcdefghijklmnopqrst
    state: point
    restore_point: before-release-42

- name: Say what would be lost
  holdfast.webops.supabase_backup:
    project_ref: abcdefghijklmnopqrst
    state: restored
    target: "2026-11-22T08:30:00Z"
    confirm: abcdefghijklmnopqrst
  check_mode: true

- name: Go back
  holdfast.webops.supabase_backup:
    project_ref: abcdefghijklmnopqrst
    state: restored
    target: "2026-11-22T08:30:00Z"
    confirm: abcdefghijklmnopqrst
"""

RETURN = r"""
project:
  description: The project, afterwards.
  returned: success
  type: dict
  sample: {"ref": "abcdefghijklmnopqrst", "name": "VZ Portal", "region": "eu-central-1", "status": "ACTIVE_HEALTHY"}
recovery_points:
  description: What can be restored, before a restore; V(null) in check mode while another restore is under way.
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
      sample: 119.4
    method:
      description: The way that reaches the newest moment, V(physical) or V(logical), V(null) where there is none.
      type: str
      sample: physical
    healthy:
      description: Whether there is nothing in RV(recovery_points.problems).
      type: bool
      sample: true
    problems:
      description: Sentences about what is wrong, with O(state=listed) also given as warnings.
      type: list
      elements: str
      sample: []
    backups:
      description: What O(backups) said.
      type: list
      elements: dict
      sample: []
    physical:
      description: What Supabase keeps.
      type: dict
      contains:
        cluster:
          description: What goes back as a whole, the reference of the project.
          type: str
          sample: abcdefghijklmnopqrst
        provable:
          description: Whether a restore can be proven without touching the project, which is V(false); Supabase restores in place.
          type: bool
          sample: false
        status:
          description: Its status.
          type: str
          sample: ACTIVE_HEALTHY
        region:
          description: Where it is.
          type: str
          sample: eu-central-1
        pitr:
          description: Whether every moment from RV(recovery_points.physical.oldest) to RV(recovery_points.physical.newest) can be had.
          type: bool
          sample: true
        oldest:
          description: The oldest moment.
          type: str
          sample: "2026-11-15T01:00:09Z"
        newest:
          description: The newest one. An idle database archives nothing, so that it may be older than what there is to lose.
          type: str
          sample: "2026-11-22T08:29:41Z"
        rpo_seconds:
          description: How much would be lost now, in seconds.
          type: float
          sample: 119.4
        backups:
          description: Supabase's own backups, the newest first. Only those that are C(restorable) can be a target.
          type: list
          elements: dict
          sample: [{"id": 12345, "physical": true, "status": "COMPLETED", "at": "2026-11-22T02:00:11Z", "restorable": true}]
        problems:
          description: Sentences about what is wrong with it.
          type: list
          elements: str
          sample: []
restore_point:
  description:
    - With O(state=point), the restore point, else V(null).
    - In check mode RV(restore_point.status) is V(null) where it would be made.
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: before-release-42
    status:
      description: What Supabase says of it.
      type: str
      sample: AVAILABLE
    at:
      description: When it was made.
      type: str
      sample: "2026-11-22T08:29:41Z"
physical:
  description: With O(state=restored), what was restored, or would be in check mode. Else V(null).
  returned: success
  type: dict
  contains:
    cluster:
      description: What goes back as a whole, the reference of the project.
      type: str
      sample: abcdefghijklmnopqrst
    target:
      description: The target.
      type: str
      sample: "2026-11-22T08:30:00Z"
    moment:
      description: The moment that it means, V(null) where a restore was found under way.
      type: str
      sample: "2026-11-22T08:30:00Z"
    lost_seconds:
      description: How much is lost, from that moment to when the task looked; V(null) where a restore was found under way.
      type: float
      sample: 431.2
    newest:
      description: The newest moment that could have been chosen.
      type: str
      sample: "2026-11-22T08:35:05Z"
    way:
      description: V(pitr), V(backup) or V(point).
      type: str
      sample: pitr
    backup:
      description: Number of the backup, V(null) for the other ways.
      type: int
      sample: null
    says:
      description: What a person has to know before it is done.
      type: str
      sample: "Everything that was committed after 2026-11-22T08:30:00Z is lost: 7 min 11 s until now."
    resumed:
      description: Whether a restore was found under way, and waited for.
      type: bool
      sample: false
    status:
      description: The status of the project afterwards.
      type: str
      sample: ACTIVE_HEALTHY
    duration_s:
      description: How long it took, in seconds; V(null) in check mode.
      type: float
      sample: 612.4
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._supabase.recovering import ARGUMENTS, recover


def main() -> None:
    run_module(recover, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
