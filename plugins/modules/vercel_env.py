#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_env
short_description: Have the right environment variables on Vercel
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Brings the environment variables of a project to what the task lists, target by target, in one task. Whether Vercel keeps a value for
    several targets in one record or in several does not matter.
  - Secret values are stored as sensitive ones, which Vercel never shows again. So that a second run can tell that nothing has changed, the
    end of the variable's comment holds a salted, slow hash (scrypt) of name and value, and when it was written. A variable that somebody
    edited in the dashboard is written anew.
  - The comment can be read by the team. A short or common value could be found by trying; O(digest_key) prevents that.
  - What changes counts for the next deployment. M(holdfast.webops.vercel_deploy) makes one then, even of the same files.
extends_documentation_fragment:
  - holdfast.webops.vercel
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
    details: Only values given as C(plain_value) are shown.
options:
  variables:
    description: The variables. A name may be listed several times with different targets.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the variable.
        type: str
        required: true
      value:
        description: Its value, a secret that is masked everywhere.
        type: str
      plain_value:
        description: Its value, when everybody may read it. Either this or O(variables[].value).
        type: str
      type:
        description:
          - How Vercel keeps O(variables[].value). V(encrypted) can be read again by the team, V(sensitive) by nobody.
          - Not given, it is V(sensitive), and V(encrypted) for the target V(development), where Vercel takes nothing sensitive.
        type: str
        choices: [sensitive, encrypted]
      targets:
        description: The targets that get it. O(targets) when not given.
        type: list
        elements: str
        choices: [production, preview, development]
      git_branch:
        description: The only branch whose previews get it. For the target V(preview) alone.
        type: str
      comment:
        description: A comment for the team. Not given, the one that is there stays.
        type: str
      state:
        description: Whether it shall be there.
        type: str
        choices: [present, absent]
        default: present
  targets:
    description: The targets of variables that name none.
    type: list
    elements: str
    choices: [production, preview, development]
    default: [production]
  purge:
    description: Whether to remove what the task does not list. Vercel's own system variables and custom environments are left alone.
    type: bool
    default: false
  purge_targets:
    description: The targets that O(purge) is limited to.
    type: list
    elements: str
    choices: [production, preview, development]
    default: [production, preview, development]
  digest_key:
    description:
      - A secret of your own, as long as you like, that goes into the hashes. Without it nobody can try values. With another one, all
        sensitive variables are written anew.
    type: str
  wait_timeout:
    description: How many seconds the whole task may take.
    type: float
    default: 120
seealso:
  - module: holdfast.webops.vercel_project
  - module: holdfast.webops.vercel_deploy
"""

EXAMPLES = r"""
- name: The variables of production, and no others
  holdfast.webops.vercel_env:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    targets: [production]
    digest_key: "{{ vault_digest_key }}"
    variables:
      - name: DATABASE_URL
        value: "{{ vault_database_url }}"
        comment: The pooler in transaction mode
      - name: NEXT_PUBLIC_SITE_URL
        plain_value: https://shop.example.com
    purge: true
    purge_targets: [production]

- name: One is not needed any more
  holdfast.webops.vercel_env:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    variables:
      - name: OLD_API_KEY
        targets: [production, preview, development]
        state: absent
"""

RETURN = r"""
changes:
  description: What was done, or would be, one entry for each record of Vercel's.
  returned: success
  type: list
  elements: dict
  sample: [{action: create, name: DATABASE_URL, targets: [production], git_branch: null}]
variables:
  description: The variables that the task is about, as they are now, under C(NAME@target). Values that are no secrets are shown.
  returned: success
  type: dict
  sample: {NEXT_PUBLIC_SITE_URL@production: {type: plain, value: "https://shop.example.com", comment: ""}}
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.environment import reconcile
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.variables import TARGETS

A_LIST = {"type": "list", "elements": "str", "choices": ["production", "preview", "development"]}


def main() -> None:
    run_module(
        reconcile,
        argument_spec={
            **ARGUMENTS,
            "variables": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "value": {"type": "str", "no_log": True},
                    "plain_value": {"type": "str"},
                    "type": {"type": "str", "choices": ["sensitive", "encrypted"]},
                    "targets": A_LIST,
                    "git_branch": {"type": "str"},
                    "comment": {"type": "str"},
                    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                },
                "mutually_exclusive": [("value", "plain_value")],
            },
            "targets": {**A_LIST, "default": ["production"]},
            "purge": {"type": "bool", "default": False},
            "purge_targets": {**A_LIST, "default": list(TARGETS)},
            "digest_key": {"type": "str", "no_log": True},
            "wait_timeout": {"type": "float", "default": 120},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
