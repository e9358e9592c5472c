# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The run of Ansible that a task belongs to, by a name that no other run has, and whether the run of a name has ended."""

from __future__ import annotations

import contextlib
import os
import socket

MISSING = "-"


def this_run() -> str:
    """An action plugin works in a child of the run."""
    return name_of(os.getppid())


def name_of(process: int) -> str:
    """host:boot:process:start; a process id alone is given out again."""
    return f"{_here()}:{process}:{_started(process)}"


def has_ended(run: str) -> bool:
    """Whether that run was one of this machine, and is no more. Of other machines nothing is known."""
    here, _colon, process_and_start = run.rpartition(":")[0].rpartition(":")
    return here == _here() and process_and_start.isdigit() and name_of(int(process_and_start)) != run


def _here() -> str:
    return f"{socket.gethostname()}:{_line('/proc/sys/kernel/random/boot_id')}"


def _started(process: int) -> str:
    """In ticks since the machine started; without /proc whether it is there."""
    if not os.path.exists("/proc/self/stat"):
        return "there" if _is_there(process) else MISSING
    # The name of the program may hold blanks and brackets; after its last bracket comes the state, the third value.
    values = _line(f"/proc/{process}/stat").rpartition(")")[2].split()
    return values[19] if len(values) > 19 else MISSING


def _is_there(process: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def _line(path: str) -> str:
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        return file.read().strip()
    return MISSING
