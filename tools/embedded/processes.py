"""Find and end the processes of one home, whoever started them and however that one ended.

Every program under our supervisord inherits a variable that names the home. A process is ours when its
environment holds exactly that, never because of its name.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from tools.embedded.home import Home

MARK = "HOLDFAST_EMBEDDED_HOME"
POLITE_SECONDS = 15.0
PROC = Path("/proc")


class Process(t.NamedTuple):
    """A process that cannot be mistaken for a later one with the same pid."""

    pid: int
    started: str
    program: str

    @property
    def is_alive(self) -> bool:
        return describe(self.pid) == self


def describe(pid: int, proc: Path = PROC) -> Process | None:
    """None when there is no such process, or it is only waiting to be reaped."""
    try:
        fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
        argv = (proc / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
    state, started = fields[0], fields[19]
    return None if state in ("Z", "X") else Process(pid, started, os.fsdecode(argv[0]))


def of_home(home: Home, proc: Path = PROC) -> list[Process]:
    mark = f"{MARK}={home.path}".encode()
    found = []
    for folder in proc.iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(describe(int(folder.name), proc))
    return [process for process in found if process is not None]


def end(processes: list[Process]) -> None:
    """Ask each to stop, wait, then insist. PostgreSQL is asked for its fast shutdown."""
    for process in processes:
        _send(process, signal.SIGINT if Path(process.program).name == "postgres" else signal.SIGTERM)
    deadline = time.monotonic() + POLITE_SECONDS
    while (left := [process for process in processes if process.is_alive]) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in left:
        _send(process, signal.SIGKILL)


def _send(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        if process.is_alive:
            os.kill(process.pid, number)
