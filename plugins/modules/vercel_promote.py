#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_promote
short_description: Choose which deployment production serves on Vercel
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Gives the production domains of a project to a deployment, back to an earlier one, or, with rolling releases, a share of the users.
  - What the domains serve decides, not what was asked for. A deployment that serves all of them already is RV(ignore:changed=false), and
    the task ends when all of them serve the right one. Nothing is built anew.
  - When an answer is lost, the domains are looked at before anything is sent again.
  - A promotion turns the project's setting to assign domains by itself on, which lets the next push to git go live; the module sets it back
    to what it was.
extends_documentation_fragment:
  - holdfast.webops.vercel
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
options:
  deployment:
    description:
      - Id, host or address of the deployment, or V(previous) for the one that served production before.
      - V(previous) goes back once. After a rollback it means the one that is live, so that the same task twice does not go back twice.
    type: str
  version:
    description: The version that M(holdfast.webops.vercel_deploy) gave it. The newest deployment with that version is taken.
    type: str
  git_sha:
    description: The commit it was made from, 7 digits or more. The newest deployment of that commit is taken.
    type: str
  action:
    description:
      - V(promote) gives a deployment the domains. V(rollback) does too, only for one that has served production before, and pins it. Vercel
        leaves new deployments without domains until something is promoted.
      - Not given, it is V(rollback) for O(deployment=previous), else V(promote).
    type: str
    choices: [promote, rollback]
  share:
    description:
      - Percent of the users who get the deployment. Anything but V(0) and V(100) needs a rolling release, and must be the share of one
        of its stages. See O(holdfast.webops.vercel_project#module:rolling_release).
      - The rolling release is started when none is running, and its stages are approved one by one up to the share. Where they advance by
        themselves, the module waits for it.
      - V(100) completes it, V(0) ends it and gives everybody back what they had before.
    type: int
    default: 100
  expect_current:
    description:
      - Id, host or address of the deployment that production must serve now; otherwise the task fails and changes nothing.
      - It does not matter when production serves the right deployment already.
    type: str
  override_rollback:
    description: Promote although production was rolled back and is pinned to that deployment.
    type: bool
    default: false
  allow_older:
    description: Promote a deployment that is older than the live one and has never served production.
    type: bool
    default: false
  auto_assign_custom_domains:
    description:
      - Whether new deployments for production get the domains by themselves, afterwards.
      - Not given, it stays as it was before a promotion, and is off after a rollback.
    type: bool
  description:
    description: Why, for Vercel's record of a rollback.
    type: str
    default: ""
  wait_timeout:
    description: How many seconds the whole task may take. When they are over, the message says what is live.
    type: float
    default: 180
seealso:
  - module: holdfast.webops.vercel_deploy
  - module: holdfast.webops.vercel_deployment_info
"""

EXAMPLES = r"""
- name: Everybody gets version 1.4.0
  holdfast.webops.vercel_promote:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    version: 1.4.0

- name: A tenth of the users, with a rolling release
  holdfast.webops.vercel_promote:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    version: 1.4.0
    share: 10

- name: Nobody any more
  holdfast.webops.vercel_promote:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    version: 1.4.0
    share: 0

- name: Back to what was live before
  holdfast.webops.vercel_promote:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    deployment: previous
    description: Orders failed
"""

RETURN = r"""
deployment:
  description: The deployment that was meant, as M(holdfast.webops.vercel_deploy) describes it.
  returned: success
  type: dict
  sample: {id: dpl_7Npest0z1zW5QVFfNDBId4BW0pMr, version: 1.4.0, substate: PROMOTED}
action:
  description: What was done, or would be; V(promote) or V(rollback).
  returned: success
  type: str
  sample: promote
previous:
  description: Id of the deployment that production served before; V(null) when none or several.
  returned: success
  type: str
  sample: dpl_5K9mQvXwYzAbCdEfGhJkLmNpQrSt
current:
  description: Id of the deployment that all production domains serve; V(null) when they differ. While a rolling release runs, its base.
  returned: success
  type: str
  sample: dpl_7Npest0z1zW5QVFfNDBId4BW0pMr
domains:
  description: The production domains that do not redirect, with the deployment that each serves.
  returned: success
  type: dict
  sample: {shop.example.com: dpl_7Npest0z1zW5QVFfNDBId4BW0pMr}
share:
  description: Percent of the users who get the deployment.
  returned: success
  type: int
  sample: 100
auto_assign_custom_domains:
  description: Whether new deployments for production get the domains by themselves.
  returned: success
  type: bool
  sample: true
rolling_release:
  description: The newest rolling release, running or over; V(null) when the project has none.
  returned: success
  type: dict
  sample: {state: ACTIVE, canary: dpl_7Npest0z1, base: dpl_5K9mQvXwYzAb, share: 10, stages: [10, 50, 100], stage: 0, advancement: manual}
requests:
  description: How many requests were sent to Vercel.
  returned: success
  type: int
  sample: 6
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.promoting import promote

NAMES = ("deployment", "version", "git_sha")


def main() -> None:
    run_module(
        promote,
        argument_spec={
            **ARGUMENTS,
            "deployment": {"type": "str"},
            "version": {"type": "str"},
            "git_sha": {"type": "str"},
            "action": {"type": "str", "choices": ["promote", "rollback"]},
            "share": {"type": "int", "default": 100},
            "expect_current": {"type": "str"},
            "override_rollback": {"type": "bool", "default": False},
            "allow_older": {"type": "bool", "default": False},
            "auto_assign_custom_domains": {"type": "bool"},
            "description": {"type": "str", "default": ""},
            "wait_timeout": {"type": "float", "default": 180},
        },
        mutually_exclusive=[NAMES],
        required_one_of=[NAMES],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
