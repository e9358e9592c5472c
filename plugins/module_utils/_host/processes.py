# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes and ports as /proc shows them."""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
import typing as t

LISTEN = "0A"


def machine() -> str:
    """What tells this machine from every other one: its name, and the boot that it is in; containers share the latter."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return f"{socket.gethostname()} {file.read().strip()}"


def started_at(pid: int) -> datetime.datetime | None:
    """When a process began, None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            ticks = int(file.read().rpartition(")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return None
    with open("/proc/stat", encoding="utf-8") as file:
        booted = next(int(line.split()[1]) for line in file if line.startswith("btime"))
    return datetime.datetime.fromtimestamp(booted + ticks / os.sysconf("SC_CLK_TCK"), datetime.timezone.utc)


def listeners(port: int) -> list[str]:
    """Who listens on a TCP port, as 'name (pid 42)'; 'a process of another user' where it may not be looked up."""
    inodes = {inode for table in ("tcp", "tcp6") for inode in _listening(f"/proc/net/{table}", port)}
    if not inodes:
        return []
    owners = sorted(_owners(inodes))
    return owners or ["a process of another user"]


def _listening(table: str, port: int) -> t.Iterator[str]:
    with contextlib.suppress(FileNotFoundError), open(table, encoding="utf-8") as file:
        for line in file.readlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _owners(inodes: t.Collection[str]) -> t.Iterator[str]:
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if any(_link(f"/proc/{pid}/fd/{number}") in wanted for number in os.listdir(f"/proc/{pid}/fd")):
                with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                    yield f"{file.read().strip()} (pid {pid})"


def _link(path: str) -> str | None:
    with contextlib.suppress(OSError):
        return os.readlink(path)
    return None
