#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vercel_deploy
short_description: Deploy to Vercel, without traffic until somebody promotes it
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Makes a deployment from a directory, from what C(vercel build) has written, or from a commit of the project's repository, and waits
    until it can be used.
  - A deployment for production is staged. It has its own address, and no user gets it before M(holdfast.webops.vercel_promote) gives it
    the production domains. Vercel's own C(vercel --prod) moves users first.
  - A digest of all files, modes and links stands in the deployment's meta data. When a deployment with the same content, version, target,
    build settings and environment variables exists, nothing is made and RV(ignore:changed) is V(false).
  - Only contents that Vercel lacks are uploaded, each once, several at a time. A file that changes while it is read fails the task before
    anything is deployed.
  - Files of secrets (C(.env*)) stay here unless O(allow_env_files) names them, unlike with Vercel's CLI. They are listed in RV(withheld).
  - When an answer is lost, the deployment is found again by a number of its own, so that no second one is made. A run that was killed is
    finished by running the task again.
extends_documentation_fragment:
  - holdfast.webops.vercel
requirements:
  - pathspec (Python library), for O(path)
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Files are hashed and compared with those of the live deployment; nothing is sent. What else Vercel has is not known.
  diff_mode:
    description: Says in diff mode which files differ from those of the live deployment.
    support: full
    details: Contents are shown as the first ten digits of their SHA-1. Not for sources in git, and not against archives.
options:
  path:
    description:
      - The project's directory, on the host that runs the module. Links are sent as links, and must stay inside.
      - What C(.vercelignore) names stays here, and what Vercel's CLI leaves out (such as C(node_modules) and C(.git)).
    type: path
  prebuilt:
    description:
      - Send what C(vercel build) has written to C(.vercel/output) in O(path), and what it refers to. Vercel builds nothing then.
    type: bool
    default: false
  git:
    description:
      - Let Vercel build from the repository that the project is linked to. Either this or O(path).
    type: dict
    suboptions:
      ref:
        description: The branch or tag.
        type: str
        required: true
      sha:
        description:
          - The commit. Without it the newest one of O(git.ref) is built, and every run makes a new deployment.
        type: str
  target:
    description:
      - V(production), V(preview), or the slug of a custom environment. Only what was built for production can be promoted.
    type: str
    default: production
  staged:
    description:
      - Keep a deployment for production away from the production domains until it is promoted.
      - With V(false) the project's own setting decides, which usually means that users get it as soon as it is ready.
    type: bool
    default: true
  version:
    description:
      - Version that the deployment carries in its meta data, for M(holdfast.webops.vercel_promote) and people. Another version is another
        deployment, even of the same files.
    type: str
  git_sha:
    description: The commit that O(path) was made from, noted in the meta data.
    type: str
  meta:
    description:
      - Further meta data, names and texts. Names that begin with C(webops) are taken. It can be read by everybody in the team.
    type: dict
    default: {}
  force:
    description: Make a new deployment even if there is one with the same content.
    type: bool
    default: false
  configuration:
    description:
      - What C(vercel.json) is to say, key by key as Vercel documents it. A key takes the place of the same one in the C(vercel.json) of
        O(path), as a whole; the others stay. So one source has other limits, regions and cron jobs in every environment.
      - It is sent instead of that file, counts as content, and is not written to O(path). It stands in the project's root directory.
      - Keys, regions, memory and times of functions, patterns that match no file, the times of cron jobs, headers, redirects and
        rewrites are checked before anything is sent. Not for O(prebuilt) and O(git), which have their own.
    type: dict
    default: {}
  archive:
    description:
      - Whether to send one archive instead of single files. An archive is sent again as a whole when anything in it has changed.
      - V(auto) does so for more than 5000 files. Vercel takes at most 15000 single files.
    type: str
    choices: [auto, always, never]
    default: auto
  allow_env_files:
    description: Files of secrets that may be sent, as patterns of gitignore, such as V(.env.production).
    type: list
    elements: str
    default: []
  max_file_size:
    description: The largest file that may be sent, in bytes. Vercel's own limit depends on the plan.
    type: int
    default: 1073741824
  parallel_uploads:
    description: How many files are uploaded at the same time, 1 to 64.
    type: int
    default: 16
  wait_timeout:
    description: How many seconds the whole task may take, with uploads, rate limits and the build.
    type: float
    default: 900
seealso:
  - module: holdfast.webops.vercel_promote
  - module: holdfast.webops.vercel_deployment_info
"""

EXAMPLES = r"""
- name: Deploy a directory, without traffic
  holdfast.webops.vercel_deploy:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    path: /srv/build/shop
    version: 1.4.0
  register: staged

- name: Give it the production domains
  holdfast.webops.vercel_promote:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    deployment: "{{ staged.deployment.id }}"
    expect_current: "{{ staged.live }}"

- name: The same source with the limits and cron jobs of this environment
  holdfast.webops.vercel_deploy:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    path: /srv/build/shop
    configuration:
      regions: [fra1]
      functions:
        app/api/**/route.ts: {memory: 1024, maxDuration: 30}
      crons:
        - {path: /api/cron/cleanup, schedule: 0 3 * * *}
      headers:
        - source: /(.*)
          headers:
            - {key: X-Frame-Options, value: DENY}

- name: What 'vercel build' has made, for a preview
  holdfast.webops.vercel_deploy:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    path: /srv/build/shop
    prebuilt: true
    target: preview

- name: One commit of the linked repository
  holdfast.webops.vercel_deploy:
    project: shop
    team: acme
    token: "{{ vercel_token }}"
    git:
      ref: main
      sha: 3f2c1ab4d5e6f708192a3b4c5d6e7f8091a2b3c4
"""

RETURN = r"""
deployment:
  description: The deployment; V(null) in check mode when a new one would be made.
  returned: success
  type: dict
  contains:
    id:
      description: Its id.
      type: str
      sample: dpl_7Npest0z1zW5QVFfNDBId4BW0pMr
    url:
      description: Its own address.
      type: str
      sample: https://shop-7npest0z1-acme.vercel.app
    state:
      description: State of its build.
      type: str
      sample: READY
    substate:
      description: V(STAGED) has never served production, V(ROLLING) serves a share of it, V(PROMOTED) has served it.
      type: str
      sample: STAGED
    target:
      description: What it was built for.
      type: str
      sample: production
    version:
      description: Its version, V(null) when none was given.
      type: str
      sample: 1.4.0
    git_sha:
      description: The commit it was made from, V(null) when not known.
      type: str
      sample: 3f2c1ab4d5e6f708192a3b4c5d6e7f8091a2b3c4
    digest:
      description: Digest of its content, V(null) when something else has made it.
      type: str
      sample: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
    created:
      description: When it was made.
      type: str
      sample: "2026-11-21T22:30:00Z"
    inspector_url:
      description: Its page in Vercel's dashboard.
      type: str
      sample: https://vercel.com/acme/shop/7Npest0z1zW5QVFfNDBId4BW0pMr
live:
  description: Id of the deployment that production served when the task began; V(null) when it served none, or several.
  returned: success
  type: str
  sample: dpl_5K9mQvXwYzAbCdEfGhJkLmNpQrSt
digest:
  description: SHA-256 of all paths, modes and contents, or of the repository and commit.
  returned: success
  type: str
  sample: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
files:
  description: How many files and links the deployment has; V(null) for a source in git.
  returned: success
  type: int
  sample: 312
size:
  description: Their size in bytes; V(null) for a source in git.
  returned: success
  type: int
  sample: 4821003
archived:
  description: Whether they are sent as one archive.
  returned: success
  type: bool
  sample: false
withheld:
  description: Files and directories of secrets that were not sent.
  returned: success
  type: list
  elements: str
  sample: [.env.local]
uploaded_files:
  description: How many contents were uploaded.
  returned: success
  type: int
  sample: 12
uploaded_bytes:
  description: Their size.
  returned: success
  type: int
  sample: 40213
comparison:
  description: The files that differ from those of the live deployment, in check or diff mode when a new deployment is made; else V(null).
  returned: success
  type: dict
  sample: {added: [new.html], changed: [index.html], removed: []}
would_upload:
  description: In check mode, how many contents the live deployment does not have; else V(null). Vercel may have some of them all the same.
  returned: success
  type: int
  sample: null
requests:
  description: How many requests were sent to Vercel.
  returned: success
  type: int
  sample: 19
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.access import ARGUMENTS
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.deploying import deploy


def main() -> None:
    run_module(
        deploy,
        argument_spec={
            **ARGUMENTS,
            "path": {"type": "path"},
            "prebuilt": {"type": "bool", "default": False},
            "git": {"type": "dict", "options": {"ref": {"type": "str", "required": True}, "sha": {"type": "str"}}},
            "target": {"type": "str", "default": "production"},
            "staged": {"type": "bool", "default": True},
            "version": {"type": "str"},
            "git_sha": {"type": "str"},
            "meta": {"type": "dict", "default": {}},
            "force": {"type": "bool", "default": False},
            "configuration": {"type": "dict", "default": {}},
            "archive": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
            "allow_env_files": {"type": "list", "elements": "str", "default": []},
            "max_file_size": {"type": "int", "default": 1073741824},
            "parallel_uploads": {"type": "int", "default": 16},
            "wait_timeout": {"type": "float", "default": 900},
        },
        mutually_exclusive=[("path", "git")],
        required_one_of=[("path", "git")],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
