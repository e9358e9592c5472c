#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_protection
short_description: See how a PostgreSQL on Amazon RDS is protected against loss, and have it protected
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Says whether automated backups, deletion protection and encryption are on, and changes what is asked for, at once.
  - Encryption cannot be switched on; only a copy of a snapshot can be encrypted.
extends_documentation_fragment:
  - holdfast.webops.rds
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
  diff_mode:
    description: Says in diff mode what changed.
    support: full
options:
  backup_retention:
    description:
      - For how many days automated backups are kept, V(1) to V(35). They are what an instance goes back to a moment by.
      - V(0) switches them off and removes those that there are. Switching them on or off interrupts the instance for some seconds.
    type: int
  backup_window:
    description: When RDS backs up every day, in UTC, such as V(02:00-02:30).
    type: str
  deletion_protection:
    description: Whether RDS refuses to remove the instance.
    type: bool
  copy_tags_to_snapshot:
    description: Whether snapshots get the tags of the instance.
    type: bool
  wait_timeout:
    description: How many seconds the task may take.
    type: int
    default: 1800
notes:
  - It needs the rights C(rds:DescribeDBInstances) and, to change something, C(rds:ModifyDBInstance).
seealso:
  - module: holdfast.webops.rds_backup
"""

EXAMPLES = r"""
- name: See what would let the shop be lost
  holdfast.webops.rds_protection:
    db_instance_identifier: shop
    region: eu-central-1
  register: shop

- name: Have it protected
  holdfast.webops.rds_protection:
    db_instance_identifier: shop
    region: eu-central-1
    backup_retention: 14
    deletion_protection: true
"""

RETURN = r"""
instance:
  description: The instance, as RV(holdfast.webops.rds_backup#module:instance).
  returned: success
  type: dict
  sample: {"name": "shop", "status": "available", "encrypted": true}
protection:
  description: What each option is, afterwards.
  returned: success
  type: dict
  sample: {"backup_retention": 14, "backup_window": "02:00-02:30", "deletion_protection": true, "copy_tags_to_snapshot": true}
problems:
  description: Sentences about what would let all of it be lost at once, also given as warnings.
  returned: success
  type: list
  elements: str
  sample: ["Deletion protection is off: one wrong command removes the instance with its automated backups."]
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._rds.protecting import ARGUMENTS, protect


def main() -> None:
    run_module(protect, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
