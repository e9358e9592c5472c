#!/usr/bin/python
# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: host_slot
short_description: Run a release on one of the two slots of a host
version_added: "0.1.0"
author: Holdfast contributors (@holdfast-webops)
description:
  - Brings one slot of a portal on a host into the wanted state. The artifact is checked and unpacked, its environment written, its process
    started under systemd or supervisord, and its health waited for, all in one task.
  - A slot that runs this very release with the same command and environment, and is healthy, is left alone. Any difference stops the slot
    and starts it anew; whether it is the idle one is for the caller to know.
  - When the release does not become healthy, the task fails with the last health answer, who listens on the port, and the last lines
    of the output; the slot is left stopped.
  - The application finds C(HOST), C(PORT), C(HOLDFAST_PORTAL), C(HOLDFAST_SLOT), C(HOLDFAST_RELEASE), C(HOLDFAST_VERSION) and
    C(HOLDFAST_COMMIT) in its environment, and nothing of the environment of the supervisor. It is expected to end within
    O(stop_timeout) of a SIGTERM.
  - Under O(root), C(releases/<id>) holds the unpacked releases, C(slots/<slot>) what belongs to a slot, C(log) the output with supervisord.
extends_documentation_fragment: [holdfast.webops.supervisor]
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Nothing is touched. The checksum of an artifact that is not on the host yet cannot be checked; a warning says so.
  diff_mode:
    description: Says in diff mode what changed.
    support: full
    details: Shows the release, command and state; of the environment it shows names and whether a value is new, never values.
options:
  slot:
    description: The slot.
    type: str
    choices: [blue, green]
    required: true
  state:
    description:
      - V(started) unpacks and runs O(release), and starts it with the machine.
      - V(stopped) stops the slot and keeps its content.
      - V(absent) stops the slot and removes it; unpacked releases stay until O(keep_releases) removes them.
    type: str
    choices: [started, stopped, absent]
    default: started
  release:
    description: The release to run. Required for O(state=started).
    type: dict
    suboptions:
      id:
        description: Its id, also the name of the folder it is unpacked into. One id stands for one artifact.
        type: str
        required: true
      version:
        description: Its version.
        type: str
        required: true
      commit:
        description: Its commit.
        type: str
  artifact:
    description:
      - The release as a C(.tar.gz) archive with its files at the top, or as a folder, on this host.
      - Members of an archive that are neither files, folders nor links, or lead outside of it, are refused.
      - Not needed when the release is unpacked already.
    type: path
  artifact_sha256:
    description: The SHA-256 that the archive must have, in hex. Checked before anything is touched.
    type: str
  command:
    description:
      - The program and its arguments. Required for O(state=started).
      - It runs in the folder of the release; a program like V(./bin/start) is looked for there, a bare name in the usual system folders.
    type: list
    elements: str
  environment:
    description: Environment variables that are no secrets. They are shown with C(-vvv) and logged on the host like other options.
    type: dict
    default: {}
  secret_environment:
    description:
      - Environment variables whose values must not be seen, for example a database URL with its password.
      - They are written to a file with mode 0600 only, and masked in the output of the application when it is shown.
      - Each has at least 6 characters, because shorter ones cannot be masked without harm.
    type: dict
    default: {}
  limits:
    description:
      - What the slot may take of its machine. Each may be left out.
      - Under systemd they count for all its processes together. In a unit of a user, memory and tasks work as they are, O(limits.cpu)
        only where the machine's C(user@.service) hands on the controller C(cpu).
      - Under supervisord they are those of C(prlimit), which must be installed. There they count for each process, tasks for all
        processes of the user, and O(limits.cpu) is not possible; a warning says so.
    type: dict
    suboptions:
      memory:
        description: Most memory, like V(512M) or V(2G). With systemd what goes beyond is killed; with supervisord it is address space.
        type: str
      cpu:
        description: Most CPU time, in cores, like V(1.5).
        type: float
      tasks:
        description: Most processes and threads.
        type: int
      open_files:
        description: Most open files and sockets for each process.
        type: int
  host:
    description: The address that the application listens on.
    type: str
    default: 127.0.0.1
  port:
    description: The port that the application listens on. Required for O(state=started).
    type: int
  user:
    description: Whom the application runs as. Left out, it is the user that the supervisor uses, which is root for system units.
    type: str
  health_path:
    description: Path that answers a GET with 2xx when the application can take traffic. Redirects are not followed.
    type: str
    default: /
  start_timeout:
    description: How long the application may take to become healthy, in seconds.
    type: float
    default: 60
  stop_timeout:
    description: How long the application may take to end after SIGTERM, in seconds; then it is killed.
    type: int
    default: 30
  fencing:
    description:
      - Number of the lease that M(holdfast.webops.release_lease) returned.
      - A number lower than one that acted on this host before is refused.
    type: int
  keep_releases:
    description: How many unpacked releases to keep, at least 2. Those of the two slots are never removed.
    type: int
    default: 4
seealso:
  - module: holdfast.webops.host_slot_info
  - module: holdfast.webops.slot_router
"""

EXAMPLES = r"""
- name: Run a release on the idle slot
  holdfast.webops.host_slot:
    root: /srv/portals/orders
    portal: orders
    slot: green
    release:
      id: 1.1.0-20261121T223000Z
      version: 1.1.0
      commit: 3f2c1ab
    artifact: /srv/portals/orders/incoming/orders-1.1.0.tar.gz
    artifact_sha256: "{{ artifact_sha256 }}"
    command: [/opt/orders/venv/bin/uvicorn, "orders:application", --port, "8002"]
    environment:
      LOG_LEVEL: info
    secret_environment:
      DATABASE_URL: "{{ vault_orders_database_url }}"
    user: orders
    port: 8002
    health_path: /api/health

- name: Stop the other one
  holdfast.webops.host_slot:
    root: /srv/portals/orders
    portal: orders
    slot: blue
    state: stopped
"""

RETURN = r"""
slot:
  description: The slot after the task; in check mode as it is now.
  returned: success
  type: dict
  contains:
    slot:
      description: Its name.
      returned: always
      type: str
      sample: green
    state:
      description: V(running), V(stopped) (also while it starts, or when it failed) or V(absent).
      returned: always
      type: str
      sample: running
    release_id:
      description: Id of the release on it, null when there is none.
      returned: always
      type: str
      sample: 1.1.0-20261121T223000Z
    version:
      description: Its version.
      returned: always
      type: str
      sample: 1.1.0
    commit:
      description: Its commit, null when not known.
      returned: always
      type: str
      sample: 3f2c1ab
    artifact_sha256:
      description: Checksum of the archive it was unpacked from, null when not known.
      returned: always
      type: str
      sample: 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
    port:
      description: The port it was told to listen on.
      returned: always
      type: int
      sample: 8002
    pid:
      description: Id of its process, null when it does not run.
      returned: always
      type: int
      sample: 4711
    started_at:
      description: When that process began, null when it does not run.
      returned: always
      type: str
      sample: "2026-11-21T22:31:07Z"
    directory:
      description: Where the release is unpacked, null when there is none.
      returned: always
      type: str
      sample: /srv/portals/orders/releases/1.1.0-20261121T223000Z
    log:
      description: Where its output is; a file with supervisord, a command with systemd. Null when there is none.
      returned: always
      type: str
      sample: journalctl --unit holdfast-orders-green.service
previous:
  description: What was on the slot before, null when nothing was. Also part of a failed result.
  returned: always
  type: dict
  sample: {release_id: 1.0.0-20261120T101500Z, version: 1.0.0, port: 8002}
health:
  description: The last health answer, with C(url), C(status), C(location), C(body_head) and C(error); null when none was asked for.
  returned: always
  type: dict
  sample: {url: "http://127.0.0.1:8002/api/health", status: 200, location: null, body_head: '{"status": "ok"}', error: null}
pruned:
  description: Ids of the unpacked releases that were removed.
  returned: success
  type: list
  elements: str
  sample: []
output:
  description: The last lines that the application wrote.
  returned: when the release did not become healthy
  type: list
  elements: str
  sample: ["RuntimeError: relation \"orders\" does not exist"]
listening:
  description: Who listens on the port.
  returned: when the release did not become healthy
  type: list
  elements: str
  sample: []
supervisor_said:
  description: How the supervisor saw the process.
  returned: when the release did not become healthy
  type: str
  sample: FATAL Exited too quickly (process log may have details)
"""

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import run_module
from ansible_collections.holdfast.webops.plugins.module_utils._host.arguments import COMMON, SLOT
from ansible_collections.holdfast.webops.plugins.module_utils._host.reconcile import reconcile_slot


def main() -> None:
    run_module(
        reconcile_slot,
        argument_spec={**COMMON, **SLOT},
        required_if=[("state", "started", ["release", "command", "port"])],
        supports_check_mode=True,
    )


if __name__ == "__main__":
    main()
