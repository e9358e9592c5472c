#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_backup
short_description: Say what a PostgreSQL on Amazon RDS can go back to, name a moment, prove it, go back, and undo that
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Lists what RDS keeps of a DB instance, makes snapshots as restore points, and takes the instance back to a moment or a snapshot.
  - RDS restores into a new instance. It is made beside the live one, gets the same settings (RDS gives it defaults unless it is told),
    answers O(validations), and takes the place of the live one by two renames. The old instance is kept under a dated name, such as
    C(shop-before-20261122t083000), until somebody removes it, and O(state=undone) brings it back.
  - Applications keep their address, because the name of an instance is in it. They wait for the two renames, some minutes.
  - A target in the future, out of the window, or a transaction are refused before anything is touched.
  - Killed at any moment, the same task again goes on where it was. What it needs to know stands in tags (C(holdfast:*)) of the instances.
  - An instance that was deleted comes back under its own name, from the automated backups that were retained, or else from a snapshot.
    Neither has all of its settings; O(settings) says the rest.
  - A restore brings back every database of the instance. For a single one, restore a logical backup with M(holdfast.webops.pg_restore).
  - This is about single instances with PostgreSQL, also with Multi-AZ. Aurora, Multi-AZ clusters and replicas are refused.
extends_documentation_fragment:
  - holdfast.webops.rds
  - holdfast.webops.validations
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Says to which moment the instance would go back and how much would be lost. Touches nothing.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows to which target the instance was restored before and after.
options:
  state:
    description:
      - V(listed) looks, and changes nothing.
      - V(point) makes the snapshot O(restore_point), unless it is there.
      - V(proven) restores into a scratch instance, asks it, and throws it away, also when that fails. What a killed run left, the next one
        throws away.
      - V(restored) takes the instance back to O(target).
      - V(undone) takes the last restore back. What was written since then stays in an instance named C(-undone-) and the time.
    type: str
    choices: [listed, point, proven, restored, undone]
    default: listed
  backups:
    description: The logical backups, as M(holdfast.webops.pg_backup_info) returned them, to be weighed in RV(recovery_points).
    type: list
    elements: dict
    default: []
  restore_point:
    description: With O(state=point), its name, of letters, digits, dots and single dashes. The snapshot is named after the instance and it.
    type: str
  keep:
    description:
      - With O(state=point), how many restore points of this instance are kept that were made with this option, the new one among them. The
        oldest of the others are removed once it is there; RDS keeps 100 snapshots for an account in a region, unless it is asked for more.
      - Other snapshots, and restore points that were made without it, are never removed. V(0) is the same as without it.
    type: int
  target:
    description:
      - With O(state=restored) and O(state=proven), V(latest), a time such as V(2026-11-22T08:30:00Z), or V(point before-release-42), a
        restore point by its name or any snapshot of the instance by its own, such as V(point rds:shop-2026-11-22-02-00).
      - A time needs automated backups. RDS takes whole seconds; a fraction is cut off.
      - V(latest) of an instance that is gone is its last snapshot, where that is younger than its automated backups.
    type: str
  confirm:
    description: With O(state=restored) and O(state=undone), the name of the instance once more. It says that it is meant.
    type: str
  force:
    description: Restore although the live instance was restored to this target before.
    type: bool
    default: false
  settings:
    description:
      - With O(state=restored) and O(state=proven), how an instance that is gone was set up, as far as RDS does not keep that. What nobody
        says becomes RDS's default, and RV(physical.differences) names it.
      - As long as the instance is there, its own settings are carried over.
    type: dict
    suboptions:
      instance_class:
        description: The class. RDS knows it.
        type: str
      multi_az:
        description: Whether there is a second instance in another zone.
        type: bool
      subnet_group:
        description: The subnet group, which also says in which VPC it is.
        type: str
      security_groups:
        description: The identifiers of the security groups, such as V(sg-0123456789abcdef0).
        type: list
        elements: str
      publicly_accessible:
        description: Whether it is reached from outside of the VPC.
        type: bool
      parameter_group:
        description: The parameter group.
        type: str
      option_group:
        description: The option group. RDS knows it.
        type: str
      backup_retention:
        description: For how many days automated backups are kept. Those that were retained know it.
        type: int
      backup_window:
        description: When RDS backs up, in UTC, such as V(02:00-02:30).
        type: str
      deletion_protection:
        description: Whether RDS refuses to remove it.
        type: bool
      copy_tags_to_snapshot:
        description: Whether snapshots get its tags.
        type: bool
  database_url:
    description:
      - A connection to the live instance, with which the restored one is asked before it takes any place. Its host and port are replaced.
      - Left out, nothing is asked, and RDS's word counts.
    type: str
  validations:
    description: What must hold in the restored instance. A wrong answer throws it away, and the live one stays.
  canary:
    description: With O(state=proven), a query for the moment of the youngest change, such as V(SELECT max(updated_at) FROM orders).
    type: str
  proof_instance_class:
    description: With O(state=proven), the class of the scratch instance, such as V(db.t4g.medium). Left out, it is that of the live one.
    type: str
  wait_timeout:
    description: How many seconds the task may take. A restore of many gigabytes takes hours. When it is over, the same task again goes on.
    type: int
    default: 14400
notes:
  - It needs the rights C(rds:DescribeDBInstances), C(rds:DescribeDBSnapshots) and C(rds:DescribeDBInstanceAutomatedBackups); for points
    C(rds:CreateDBSnapshot), and C(rds:DeleteDBSnapshot) with O(keep); for restores C(rds:RestoreDBInstanceToPointInTime),
    C(rds:RestoreDBInstanceFromDBSnapshot), C(rds:ModifyDBInstance), C(rds:DeleteDBInstance), which only removes what it made itself,
    and C(rds:AddTagsToResource).
seealso:
  - module: holdfast.webops.pg_restore
  - module: holdfast.webops.pgbackrest_restore
  - module: holdfast.webops.supabase_backup
"""

EXAMPLES = r"""
- name: Ask what the shop could go back to
  holdfast.webops.rds_backup:
    db_instance_identifier: shop
    region: eu-central-1
  register: shop

- name: Name this moment, before something risky
  holdfast.webops.rds_backup:
    db_instance_identifier: shop
    state: point
    restore_point: before-release-42

- name: See whether it could be restored, on a smaller machine
  holdfast.webops.rds_backup:
    db_instance_identifier: shop
    state: proven
    target: latest
    proof_instance_class: db.t4g.medium
    database_url: "{{ vault_shop_admin_url }}"
    validations:
      - {name: orders are there, query: SELECT count(*) FROM orders, at_least: 1000}

- name: Say what would be lost
  holdfast.webops.rds_backup: &back
    db_instance_identifier: shop
    state: restored
    target: "2026-11-22T08:30:00Z"
    confirm: shop
    database_url: "{{ vault_shop_admin_url }}"
  check_mode: true

- name: Go back
  holdfast.webops.rds_backup: *back

- name: Bring back an instance that was deleted
  holdfast.webops.rds_backup:
    db_instance_identifier: shop
    state: restored
    target: latest
    confirm: shop
    settings:
      subnet_group: private
      security_groups: [sg-0123456789abcdef0]
      parameter_group: shop-17
      deletion_protection: true

- name: Take that back
  holdfast.webops.rds_backup:
    db_instance_identifier: shop
    state: undone
    confirm: shop
"""

RETURN = r"""
instance:
  description: The instance, afterwards. Of one that is gone, what is left of it, with the status C(deleted).
  returned: success
  type: dict
  sample:
    name: shop
    status: available
    resource_id: db-ABCDEFGHIJKL
    instance_class: db.m7g.large
    engine_version: "17.6"
    multi_az: true
    encrypted: true
    deletion_protection: true
    retention_days: 7
    address: shop.abcdefghijkl.eu-central-1.rds.amazonaws.com
    port: 5432
recovery_points:
  description: What can be restored, before a restore; V(null) in check mode while nobody has the name, between two renames.
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
      sample: 190.4
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
      description: What RDS keeps.
      type: dict
      contains:
        cluster:
          description: What goes back as a whole, the name of the instance.
          type: str
          sample: shop
        provable:
          description: Whether a restore can be proven without touching the instance, which is V(true).
          type: bool
          sample: true
        status:
          description: Its status.
          type: str
          sample: available
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
          description: The newest one, which RDS moves on every five minutes.
          type: str
          sample: "2026-11-22T08:29:41Z"
        rpo_seconds:
          description: How much would be lost now, in seconds.
          type: float
          sample: 190.4
        retention_days:
          description: For how many days automated backups are kept; 0 is never.
          type: int
          sample: 7
        backups:
          description: The snapshots, the newest first. Only those that are C(restorable) can be a target, as C(point) and the C(id).
          type: list
          elements: dict
          sample:
            - {id: "rds:shop-2026-11-22-02-00", kind: automated, status: available, at: "2026-11-22T02:00:11Z", restorable: true}
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
    snapshot:
      description: The name of the snapshot.
      type: str
      sample: shop-before-release-42
    status:
      description: What RDS says of it.
      type: str
      sample: available
    at:
      description: When it was made.
      type: str
      sample: "2026-11-22T08:29:41Z"
    removed:
      description: The snapshots that went because of O(keep).
      type: list
      elements: str
      sample: [shop-before-release-22]
physical:
  description: With O(state=restored), O(state=proven) and O(state=undone), what was done, or would be in check mode. Else V(null).
  returned: success
  type: dict
  contains:
    cluster:
      description: What goes back as a whole, the name of the instance.
      type: str
      sample: shop
    target:
      description: The target, V(undone) with O(state=undone).
      type: str
      sample: "2026-11-22T08:30:00Z"
    moment:
      description: The moment that it means.
      type: str
      sample: "2026-11-22T08:30:00Z"
    lost_seconds:
      description: How much is lost, from that moment to when the task looked.
      type: float
      sample: 431.2
    newest:
      description: The newest moment that could have been chosen.
      type: str
      sample: "2026-11-22T08:35:05Z"
    way:
      description: V(pitr) or V(snapshot).
      type: str
      sample: pitr
    backup:
      description: The name of the snapshot, V(null) for V(pitr).
      type: str
      sample: null
    size:
      description: The size of the storage in bytes.
      type: int
      sample: 107374182400
    says:
      description: What a person has to know before it is done.
      type: str
      sample: "Everything that was committed after 2026-11-22T08:30:00Z is lost: 7 min 11 s until now."
    resumed:
      description: Whether an earlier run had begun it.
      type: bool
      sample: false
    youngest_change:
      description: What O(canary) gave, V(null) without one.
      type: str
      sample: "2026-11-22T08:29:58Z"
    validations:
      description: The answers to O(validations), and to O(canary) under that name. Empty in check mode.
      type: list
      elements: dict
      sample: [{name: orders, passed: true, expected: at least 1000, found: "51200", says: "51200 as expected.", seconds: 0.01}]
    differences:
      description: Sentences about what could not be carried over to the restored instance; also given as warnings.
      type: list
      elements: str
      sample: ["Its replicas go on following the old instance: shop-replica."]
    kept:
      description: The name of the instance that was replaced, V(null) where none was.
      type: str
      sample: shop-before-20261122t083705
    status:
      description: The status of the instance.
      type: str
      sample: available
    duration_s:
      description: How long it took, in seconds; V(null) where nothing was done.
      type: float
      sample: 1512.4
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._rds.recovering import ARGUMENTS, recover


def main() -> None:
    run_module(recover, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
