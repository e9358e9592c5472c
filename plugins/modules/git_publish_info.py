#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: git_publish_info
short_description: Which release stands on blue and green of a site that is published by git, and which one users get
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Reads what M(holdfast.webops.git_publish) remembers in the repository, and asks the site itself which release it serves.
extends_documentation_fragment:
  - holdfast.webops.git_publish
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
  diff_mode:
    description: Says in diff mode what changed.
    support: none
seealso:
  - module: holdfast.webops.git_publish
"""

EXAMPLES = r"""
- name: What do users get?
  holdfast.webops.git_publish_info:
    repository: https://github.com/acme/shop.git
    password: "{{ vault_github_token }}"
    url: https://shop.example.org
    release_file: .well-known/shop-release.json
  register: site
"""

RETURN = r"""
platform:
  description:
    - What stands where, as the fact C(platform_status) of the platform contract.
    - C(disagreements) has a sentence when servers show different releases, or the branch holds commits of others.
  returned: success
  type: dict
  sample:
    live_slot: green
    idle_slot: blue
    weights: {blue: 0, green: 100}
    slots:
      blue: {release_id: null, version: null, commit: null, artifact_sha256: null, published: null, state: stopped}
      green:
        release_id: 1.4.0-20261121T223000Z
        version: 1.4.0
        commit: 8843d7f92416211de9ebb963ff4ce28125932878
        artifact_sha256: ""
        published: 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12
        state: running
    servers: null
    fence: 12
    rolled_back: null
    shares: [100]
    disagreements: []
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.options import LOCATION
from ansible_collections.holdfast.webops.plugins.module_utils._gitpublish.slotting import look


def main() -> None:
    run_module(look, argument_spec=LOCATION, supports_check_mode=True)


if __name__ == "__main__":
    main()
