#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_schedule
short_description: Let a host run commands by the clock, by systemd or cron
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Writes one timer of systemd for each schedule, or one file in C(/etc/cron.d) where systemd does not run, and removes those of the
    group that are not listed any more.
  - No command runs twice at a time; a run that finds the lock taken says so and ends.
  - A run that was missed because the host was down is made up for. Under systemd that is C(Persistent=true); under cron a look every
    hour, and after a boot, whether the last run is longer ago than the longest time between two, as anacron does it.
  - What the commands write goes into the journal, under cron into the system's log, by the name of the schedule.
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Says what would be written, and refuses what it would refuse.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows the files, which hold no secrets, and which schedules are in force.
options:
  group:
    description: What the schedules belong to. A schedule of this group that is not in O(schedules) is removed.
    type: str
    required: true
  schedules:
    description: What to run when. An empty list removes all of the group.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the timer, or of the file in C(/etc/cron.d), with letters, digits, dashes and underscores.
        type: str
        required: true
      description:
        description: What it is for, in a few words.
        type: str
        required: true
      command:
        description: The program, as an absolute path, and its arguments. Everybody on the host can read them.
        type: list
        elements: str
        required: true
      calendar:
        description:
          - When, in the host's time zone, as in a crontab with five fields, such as V(0 2 * * *) or V(30 1 * * sun).
          - Days of the month and days of the week cannot both be named.
        type: str
      interval:
        description: Instead, how many seconds after the end of the last run. Needs systemd.
        type: int
      jitter:
        description: Each run begins up to so many seconds later, by chance, so that many hosts do not begin at once.
        type: int
        default: 0
      timeout:
        description: Seconds after which a run is ended.
        type: int
        default: 14400
  directory:
    description: Folder that the commands run in, with locks and, under cron, scripts and stamps. It must exist.
    type: path
    required: true
  user:
    description: Who runs the commands. The user must exist.
    type: str
    default: root
  environment:
    description: Environment of the commands. Everybody on the host can read it.
    type: dict
  environment_file:
    description: File with more environment, one C(NAME=value) a line, which need not exist. It is read as root under systemd.
    type: path
  writable:
    description: Where else than in O(directory) the commands may write. When empty, it is everywhere but in the system's folders.
      Under cron nothing holds them back.
    type: list
    elements: path
    default: []
  needs:
    description: Files that the commands need; without them nothing is touched.
    type: list
    elements: path
    default: []
  manager:
    description: Who keeps the time. V(auto) is systemd where it runs, else cron.
    type: str
    choices: [auto, systemd, cron]
    default: auto
seealso:
  - module: holdfast.webops.host_service
"""

EXAMPLES = r"""
- name: Empty the bin of the shop every night, some time between two and three
  holdfast.webops.host_schedule:
    group: shop
    directory: /var/lib/shop
    schedules:
      - name: shop-empty-bin
        description: Empty the bin of the shop
        command: [/usr/bin/shop, empty-bin]
        calendar: "0 2 * * *"
        jitter: 3600

- name: Run nothing for the shop any more
  holdfast.webops.host_schedule:
    group: shop
    directory: /var/lib/shop
    schedules: []
"""

RETURN = r"""
manager:
  description: Who keeps the time, V(systemd) or V(cron).
  returned: success
  type: str
  sample: systemd
schedules:
  description: The names of the schedules in force.
  returned: success
  type: list
  elements: str
  sample: [shop-empty-bin]
removed:
  description: The names of those that were removed, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.reconcile import ARGUMENTS, reconcile_schedules


def main() -> None:
    run_module(reconcile_schedules, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
