#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: role_variables
short_description: Refuse wrong variables of a role before anything is touched
version_added: "0.1.0"
description:
  - Fails when a variable begins with the name of the role but is not described in its C(meta/argument_specs.yml).
  - Ansible validates the variables that a role describes. A misspelt one beside them is silently ignored; this finds it.
  - Ansible validates the variables of a role that another one calls when it is called, which may be after a backup and a migration.
    With O(calls) they are validated now, and with O(checks) the checks that M(holdfast.webops.health_check) will be given.
  - Everything that is wrong is said at once.
  - Runs on the controller, inside a role; it is the first task of every role of this collection.
author: Holdfast contributors (@holdfast-webops)
attributes:
  action:
    support: full
    description: Runs on the controller; nothing is sent to the target.
  check_mode:
    support: full
    description: Reads only.
  diff_mode:
    support: none
    description: Changes nothing.
options:
  role:
    description: The name of the role, which is the prefix of its variables without the underscore.
    type: str
    required: true
  calls:
    description:
      - Roles beside this one that it will call.
      - Of each, every variable that is set must be known and fit its description, and the variables C(portal_*) that the
        entry point requires must be there. What the caller fills in only later is not asked for.
    type: list
    elements: dict
    suboptions:
      role:
        description: The name of the role. One that does not exist was chosen by C(portal_platform) or C(portal_database).
        type: str
        required: true
      entry:
        description: The entry point, as in its C(meta/argument_specs.yml).
        type: str
        required: true
      vars:
        description: Variables that this role gives to it.
        type: dict
  checks:
    description:
      - Names of variables that hold lists of checks, as O(holdfast.webops.health_check#module:checks). They are judged as one list.
      - Names and not values, so that no secret in a check is shown with the task.
    type: list
    elements: str
  base_url:
    description: Where a check that gives a path is meant, which is C(portal_url).
    type: str
"""

EXAMPLES = r"""
- name: Refuse variables that this role does not know
  holdfast.webops.role_variables:
    role: portal_deploy

- name: Refuse what is wrong with any variable, also of the roles that are called later
  holdfast.webops.role_variables:
    role: portal_deploy
    calls:
      - role: platform_host
        entry: status
    checks: [portal_deploy_checks]
    base_url: https://shop.example.org
"""

RETURN = r""" # """
