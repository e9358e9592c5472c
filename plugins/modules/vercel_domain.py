#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_domain
short_description: Have the right domains on a project on Vercel
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Brings the domains of a project to what the task lists, with their redirects and branches, and says which records somebody has to set in
    the DNS before Vercel believes that a domain is yours.
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
  domains:
    description: The domains.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The domain, such as V(www.example.com).
        type: str
        required: true
      redirect:
        description: The domain that it redirects to, which has to belong to the project.
        type: str
      redirect_status:
        description: Status of the redirect. V(307) when not given.
        type: int
        choices: [301, 302, 307, 308]
      git_branch:
        description: The branch whose newest deployment it serves. Not given, it serves production.
        type: str
      state:
        description: Whether the project shall have it.
        type: str
        choices: [present, absent]
        default: present
  purge:
    description: Whether to remove domains that the task does not list. Those that end with C(.vercel.app) stay.
    type: bool
    default: false
  verify:
    description: Whether to ask Vercel to look again whether unverified domains are yours.
    type: bool
    default: true
  wait_timeout:
    description: How many seconds the whole task may take.
    type: float
    default: 60
seealso:
  - module: holdfast.webops.vercel_project
"""

EXAMPLES = r"""
- name: The shop's domains
  holdfast.webops.vercel_domain:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    domains:
      - name: shop.example.com
      - name: www.shop.example.com
        redirect: shop.example.com
        redirect_status: 308
  register: domains

- name: What the DNS still lacks
  ansible.builtin.debug:
    msg: "{{ domains.domains | rejectattr('verified') | map(attribute='records') }}"
"""

RETURN = r"""
domains:
  description: All domains of the project after the task (in check mode, as a real run would leave them).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The domain.
      type: str
      sample: shop.example.com
    redirect:
      description: Where it redirects to, V(null) for nowhere.
      type: str
      sample: null
    redirect_status:
      description: Status of the redirect, V(null) without one.
      type: int
      sample: null
    git_branch:
      description: The branch that it serves, V(null) for production.
      type: str
      sample: null
    verified:
      description: Whether Vercel believes that it is yours; V(null) in check mode when it would be added.
      type: bool
      sample: true
    records:
      description: The records (C(type), C(name), C(value)) that prove it.
      type: list
      elements: dict
      sample: []
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.domains import reconcile


def main() -> None:
    run_module(
        reconcile,
        argument_spec={
            **ARGUMENTS,
            "domains": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "redirect": {"type": "str"},
                    "redirect_status": {"type": "int", "choices": [301, 302, 307, 308]},
                    "git_branch": {"type": "str"},
                    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                },
            },
            "purge": {"type": "bool", "default": False},
            "verify": {"type": "bool", "default": True},
            "wait_timeout": {"type": "float", "default": 60},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
