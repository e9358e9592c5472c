#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_page
short_description: Write a page about a release
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - "Tells the story of one release as one HTML file, which needs nothing from elsewhere: its stages on a line of time, the share of the
    traffic, error rate and p95 of each observation window with verdict and rule, who wanted it and why, what was undone, and the entries of
    the ledger with their hashes. Next to it stands the same as JSON."
  - All of it comes from the ledger. So the page can be written at any time, by any host that reaches the store, and writing it again
    changes nothing until the ledger has more to tell.
attributes:
  check_mode:
    description: Can run in check mode and says what it would do, without changing anything.
    support: full
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
    details: The SHA-256 of each file before and after.
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  release:
    description: The id of a release, a version (its newest release), or V(newest).
    type: str
    default: newest
  directory:
    description: Folder for the files C(<release>.html) and C(<release>.json). It is made when it is missing.
    type: path
    required: true
  environment:
    description: Environment that the page names.
    type: str
    default: ""
extends_documentation_fragment:
  - holdfast.webops.store
seealso:
  - module: holdfast.webops.release_ledger_info
"""

EXAMPLES = r"""
- name: Write the page of the newest release
  holdfast.webops.release_page:
    portal: orders
    store: file:///srv/holdfast/store
    directory: /srv/holdfast/releases
    environment: production
"""

RETURN = r"""
release:
  description: The release that the page is about.
  returned: success
  type: str
  sample: 1.1.0-20261121T223000Z
status:
  description: V(opened), V(live), V(good), V(failed) or V(rolled_back).
  returned: success
  type: str
  sample: good
html:
  description: The page.
  returned: success
  type: str
  sample: /srv/holdfast/releases/1.1.0-20261121T223000Z.html
json:
  description: The same as JSON.
  returned: success
  type: str
  sample: /srv/holdfast/releases/1.1.0-20261121T223000Z.json
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._release.writing_page import write_page
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import store_arguments


def main() -> None:
    run_module(
        write_page,
        argument_spec={
            "portal": {"type": "str", "required": True},
            **store_arguments(),
            "release": {"type": "str", "default": "newest"},
            "directory": {"type": "path", "required": True},
            "environment": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
