# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two slots as the router sees them: health, requests in flight, counters."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import RuntimeSocket, Server
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.settings import SLOTS, Settings, other_slot


def slot_server(servers: t.Iterable[Server], slot: str) -> Server:
    """A slot's own line: the server of its own backend."""
    for server in servers:
        if server.backend == f"slot_{slot}" and server.name == slot:
            return server
    raise ConflictError(
        f"The router has no backend slot_{slot} with a server {slot}.", hint="Its configuration is not ours; provision it again."
    )


def fallback_server(servers: t.Iterable[Server], slot: str) -> Server:
    """The other slot, standing by in this slot's backend."""
    return next(server for server in servers if server.backend == f"slot_{slot}" and server.name == other_slot(slot))


def lines_of(servers: t.Iterable[Server], slot: str) -> list[Server]:
    """Every line behind which this slot's process stands: own, fallback of the other, preview."""
    return [server for server in servers if server.name == slot]


def in_flight(servers: t.Iterable[Server], slot: str) -> int:
    """Requests (and upgraded connections) that a slot has begun and not ended."""
    return sum(server.current for server in lines_of(servers, slot))


def server_shown(servers: list[Server], slot: str) -> dict[str, t.Any]:
    """One slot for results. The counters run since the router's start."""
    own, fallback = slot_server(servers, slot), fallback_server(servers, slot)
    lines = lines_of(servers, slot)
    return {
        "status": own.status,
        "healthy": own.is_up,
        "in_flight": in_flight(servers, slot),
        "requests": sum(line.total for line in lines),
        "errors": sum(line.errors for line in lines),
        "retries": own.retries,
        "redispatches": own.redispatches,
        "fallbacks": fallback.total,
    }


def router_shown(socket: RuntimeSocket | None, plan: Settings | None, fence: int) -> dict[str, t.Any]:
    """The documented `router` value; `plan` is None where no router was ever provisioned."""
    return {
        "configured": plan is not None,
        "running": socket is not None,
        "weights": plan.weights if plan else None,
        "live_slot": plan.live if plan else None,
        "idle_slot": plan.idle if plan else None,
        "release": plan.release if plan else None,
        "maintenance": plan.maintenance if plan else None,
        "fence": fence,
        "servers": servers_shown(socket) if socket else dict.fromkeys(SLOTS),
    }


def servers_shown(socket: RuntimeSocket) -> dict[str, t.Any]:
    """Both slots for results."""
    servers = socket.servers()
    return {slot: server_shown(servers, slot) for slot in SLOTS}
