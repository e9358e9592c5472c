# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests as the router logged them, and a reader that sees each of them once."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._traffic.settings import SLOTS, slot_of_server

RING = "requests"
READS = ("GET", "HEAD", "OPTIONS")
UPGRADED = 101


@dataclasses.dataclass(frozen=True)
class Sample:
    """One finished request of a user. `slot` was chosen, `server` is the slot that answered; `ms` is the time to the answer's head.

    A status below 100 means that the client went away after `ms` without an answer. `is_synthetic`: a request of our own.
    """

    slot: str
    server: str
    status: int
    ms: float
    is_read: bool
    is_synthetic: bool = False

    @property
    def was_abandoned(self) -> bool:
        """The client did not wait for the answer."""
        return self.status < 100

    @property
    def is_error(self) -> bool:
        """The slot's fault: what a client did wrong (4xx) is not."""
        return self.status >= 500


def parse_line(line: str) -> Sample | None:
    """A line of the ring, in the log-format of `haproxy.cfg.j2`; None for what says nothing about a slot.

    Left out: previews, requests that never reached a slot (maintenance page, broken requests), and upgraded connections, whose
    duration is their lifetime. `%Td` (sending the body) is taken off `%Ta`: that is the client's line, not the slot.
    """
    fields = line.split(" ")
    if len(fields) != 11 or fields[2] not in SLOTS or fields[10] != "user":
        return None
    _moment, _number, slot, server, status, active, sending, _retries, _ending, method, _kind = fields
    if int(status) == UPGRADED:
        return None
    milliseconds = float(active) - max(float(sending), 0.0)
    return Sample(slot, slot_of_server(server), int(status), max(milliseconds, 0.0), method in READS)


class Follower:
    """Reads a ring again and again and gives each line once.

    Each line is unique (it carries the router's request number), and the ring forgets from its old end only: what is new stands
    behind the last line seen. When that line is gone, the ring was overwritten in between (`overruns`) or the router restarted.
    """

    def __init__(self, read: t.Callable[[], list[str]]) -> None:
        self._read = read
        self._last = _last_line(read())
        self.overruns = 0

    def new_lines(self) -> list[str]:
        """The lines since the last call, oldest first."""
        lines = [line for line in self._read() if line]
        start = self._start(lines)
        self._last = _last_line(lines) or self._last
        return lines[start:]

    def _start(self, lines: list[str]) -> int:
        if self._last is None or not lines:
            return 0
        for index in range(len(lines) - 1, -1, -1):
            if lines[index] == self._last:
                return index + 1
        self.overruns += 1
        return 0


def _last_line(lines: list[str]) -> str | None:
    filled = [line for line in lines if line]
    return filled[-1] if filled else None
