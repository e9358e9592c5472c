#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: role_variables
short_description: Refuse misspelt variables of a role
version_added: "0.1.0"
description:
  - Fails when a variable begins with the name of the role but is not described in its C(meta/argument_specs.yml).
  - Ansible validates the variables that a role describes. A misspelt one beside them is silently ignored; this finds it.
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
"""

EXAMPLES = r"""
- name: Refuse variables that this role does not know
  holdfast.webops.role_variables:
    role: portal_deploy
"""

RETURN = r""" # """
