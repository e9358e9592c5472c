# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a process supervisor must be able to do, and which one a host has."""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import Program

SYSTEMD_RUNS = "/run/systemd/system"


@dataclasses.dataclass(frozen=True)
class Status:
    """How a program stands: running, starting, stopping, failed, stopped, or absent when the supervisor does not know it.

    `begun` differs from one start of its process to the next; `said` is for people.
    """

    state: str
    pid: int | None = None
    said: str = ""
    begun: str = ""

    @property
    def active(self) -> bool:
        """Whether there is, or is about to be, a process."""
        return self.state in ("running", "starting", "stopping")


ABSENT = Status("absent")


class Supervisor(t.Protocol):
    """Runs programs, restarts them when they die, starts them with the machine. `cannot_limit`: names of limits it cannot keep."""

    cannot_limit: t.Tuple[str, ...]

    def status(self, name: str) -> Status:
        """How a program stands now."""

    def is_defined(self, program: Program) -> bool:
        """Whether it is known exactly as `program` says, and would start with the machine."""

    def starts_with_host(self, program: Program) -> bool:
        """Whether it would start with the machine, however it is defined."""

    def start(self, program: Program) -> None:
        """Define it as `program` says and start it; it was halted before. Does not wait until it is ready."""

    def halt(self, program: Program) -> None:
        """End its process, wait until it is gone, and change nothing else."""

    def stop(self, program: Program) -> None:
        """Stop it, and do not start it with the machine any more. Waits until it is gone."""

    def remove(self, program: Program) -> None:
        """Stop and forget it."""

    def output(self, program: Program, lines: int) -> list[str]:
        """The last lines that it wrote."""

    def log(self, program: Program) -> str:
        """Where a person reads what it writes: a path, or a command."""


def has_systemd() -> bool:
    """Whether systemd manages this host (sd_booted(3))."""
    return os.path.isdir(SYSTEMD_RUNS)
