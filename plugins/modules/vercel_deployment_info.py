#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_deployment_info
short_description: Say what a project on Vercel serves, and which deployments there are
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Shows which deployment the production domains serve, a running rolling release, whether production was rolled back, and the newest
    deployments.
extends_documentation_fragment:
  - holdfast.webops.vercel
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Looking changes nothing, so check mode does the same as a real run.
  diff_mode:
    description: Says in diff mode what changed.
    support: none
    details: There is nothing to compare.
options:
  deployment:
    description: Show this one (id, host or address, or V(previous)) in RV(deployment).
    type: str
  version:
    description: Show the newest one for production with this version in RV(deployment).
    type: str
  git_sha:
    description: Show the newest one for production of this commit, 7 digits or more, in RV(deployment).
    type: str
  meta:
    description: Meta data that the one of O(version) or O(git_sha) must have, as O(holdfast.webops.vercel_deploy#module:meta) noted them.
    type: dict
    default: {}
  target:
    description: List only what was built for V(production), or for V(preview).
    type: str
    choices: [production, preview]
  limit:
    description: How many deployments to list, newest first; V(0) lists none.
    type: int
    default: 20
  log_lines:
    description: How many of the last lines of the build's log to show of the deployment that was named.
    type: int
    default: 0
  wait_timeout:
    description: How many seconds the whole task may take.
    type: float
    default: 60
seealso:
  - module: holdfast.webops.vercel_deploy
  - module: holdfast.webops.vercel_promote
"""

EXAMPLES = r"""
- name: What is live?
  holdfast.webops.vercel_deployment_info:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    limit: 5
  register: vercel

- name: Why did that build fail?
  holdfast.webops.vercel_deployment_info:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    deployment: dpl_7Npest0z1zW5QVFfNDBId4BW0pMr
    log_lines: 50
"""

RETURN = r"""
project:
  description: Id and name of the project.
  returned: success
  type: dict
  sample: {id: prj_XLKmu1DyR1eY7zq8UgeRKbA7yVLA, name: shop}
live:
  description: The deployment that all production domains serve, as by M(holdfast.webops.vercel_deploy); V(null) when none or several.
  returned: success
  type: dict
  sample: {id: dpl_7Npest0z1zW5QVFfNDBId4BW0pMr, version: 1.4.0, substate: PROMOTED}
domains:
  description: The production domains that do not redirect, with the deployment that each serves.
  returned: success
  type: dict
  sample: {shop.example.com: dpl_7Npest0z1zW5QVFfNDBId4BW0pMr}
auto_assign_custom_domains:
  description: Whether new deployments for production get the domains by themselves.
  returned: success
  type: bool
  sample: true
rolled_back:
  description: Whether production was rolled back and is pinned to that deployment.
  returned: success
  type: bool
  sample: false
rolling_release:
  description: The newest rolling release, as M(holdfast.webops.vercel_promote) describes it; V(null) when the project has none.
  returned: success
  type: dict
  sample: null
deployment:
  description: The deployment that was named; V(null) when none was.
  returned: success
  type: dict
  sample: null
log:
  description: The last lines of its build's log.
  returned: success
  type: list
  elements: str
  sample: []
deployments:
  description: The newest deployments.
  returned: success
  type: list
  elements: dict
  sample: [{id: dpl_7Npest0z1zW5QVFfNDBId4BW0pMr, version: 1.4.0, state: READY, substate: PROMOTED, target: production}]
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.looking import look


def main() -> None:
    run_module(
        look,
        argument_spec={
            **ARGUMENTS,
            "deployment": {"type": "str"},
            "version": {"type": "str"},
            "git_sha": {"type": "str"},
            "meta": {"type": "dict", "default": {}},
            "target": {"type": "str", "choices": ["production", "preview"]},
            "limit": {"type": "int", "default": 20},
            "log_lines": {"type": "int", "default": 0},
            "wait_timeout": {"type": "float", "default": 60},
        },
        mutually_exclusive=[("deployment", "version", "git_sha")],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
