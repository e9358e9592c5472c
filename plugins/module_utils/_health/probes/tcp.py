# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind tcp: does something accept connections on this port?"""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.lines import open_line, reason_for
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding, milliseconds
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.tcp import TcpTarget


def look(target: TcpTarget, deadline: Deadline, clock: Clock) -> Finding:
    """Connect and hang up."""
    place = f"{target.host}:{target.port}"
    started = clock.monotonic()
    try:
        line = open_line(target.host, target.port, deadline)
    except OSError as exc:
        return Finding("", problems=(reason_for(exc, place),), figures={"connect_ms": None})
    line.close()
    connect_ms = milliseconds(clock.monotonic() - started)
    evidence = Evidence(address=line.address, resolved=line.resolved)
    return Finding(f"accepts connections at {line.address}", figures={"connect_ms": connect_ms}, evidence=evidence)
