#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rehearsal_page
short_description: Write a report about a recovery or its rehearsal
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - "Tells the story of one rehearsal, or of a recovery, as one HTML file, which needs nothing from elsewhere: its steps against their
    estimates, RTO and RPO
    as they were measured against what was promised, the rehearsals before it, what was restored and compared, the findings, and the place
    of all of it in the ledger. Next to it stands the same as JSON and as Markdown."
  - All of it comes from the ledger. So the report can be written at any time, by any host that reaches the store, and writing it again
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
  rehearsal:
    description: The id of a rehearsal or of a recovery, or V(newest).
    type: str
    default: newest
  directory:
    description: Folder for the files C(<rehearsal>.html), C(<rehearsal>.json) and C(<rehearsal>.md). It is made when it is missing.
    type: path
    required: true
  environment:
    description: Environment that the report names.
    type: str
    default: ""
extends_documentation_fragment:
  - holdfast.webops.store
seealso:
  - module: holdfast.webops.pg_restore
  - module: holdfast.webops.release_page
"""

EXAMPLES = r"""
- name: Write the report of the newest rehearsal
  holdfast.webops.rehearsal_page:
    portal: orders
    store: file:///srv/holdfast/store
    directory: /srv/holdfast/rehearsals
    environment: production
"""

RETURN = r"""
rehearsal:
  description: The rehearsal that the report is about.
  returned: success
  type: str
  sample: rehearsal-20261122T030000Z
verdict:
  description: V(recovered), V(degraded) or V(failed).
  returned: success
  type: str
  sample: recovered
html:
  description: The page.
  returned: success
  type: str
  sample: /srv/holdfast/rehearsals/rehearsal-20261122T030000Z.html
json:
  description: The same as JSON.
  returned: success
  type: str
  sample: /srv/holdfast/rehearsals/rehearsal-20261122T030000Z.json
markdown:
  description: The same as Markdown.
  returned: success
  type: str
  sample: /srv/holdfast/rehearsals/rehearsal-20261122T030000Z.md
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.writing import write_rehearsal
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import store_arguments


def main() -> None:
    run_module(
        write_rehearsal,
        argument_spec={
            "portal": {"type": "str", "required": True},
            **store_arguments(),
            "rehearsal": {"type": "str", "default": "newest"},
            "directory": {"type": "path", "required": True},
            "environment": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
