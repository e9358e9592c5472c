#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_project
short_description: Have a project on Vercel with the right settings
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes a project if there is none of that name, and brings its settings, its protection, the template of its rolling releases and its
    secret for automation to what the task says. What is not given stays as it is.
  - Changes count for the next deployment, except those of O(protection), O(rolling_release) and the secret.
extends_documentation_fragment:
  - holdfast.webops.vercel
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
    details: The secret for automation is shown as whether it is there.
options:
  framework:
    description: Vercel's name of the framework, such as V(nextjs). An empty text means none.
    type: str
  build_command:
    description: The command that builds. An empty text means the framework's.
    type: str
  install_command:
    description: The command that installs what the build needs. An empty text means the framework's.
    type: str
  dev_command:
    description: The command of C(vercel dev). An empty text means the framework's.
    type: str
  ignore_command:
    description: The command that says whether a push needs a build. An empty text means that each does.
    type: str
  output_directory:
    description: Where the build leaves its result. An empty text means the framework's.
    type: str
  root_directory:
    description: The project's directory inside the repository. An empty text means the repository's own.
    type: str
  node_version:
    description: Version of Node.js, such as V(22.x).
    type: str
  function_region:
    description: The region where functions run, such as V(fra1). An empty text means Vercel's default.
    type: str
  auto_assign_custom_domains:
    description:
      - Whether a deployment for production gets the production domains by itself as soon as it is ready.
      - V(false) is for those who verify first, and promote with M(holdfast.webops.vercel_promote). A rollback turns it off, too.
    type: bool
  git_fork_protection:
    description: Whether somebody of the team has to allow builds of pull requests from forks.
    type: bool
  skew_protection_max_age:
    description:
      - For how many seconds visitors who loaded a page from an older deployment get the rest from it, too. V(0) turns it off.
      - Vercel turns it on by itself with rolling releases.
    type: int
  protection:
    description:
      - Whose visitors have to log in at Vercel. V(prod_deployment_urls_and_all_previews) leaves the production domains open, V(preview) all
        of production. V(none) protects nothing.
    type: str
    choices: [none, preview, prod_deployment_urls_and_all_previews, all_except_custom_domains, all]
  rolling_release:
    description:
      - Template of the rolling releases to come. One that runs already keeps its own.
    type: dict
    suboptions:
      enabled:
        description: Whether promotions become rolling releases.
        type: bool
        default: true
      advancement:
        description: Whether somebody approves each stage, as M(holdfast.webops.vercel_promote) does, or time does.
        type: str
        choices: [manual, automatic]
        default: manual
      stages:
        description: 2 to 10 stages with rising shares, the last with 100.
        type: list
        elements: dict
        suboptions:
          share:
            description: Percent of the users who get the new deployment.
            type: int
            required: true
          minutes:
            description: How long the stage lasts with O(rolling_release.advancement=automatic), 1 to 10000. Not for the last one.
            type: int
  bypass_secret:
    description:
      - Secret that lets programs, such as health checks, through the protection, by the header C(x-vercel-protection-bypass). 32 letters
        and digits.
      - The project gets it when it lacks it. Others that it has stay.
    type: str
  bypass_file:
    description:
      - File, on the host that runs the module, that shall hold the secret for automation (mode 0600). Without O(bypass_secret) it gets the
        newest one of the project, which is generated when there is none. The result never shows it.
    type: path
  wait_timeout:
    description: How many seconds the whole task may take.
    type: float
    default: 60
seealso:
  - module: holdfast.webops.vercel_env
  - module: holdfast.webops.vercel_domain
"""

EXAMPLES = r"""
- name: A project that only serves what was verified
  holdfast.webops.vercel_project:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    framework: nextjs
    node_version: 22.x
    function_region: fra1
    auto_assign_custom_domains: false
    protection: prod_deployment_urls_and_all_previews
    skew_protection_max_age: 43200
    bypass_secret: "{{ vault_vercel_bypass }}"

- name: New versions reach a tenth, a half, and then all users
  holdfast.webops.vercel_project:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    rolling_release:
      advancement: manual
      stages:
        - share: 10
        - share: 50
        - share: 100
"""

RETURN = r"""
project:
  description: The project after the task (in check mode, as a real run would leave it).
  returned: success
  type: dict
  contains:
    id:
      description: Its id; V(null) in check mode when it would be made.
      type: str
      sample: prj_XLKmu1DyR1eY7zq8UgeRKbA7yVLA
    name:
      description: What the task calls it.
      type: str
      sample: shop
    framework:
      description: As the option, V(null) for Vercel's default. The same for all other options.
      type: str
      sample: nextjs
    protection:
      description: Whose visitors have to log in.
      type: str
      sample: preview
    rolling_release:
      description: The template, V(null) when rolling releases are off or the task does not name them.
      type: dict
      sample: {advancement: manual, stages: [{share: 10, minutes: null}, {share: 100, minutes: null}]}
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.projects import ensure

PROTECTIONS = ["none", "preview", "prod_deployment_urls_and_all_previews", "all_except_custom_domains", "all"]
STAGE = {"share": {"type": "int", "required": True}, "minutes": {"type": "int"}}


def main() -> None:
    run_module(
        ensure,
        argument_spec={
            **ARGUMENTS,
            "framework": {"type": "str"},
            "build_command": {"type": "str"},
            "install_command": {"type": "str"},
            "dev_command": {"type": "str"},
            "ignore_command": {"type": "str"},
            "output_directory": {"type": "str"},
            "root_directory": {"type": "str"},
            "node_version": {"type": "str"},
            "function_region": {"type": "str"},
            "auto_assign_custom_domains": {"type": "bool"},
            "git_fork_protection": {"type": "bool"},
            "skew_protection_max_age": {"type": "int"},
            "protection": {"type": "str", "choices": PROTECTIONS},
            "rolling_release": {
                "type": "dict",
                "options": {
                    "enabled": {"type": "bool", "default": True},
                    "advancement": {"type": "str", "choices": ["manual", "automatic"], "default": "manual"},
                    "stages": {"type": "list", "elements": "dict", "options": STAGE},
                },
            },
            "bypass_secret": {"type": "str", "no_log": True},
            "bypass_file": {"type": "path"},
            "wait_timeout": {"type": "float", "default": 60},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
