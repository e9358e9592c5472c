# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one slot may take of its machine, in the words of each supervisor. Pure.

systemd limits all processes of a slot together (cgroups: memory, CPU, tasks). supervisord can only start it with the limits of
setrlimit(2), which count for each process (memory, as address space), or for all processes of a user (tasks).
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

ARGUMENTS: dict[str, t.Any] = {
    "memory": {"type": "str"},
    "cpu": {"type": "float"},
    "tasks": {"type": "int"},
    "open_files": {"type": "int"},
}
_SIZE = re.compile(r"([1-9][0-9]*)([KMG]?)")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclasses.dataclass(frozen=True)
class Limits:
    """`memory` in bytes, `cpu` in cores, the others in numbers; None is no limit."""

    memory: t.Optional[int] = None
    cpu: t.Optional[float] = None
    tasks: t.Optional[int] = None
    open_files: t.Optional[int] = None

    def unit_lines(self) -> str:
        """Settings for [Service] of a unit (systemd.resource-control(5), systemd.exec(5))."""
        lines = {
            "MemoryMax": self.memory,
            "CPUQuota": None if self.cpu is None else f"{self.cpu * 100:g}%",
            "TasksMax": self.tasks,
            "LimitNOFILE": self.open_files,
        }
        return "".join(f"{name}={value}\n" for name, value in lines.items() if value is not None)

    def prlimit(self) -> tuple[str, ...]:
        """The words before a command that start it with these limits (prlimit(1)); none when there are none."""
        words = {"--as": self.memory, "--nproc": self.tasks, "--nofile": self.open_files}
        given = tuple(f"{name}={value}" for name, value in words.items() if value is not None)
        return ("prlimit", *given, "--") if given else ()

    def shown(self) -> dict[str, t.Any]:
        """Those that were given."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value is not None}


NO_LIMITS = Limits()


def limits_from(params: t.Mapping[str, t.Any] | None) -> Limits:
    """The option `limits`; InputError names what is wrong in it."""
    given = params or {}
    for name in ("cpu", "tasks", "open_files"):
        if given.get(name) is not None and given[name] <= 0:
            raise InputError(f"limits.{name}: {given[name]} is too small.", hint="Leave it out for no limit.")
    return Limits(_bytes(given.get("memory")), given.get("cpu"), given.get("tasks"), given.get("open_files"))


def _bytes(text: str | None) -> int | None:
    if not text:
        return None
    found = _SIZE.fullmatch(text)
    if not found:
        raise InputError(f"limits.memory: '{text}' is no size.", hint="Write it like 512M or 2G.")
    return int(found.group(1)) * _UNITS[found.group(2)]
