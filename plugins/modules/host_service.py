#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_service
short_description: Run one program of a portal under systemd or supervisord
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Defines, starts, stops, reloads or removes one supervised program that a portal needs beside its slots, such as its router.
  - A program whose configuration files changed since it read them is told to read them again. What it has read is remembered on
    the host, so that a run that died between writing a file and the reload is mended by the next one.
  - For the releases of the portal themselves, use M(holdfast.webops.host_slot).
extends_documentation_fragment: [holdfast.webops.supervisor]
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Says what would be defined, started, reloaded or stopped, and touches nothing.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows state, definition and the digest of the configuration that was read.
options:
  service:
    description: Name of the program within the portal. The supervisor knows it as C(holdfast-<portal>-<service>).
    type: str
    required: true
  state:
    description:
      - V(started) means that it runs now as defined here, and starts with the machine.
      - V(stopped) means that it does neither; V(absent) that the supervisor has forgotten it.
    type: str
    choices: [started, stopped, absent]
    default: started
  command:
    description: The program, as an absolute path, and its arguments. It stays in the foreground.
    type: list
    elements: str
  configuration:
    description: Files whose change makes a reload necessary.
    type: list
    elements: path
    default: []
  reload_signal:
    description: The signal by which the program reads its configuration again.
    type: str
    choices: [HUP, USR1, USR2]
    default: HUP
  user:
    description: User who runs it. Left out, it is the user of the task.
    type: str
  start_timeout:
    description: How long it may take to run, in seconds.
    type: float
    default: 30
  stop_timeout:
    description: How long it may take to end after SIGTERM, in seconds.
    type: int
    default: 30
seealso:
  - module: holdfast.webops.host_slot
"""

EXAMPLES = r"""
- name: Run the router of the shop
  holdfast.webops.host_service:
    root: /srv/shop
    portal: shop
    service: router
    command: [/usr/sbin/haproxy, -W, -db, -f, /srv/shop/router/haproxy.cfg]
    configuration: [/srv/shop/router/haproxy.cfg]
    reload_signal: USR2
"""

RETURN = r"""
service:
  description: The program as it stands now; in check mode as it would stand, with the process id of now.
  returned: success
  type: dict
  contains:
    name:
      description: Under which name the supervisor knows it.
      type: str
      sample: holdfast-shop-router
    state:
      description: V(running), V(stopped) or V(absent).
      type: str
      sample: running
    pid:
      description: Its process id, null when it does not run.
      type: int
      sample: 4711
    log:
      description: Where to read what it writes, a path or a command.
      type: str
      sample: journalctl --unit holdfast-shop-router.service
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._host.service import ARGUMENTS, reconcile_service


def main() -> None:
    run_module(
        reconcile_service,
        argument_spec=ARGUMENTS,
        required_if=[("state", "started", ["command"])],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
