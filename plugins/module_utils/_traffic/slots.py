# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two slots as the router sees them: health, requests in flight, counters.

A slot is one server of its backend on a single host, called `blue` or `green`, and one for each web host otherwise:
`blue-web1`, `blue-web2`.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import RuntimeSocket, Server
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.settings import SLOTS, Settings, other_slot, slot_of_server


@dataclasses.dataclass(frozen=True)
class Standing:
    """How many servers of a slot the router finds healthy, and of how many."""

    up: int
    of: int
    status: str

    @property
    def is_whole(self) -> bool:
        """Whether all of them are."""
        return self.up == self.of

    def carries(self, other: Standing) -> bool:
        """Whether this slot may get what the other one has: a web host that is down for both is no reason to refuse."""
        return self.up >= max(1, other.up)

    def __str__(self) -> str:
        return self.status if self.of == 1 else f"{self.up} of {self.of} servers healthy"


def own_servers(servers: t.Iterable[Server], slot: str) -> list[Server]:
    """A slot's own lines: its servers in its own backend, one for each web host."""
    found = [server for server in servers if server.backend == f"slot_{slot}" and slot_of_server(server.name) == slot]
    if not found:
        raise ConflictError(
            f"The router has no backend slot_{slot} with a server {slot}.", hint="Its configuration is not ours; provision it again."
        )
    return found


def standing(servers: t.Iterable[Server], slot: str) -> Standing:
    """The health of a slot as a whole."""
    own = own_servers(servers, slot)
    return Standing(sum(server.is_up for server in own), len(own), ", ".join(sorted({server.status for server in own})))


def fallbacks(servers: t.Iterable[Server], slot: str) -> int:
    """Requests meant for a slot that the other one, standing by in its backend, has answered."""
    standby = other_slot(slot)
    return sum(server.total for server in servers if server.backend == f"slot_{slot}" and slot_of_server(server.name) == standby)


def lines_of(servers: t.Iterable[Server], slot: str) -> list[Server]:
    """Every line behind which this slot's processes stand: own, fallback of the other, preview."""
    return [server for server in servers if slot_of_server(server.name) == slot]


def in_flight(servers: t.Iterable[Server], slot: str) -> int:
    """Requests (and upgraded connections) that a slot has begun and not ended."""
    return sum(server.current for server in lines_of(servers, slot))


def server_shown(servers: list[Server], slot: str) -> dict[str, t.Any]:
    """One slot for results. The counters run since the router's start."""
    own, health = own_servers(servers, slot), standing(servers, slot)
    lines = lines_of(servers, slot)
    return {
        "status": health.status,
        "healthy": health.is_whole,
        "servers": health.of,
        "servers_up": health.up,
        "in_flight": in_flight(servers, slot),
        "requests": sum(line.total for line in lines),
        "errors": sum(line.errors for line in lines),
        "retries": sum(server.retries for server in own),
        "redispatches": sum(server.redispatches for server in own),
        "fallbacks": fallbacks(servers, slot),
    }


def router_shown(socket: RuntimeSocket | None, plan: Settings | None, fence: int, rolled_back: dict[str, t.Any] | None) -> dict[str, t.Any]:
    """The documented `router` value; `plan` is None where no router was ever provisioned."""
    return {
        "configured": plan is not None,
        "running": socket is not None,
        "weights": plan.weights if plan else None,
        "live_slot": plan.live if plan else None,
        "idle_slot": plan.idle if plan else None,
        "release": plan.release if plan else None,
        "maintenance": plan.maintenance if plan else None,
        "closed": (plan.closed or None) if plan else None,
        "fence": fence,
        "rolled_back": rolled_back,
        "servers": servers_shown(socket) if socket else dict.fromkeys(SLOTS),
    }


def servers_shown(socket: RuntimeSocket) -> dict[str, t.Any]:
    """Both slots for results."""
    servers = socket.servers()
    return {slot: server_shown(servers, slot) for slot in SLOTS}
