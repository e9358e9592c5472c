#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rehearsal_application
short_description: Start a release beside production on a restored database
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Unpacks a release into a folder of its own and starts it on a free port of the loopback interface, with an environment of its own and
    the database that M(holdfast.webops.pg_restore) kept.
  - No slot, no router and no supervisor knows of it. It ends by itself after O(keep_for), or by M(holdfast.webops.rehearsal_scratch).
  - Each call starts one more.
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Checks every option, the artefact and the database's address; starts nothing.
  diff_mode:
    description: Says in diff mode what changed, or would change in check mode.
    support: full
options:
  portal:
    description: Name of the portal.
    type: str
    required: true
  release:
    description: What is started.
    type: dict
    required: true
    suboptions:
      id:
        description: Its id.
        type: str
        required: true
      version:
        description: Its version.
        type: str
        required: true
      commit:
        description: The commit that it was built from.
        type: str
  artifact:
    description: The release as an archive, or as a folder, on this host.
    type: path
    required: true
  artifact_sha256:
    description: What an archive must have as its checksum.
    type: str
  command:
    description: The program and its arguments; a relative path is meant in the release.
    type: list
    elements: str
    required: true
  environment:
    description:
      - All of its environment besides C(PORT), C(HOST), C(HOME), C(TMPDIR), C(PATH), C(LANG), the C(HOLDFAST_) variables that a slot has,
        and O(database_variable).
    type: dict
    default: {}
  secret_environment:
    description: More of it, whose values are shown nowhere.
    type: dict
    default: {}
  database_url_file:
    description: File with the connection to the restored database, RV(holdfast.webops.pg_restore#module:rehearsal.kept).
    type: path
    required: true
  database_variable:
    description: The variable in which the application gets it.
    type: str
    default: DATABASE_URL
  production_secrets:
    description: Values that only production may have. When one of them stands in the environment, nothing is started.
    type: list
    elements: str
    default: []
  health_path:
    description: The path that answers with 2xx when it is healthy.
    type: str
    default: /api/health
  start_timeout:
    description: How long it may take to be healthy, in seconds.
    type: float
    default: 60
  keep_for:
    description: After how many seconds it ends by itself.
    type: float
    default: 14400
  user:
    description: Who runs it. Left out, it is the user of the task.
    type: str
  scratch_dir:
    description: Where its folder is made. Left out, it is the system's directory for temporary files.
    type: path
seealso:
  - module: holdfast.webops.pg_restore
  - module: holdfast.webops.rehearsal_scratch
  - module: holdfast.webops.host_slot
"""

EXAMPLES = r"""
- name: Restore the newest backup, and keep it for an hour
  holdfast.webops.pg_restore:
    state: rehearsed
    portal: shop
    destinations: "{{ shop_destinations }}"
    keep_for: 3600
  register: restored

- name: Start the release on it
  holdfast.webops.rehearsal_application:
    portal: shop
    release: {id: 1.4.0-20261122T020000Z, version: 1.4.0}
    artifact: /srv/artefacts/shop-1.4.0.tar.gz
    command: [bin/start]
    database_url_file: "{{ restored.rehearsal.kept.url_file }}"
    keep_for: 3600
"""

RETURN = r"""
application:
  description: What was started, V(null) in check mode.
  returned: success
  type: dict
  contains:
    url:
      description: Where it answers, for this host alone.
      type: str
      sample: http://127.0.0.1:41873
    release:
      description: Id of the release.
      type: str
      sample: 1.4.0-20261122T020000Z
    version:
      description: Its version.
      type: str
      sample: 1.4.0
    folder:
      description: Its folder.
      type: str
      sample: /tmp/holdfast-application-shop.x1y2z3a4
    log:
      description: What it writes.
      type: str
      sample: /tmp/holdfast-application-shop.x1y2z3a4/log
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._host.scratch_application import ARGUMENTS, start_application


def main() -> None:
    run_module(start_application, argument_spec=ARGUMENTS, supports_check_mode=True)


if __name__ == "__main__":
    main()
