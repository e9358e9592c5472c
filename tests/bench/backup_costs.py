"""What a run costs beyond its own processes: the server's processor time, and the memory of everything that belongs to it."""

from __future__ import annotations

import os
import subprocess
import threading
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.figures import Sample
    from tools.embedded.postgres import EmbeddedPostgres

TICKS = os.sysconf("SC_CLK_TCK")
LOOK = 0.05  # seconds between two looks at the memory
SETTLE = 0.3  # seconds in which a server's process ends after its client did


def server_seconds(database: EmbeddedPostgres) -> float:
    """Processor time of all its processes until now, of those that ended too."""
    main = int((database.data_dir / "postmaster.pid").read_text().split()[0])
    own = _times(main)
    return own[2] + own[3] + sum(sum(_times(child)[:2]) for child in _children(main))


def with_server(database: EmbeddedPostgres, work: Callable[[], Sample]) -> Sample:
    """The sample of a run, with `total`: its processor time and the server's."""
    before = server_seconds(database)
    sample = work()
    threading.Event().wait(SETTLE)
    return {**sample, "total": sample["cpu"] + server_seconds(database) - before}


def peak_memory(argv: list[str], stdin: str, env: dict[str, str]) -> float:
    """MB that a process and all below it had at once; what they share counts once."""
    child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env)
    said: list[str] = []
    talk = threading.Thread(target=lambda: said.append(child.communicate(stdin)[0]))
    talk.start()
    peak = 0.0
    while talk.is_alive():
        peak = max(peak, _memory_below(child.pid))
        talk.join(LOOK)
    if child.returncode != 0:
        raise RuntimeError(f"{argv[-1]} failed: {said[0][-2000:]}")
    return peak


def _times(pid: int) -> list[float]:
    """User and system time of a process, and of its children that ended, in seconds."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return [0.0] * 4
    return [int(field) / TICKS for field in fields[11:15]]


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in _listed(f"/proc/{pid}/task"):
        try:
            found += [int(child) for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()]
        except OSError:
            continue
    return found


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _memory_below(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    own = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return own + sum(_memory_below(child) for child in _children(pid))
