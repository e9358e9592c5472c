#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rehearsal_scratch
short_description: Let one rehearsal of the recovery run at a time, and remove what it keeps
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Ends the applications that M(holdfast.webops.rehearsal_application) started for a portal on this host, and removes the databases that
    M(holdfast.webops.pg_restore) kept for them, also those of a rehearsal that was killed.
  - What it ends is known by a lock that the programs have open, and a database by its name; nothing else is touched.
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
    details: The folders of what is kept, before and after.
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  state:
    description:
      - V(absent) removes what is there.
      - V(claimed) also notes that O(run) rehearses the portal on this host, and refuses where another run does. V(released) ends that.
      - A run that was killed is in nobody's way on the same controller. One of another controller is, until its O(keep_for) is over.
    type: str
    choices: [absent, claimed, released]
    default: absent
  run:
    description: The run, by a name that no other one has. The action plugin gives that of the run of Ansible.
    type: str
    default: ""
  ended:
    description: The name of a run that is known to have ended. The action plugin gives it.
    type: str
    default: ""
  keep_for:
    description: With O(state=claimed), for how many seconds at most.
    type: float
    default: 14400
  scratch_dirs:
    description: Folders that were given as O(holdfast.webops.pg_restore#module:scratch_dir) and
      O(holdfast.webops.rehearsal_application#module:scratch_dir). When empty, it is the system's directory for temporary files.
    type: list
    elements: path
    default: []
  maintenance_database:
    description: Database from which a scratch database on another server is dropped.
    type: str
    default: postgres
seealso:
  - module: holdfast.webops.pg_restore
  - module: holdfast.webops.rehearsal_application
"""

EXAMPLES = r"""
- name: Remove what rehearsals of the shop left
  holdfast.webops.rehearsal_scratch:
    portal: shop
"""

RETURN = r"""
removed:
  description: The folders that are gone, with what ran in them.
  returned: success
  type: list
  elements: str
  sample: [/tmp/holdfast-application-shop.x1y2z3a4, /tmp/holdfast-database-shop.b5c6d7e8]
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.scratch import ARGUMENTS, remove_scratch


def main() -> None:
    run_module(remove_scratch, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
