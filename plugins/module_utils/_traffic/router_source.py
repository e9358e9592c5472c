# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence of a router on a host: its ring of requests, its counters, and who waits right now."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import RuntimeSocket
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.samples import RING, Follower, parse_line
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.settings import other_slot
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.slots import fallbacks, own_servers, standing
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.sources import Seen


class RouterSource:
    """A `Source`: what one router shows of the candidate from now on."""

    def __init__(self, socket: RuntimeSocket, candidate: str, *, overdue_after: float) -> None:
        self._socket = socket
        self._candidate = candidate
        self._overdue_after = overdue_after
        self._is_up = True
        self._counters = self._read_counters()
        self._follower = Follower(lambda: socket.events(RING))
        self.overruns = 0

    def look(self) -> Seen:
        """The ring is read last: what it gave is not given again, so nothing may fail after it."""
        grown = self._grown_counters()
        overdue = self._overdue()
        samples = [sample for sample in map(parse_line, self._follower.new_lines()) if sample]
        self.overruns = self._follower.overruns
        return Seen(samples, grown["retries"], grown["fallbacks"], overdue, healthy=self._is_up and not grown["downs"])

    def _read_counters(self) -> dict[str, int]:
        servers = self._socket.servers()
        own = own_servers(servers, self._candidate)
        self._is_up = standing(servers, self._candidate).carries(standing(servers, other_slot(self._candidate)))
        return {
            "retries": sum(server.retries + server.redispatches for server in own),
            "fallbacks": fallbacks(servers, self._candidate),
            "downs": sum(server.downs for server in own),
        }

    def _grown_counters(self) -> dict[str, int]:
        """The counters of the router run since its start; a restart puts them back to nought."""
        now = self._read_counters()
        grown = {name: now[name] - self._counters[name] if now[name] >= self._counters[name] else now[name] for name in now}
        self._counters = now
        return grown

    def _overdue(self) -> int:
        backend = f"slot_{self._candidate}"
        return sum(request.backend == backend and request.age >= self._overdue_after for request in self._socket.waiting())
