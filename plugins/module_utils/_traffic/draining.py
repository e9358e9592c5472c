# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until a slot has nothing left to answer."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.haproxy import RuntimeSocket
from ansible_collections.holdfast.webops.plugins.module_utils._traffic.slots import in_flight, lines_of

INTERVAL = 0.1
# A cut connection disappears from the counters in the router's next round.
CLOSING_TIME = 5.0


def drain(socket: RuntimeSocket, slot: str, *, clock: Clock, timeout: float, force: bool) -> int:
    """Wait for 0 requests in flight; the number of those that were cut at the deadline, which only `force` allows."""
    try:
        _wait_for_none(socket, slot, clock, timeout)
        return 0
    except DeadlineError as exc:
        left = in_flight(socket.servers(), slot)
        if not force:
            raise DeadlineError(
                f"{slot} still answers {left} requests after {timeout:g} s.",
                hint="Give it more time (drain_timeout), or let them be cut (drain_force: true).",
                in_flight=left,
            ) from exc
    for server in lines_of(socket.servers(), slot):
        socket.close_sessions(server)
    _wait_for_none(socket, slot, clock, CLOSING_TIME)
    return left


def _wait_for_none(socket: RuntimeSocket, slot: str, clock: Clock, timeout: float) -> None:
    """Two readings in a row: a request that was being routed at the moment of the switch is counted in the second."""
    readings = [1, 1]

    def is_dry() -> bool:
        readings.append(in_flight(socket.servers(), slot))
        return readings[-2:] == [0, 0]

    wait_until(is_dry, clock=clock, timeout=timeout, interval=INTERVAL, what=f"{slot} to have no request in flight")
