# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs that a host runs by the clock: read from the options of host_schedule. Pure."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.calendar import Calendar, read_calendar

# What both systemd and Debian's cron take as the name of a file.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,200}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,31}")


@dataclasses.dataclass(frozen=True)
class Job:
    """One command and when it runs: at the moments of `calendar`, or `interval` seconds after it ended. Times are in seconds."""

    name: str
    description: str
    command: tuple[str, ...]
    calendar: t.Optional[Calendar]
    interval: t.Optional[int]
    jitter: int
    timeout: int


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What all jobs of a group have in common. With `writable`, a job under systemd can write there and nowhere else."""

    group: str
    user: str
    directory: str
    environment: t.Mapping[str, str]
    environment_file: str
    writable: tuple[str, ...]


def jobs_from(schedules: t.Sequence[t.Mapping[str, t.Any]]) -> tuple[Job, ...]:
    """Every schedule of a task; InputError names the one that is wrong."""
    names = [schedule["name"] for schedule in schedules]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"schedules: there are two of the name {name}.", hint="Give each its own.")
    return tuple(_job(schedule) for schedule in schedules)


def _job(schedule: t.Mapping[str, t.Any]) -> Job:
    name, calendar, interval = schedule["name"], schedule["calendar"], schedule["interval"]
    if not _NAME.fullmatch(name):
        raise InputError(f"schedules: '{name}' cannot be the name of a timer.", hint="Use letters, digits, - and _.")
    if (calendar is None) == (interval is None):
        raise InputError(f"schedules: {name} needs either calendar or interval.", hint="A calendar is written as in a crontab.")
    if not schedule["command"] or not schedule["command"][0].startswith("/"):
        raise InputError(f"schedules: the command of {name} does not begin with the absolute path of a program.", hint="Write it out.")
    for option, least in (("interval", 1), ("jitter", 0), ("timeout", 1)):
        if schedule[option] is not None and schedule[option] < least:
            raise InputError(f"schedules: {option} of {name} is {schedule[option]}.", hint=f"Give {least} or more seconds.")
    if any("\n" in word for word in (*schedule["command"], schedule["description"])):
        raise InputError(f"schedules: {name} has a line break in its command or description.", hint="Write it in one line.")
    return Job(
        name=name,
        description=schedule["description"],
        command=tuple(schedule["command"]),
        calendar=read_calendar(calendar) if calendar is not None else None,
        interval=interval,
        jitter=schedule["jitter"],
        timeout=schedule["timeout"],
    )


def surroundings_from(params: t.Mapping[str, t.Any]) -> Surroundings:
    """What the task says of all its jobs; InputError for a variable that cannot be one."""
    for name, value in (params["environment"] or {}).items():
        if not _VARIABLE.fullmatch(str(name)) or "\n" in str(value):
            raise InputError(f"environment: '{name}' cannot be a variable.", hint="Use letters, digits and _, and values of one line.")
    if not _NAME.fullmatch(params["group"]):
        raise InputError(f"group: '{params['group']}' cannot be a group.", hint="Use letters, digits, - and _.")
    if not _USER.fullmatch(params["user"]):
        raise InputError(f"user: '{params['user']}' cannot be a user.", hint="Name a user of the host.")
    _check_paths("directory", params["directory"])
    _check_paths("environment_file", *filter(None, [params["environment_file"]]))
    _check_paths("writable", *params["writable"])
    return Surroundings(
        group=params["group"],
        user=params["user"],
        directory=params["directory"],
        environment={str(name): str(value) for name, value in (params["environment"] or {}).items()},
        environment_file=params["environment_file"] or "",
        writable=tuple(params["writable"]),
    )


def _check_paths(option: str, *paths: str) -> None:
    """They become lines of a unit or a crontab."""
    for path in paths:
        if not path.startswith("/") or any(sign.isspace() for sign in path):
            raise InputError(f"{option}: '{path}' is not an absolute path without blanks.", hint="Write it out.")
