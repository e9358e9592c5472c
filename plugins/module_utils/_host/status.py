# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands on the slots of a portal, and the use case of the module host_slot_info."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._host.arguments import choose_supervisor
from ansible_collections.holdfast.webops.plugins.module_utils._host.layout import SLOTS, Layout
from ansible_collections.holdfast.webops.plugins.module_utils._host.processes import machine, started_at
from ansible_collections.holdfast.webops.plugins.module_utils._host.slot import program_of
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor import Supervisor
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.routing import inspect


def show_slots(call: Call) -> Outcome:
    """Both slots, the highest fencing number that acted here, and the router where it is asked for."""
    portal = check_portal(call.params["portal"])
    layout = Layout(call.params["root"])
    supervisor = choose_supervisor(call.params)
    slots = {slot: slot_status(layout, supervisor, portal, slot) for slot in SLOTS}
    router = call.params["router"]
    routing = inspect(router) if router else {"router": None, "drift": []}
    return Outcome({}, {}, {"slots": slots, "fencing": layout.fence.seen(), "machine": machine(), **routing})


def slot_status(layout: Layout, supervisor: Supervisor, portal: str, slot: str) -> dict[str, t.Any]:
    """One slot as the platform contract describes it, with where to look for more."""
    program = program_of(layout, {"portal": portal, "slot": slot, "user": None, "stop_timeout": 0})
    status = supervisor.status(program.name)
    content = layout.read_metadata(slot)
    running = status.state == "running"
    since = started_at(status.pid) if running and status.pid else None
    known = content or {}
    return {
        "slot": slot,
        "state": "running" if running else "absent" if content is None and status.state == "absent" else "stopped",
        **{name: known.get(name) for name in ("release_id", "version", "commit", "artifact_sha256", "port")},
        "pid": status.pid if running else None,
        "started_at": iso(since) if since else None,
        "directory": layout.release(known["release_id"]) if content else None,
        "log": supervisor.log(program) if content else None,
    }
