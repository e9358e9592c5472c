#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: development_server
short_description: See that a portal's development server serves
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Starts the server by its own command, looks at it with the checks of M(holdfast.webops.health_check) until it is healthy, and ends
    it again, with every process that it started.
  - Where something listens on O(base_url) already, such as the server of somebody at work, that is looked at, nothing is started or
    ended, and a warning says so.
  - When it ends by itself or does not become healthy, the last lines that it wrote are in the message.
extends_documentation_fragment:
  - holdfast.webops.health_checks
attributes:
  check_mode:
    description: Can run in check mode.
    support: partial
    details: Only the options are judged; nothing is started and nothing looked at.
  diff_mode:
    description: Says in diff mode what changed.
    support: none
    details: Nothing is changed.
options:
  command:
    description: The program and its arguments. It must stay in the foreground.
    type: list
    elements: str
    required: true
  directory:
    description: The folder that it runs in.
    type: path
    required: true
  base_url:
    description: Where it will listen, and where an O(checks[].url) that is a path is meant.
    type: str
    required: true
  headers:
    description: Headers for the checks that give a path. A check's own headers win.
    type: dict
  secret_headers:
    description: As O(headers), but masked wherever they could be read. They are sent to O(base_url) alone.
    type: dict
  wait_timeout:
    description: Seconds that it has to become healthy.
    type: float
    default: 60.0
  secret_environment:
    description: Secrets that the server reads from its files, such as those given to M(holdfast.webops.env_file). They are masked in
      what it writes, and not given to it.
    type: dict
    default: {}
seealso:
  - module: holdfast.webops.health_check
  - module: holdfast.webops.env_file
"""

EXAMPLES = r"""
- name: See that the portal serves on this workstation
  holdfast.webops.development_server:
    directory: /home/anna/vz-portal
    command: [npm, run, dev]
    base_url: http://localhost:5173
    checks:
      - {name: application, kind: http, url: /, expect_regex: "(?i)<html"}
"""

RETURN = r"""
started:
  description: Whether it was started, and ended again. False where something listened already, and in check mode.
  returned: always
  type: bool
  sample: true
verdict:
  description: V(healthy) or V(degraded); V(critical) fails the task. Null in check mode.
  returned: always
  type: str
  sample: healthy
summary:
  description: One sentence; null in check mode.
  returned: always
  type: str
  sample: "healthy: 1 check passed."
checks:
  description: The results, as those of M(holdfast.webops.health_check).
  returned: always
  type: list
  elements: dict
waited_s:
  description: Seconds until it was healthy; null in check mode.
  returned: always
  type: float
  sample: 1.5
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._host.development_server import ARGUMENTS, see_it_serve


def main() -> None:
    run_module(see_it_serve, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
