# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who keeps the time on a host: systemd's timers, or cron where systemd does not run. Files, and whether they are in force."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, Finished
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._schedule import cron, units
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.jobs import Job, Surroundings

QUICK_SECONDS = 60
CURRENT = "NeedDaemonReload=no"  # not so when a run was killed after it had written a file
RUNNING = {"ActiveState=active", "UnitFileState=enabled", CURRENT}
Files = t.Dict[str, str]


@dataclasses.dataclass(frozen=True)
class Places:
    """Where things are on a host; tests have their own."""

    booted: str = "/run/systemd/system"
    units: str = "/etc/systemd/system"
    stamps: str = "/var/lib/systemd/timers"
    crontabs: str = "/etc/cron.d"


class Keeper(t.Protocol):
    """One of them. `files` is what a job needs, by path; `jobs_in` the names of the jobs that some files belong to."""

    name: str

    def files(self, job: Job) -> Files:
        """Path to content; InputError for a job that it cannot run."""

    def folders(self) -> tuple[str, ...]:
        """Where its files are."""

    def in_force(self, names: t.Sequence[str]) -> dict[str, bool]:
        """Which of the jobs with files will run."""

    def leave(self, name: str) -> None:
        """Before the files of a job go."""

    def enter(self, jobs: t.Sequence[Job]) -> None:
        """After the files of these jobs were written, or when they are not in force."""


class Systemd:
    """Timers of the system."""

    name = "systemd"

    def __init__(self, commands: Commands, places: Places, around: Surroundings) -> None:
        self._commands, self._places, self._around = commands, places, around

    def files(self, job: Job) -> Files:
        folder = self._places.units
        return {
            f"{folder}/{job.name}.service": units.service(job, self._around),
            f"{folder}/{job.name}.timer": units.timer(job, self._around),
        }

    def folders(self) -> tuple[str, ...]:
        return (self._places.units,)

    def in_force(self, names: t.Sequence[str]) -> dict[str, bool]:
        if not names:
            return {}
        units = [f"{name}.{kind}" for name in names for kind in ("timer", "service")]
        shown = self._systemctl("show", "--property=ActiveState,UnitFileState,NeedDaemonReload", *units).text
        states = [set(block.splitlines()) for block in shown.strip().split("\n\n")]
        return {name: timer >= RUNNING and CURRENT in service for name, timer, service in zip(names, states[::2], states[1::2])}

    def leave(self, name: str) -> None:
        self._commands.run(["systemctl", "disable", "--now", "--quiet", f"{name}.timer"], timeout=QUICK_SECONDS)
        # Else a job of the same name would one day make up for what it never missed.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{self._places.stamps}/stamp-{name}.timer")

    def enter(self, jobs: t.Sequence[Job]) -> None:
        self._systemctl("daemon-reload")
        timers = [f"{job.name}.timer" for job in jobs]
        if timers:
            self._systemctl("enable", "--quiet", *timers)
            self._systemctl("restart", *timers)

    def _systemctl(self, *words: str) -> Finished:
        return self._commands.check(["systemctl", *words], timeout=QUICK_SECONDS)


class Cron:
    """Files in /etc/cron.d, which cron reads by itself."""

    name = "cron"

    def __init__(self, places: Places, around: Surroundings) -> None:
        self._places, self._around = places, around

    def files(self, job: Job) -> Files:
        script = f"{self._around.directory}/{job.name}.sh"
        table = f"{self._places.crontabs}/{job.name}"
        return {script: cron.script(job, self._around), table: cron.crontab(job, self._around, f"/bin/sh {script}")}

    def folders(self) -> tuple[str, ...]:
        return (self._around.directory, self._places.crontabs)

    def in_force(self, names: t.Sequence[str]) -> dict[str, bool]:
        return dict.fromkeys(names, True)

    def leave(self, name: str) -> None:
        """What is not there is not run."""

    def enter(self, jobs: t.Sequence[Job]) -> None:
        for job in jobs:
            stamp = cron.stamp(job, self._around)
            if not os.path.exists(stamp):  # nothing was missed before there was a schedule
                write_atomic(stamp, b"")


def keeper(commands: Commands, places: Places, around: Surroundings, wanted: str) -> Keeper:
    """The one that `wanted` names, or the one that runs here."""
    if wanted == "systemd" or (wanted == "auto" and os.path.isdir(places.booted)):
        return Systemd(commands, places, around)
    if os.path.isdir(places.crontabs):
        return Cron(places, around)
    systemd = "" if wanted == "cron" else f" and no {places.booted}"
    raise InputError(
        f"manager: {wanted}, but on this host there is no {places.crontabs}{systemd}.", hint="Install cron, or name a host with systemd."
    )


def written(folders: t.Sequence[str], group: str) -> Files:
    """The files of a group that are there: those that have its mark in their first lines."""
    found: Files = {}
    for folder in folders:
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            path = f"{folder}/{name}"
            content = read_if_there(path) if os.path.isfile(path) and not os.path.islink(path) else None
            if content is not None and units.mark(group).encode() in content.split(b"\n", 2)[:2]:
                found[path] = content.decode("utf-8", "replace")
    return found


def job_of(path: str) -> str:
    """The name of the job that a file belongs to."""
    return os.path.splitext(os.path.basename(path))[0]
