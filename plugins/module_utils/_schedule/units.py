# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as timers of systemd: the content of their files. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._host.systemd import quoted
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.calendar import on_calendar
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.jobs import Job, Surroundings

# How flock(1) says that another run has the lock. It is no failure: that run does the work.
TAKEN = 75


def mark(group: str) -> str:
    """The first line of every file of a group, by which what is gone from the group is found and removed."""
    return f"# Written by holdfast.webops for the group {group}; changes by hand are overwritten."


def locked(job: Job, around: Surroundings) -> tuple[str, ...]:
    """The command, run by nobody a second time while it runs."""
    lock = f"{around.directory}/{job.name}.lock"
    return ("/usr/bin/flock", "--nonblock", "--verbose", "--conflict-exit-code", str(TAKEN), lock, *job.command)


def service(job: Job, around: Surroundings) -> str:
    """The unit that does the work."""
    return "\n".join([mark(around.group), *_unit(job), "", "[Service]", *_service(job, around), ""])


def timer(job: Job, around: Surroundings) -> str:
    """The unit that starts it."""
    return "\n".join([mark(around.group), "[Unit]", f"Description={_escaped(job.description)}", "", "[Timer]", *_timer(job), "", *_INSTALL])


_INSTALL: t.Final = ("[Install]", "WantedBy=timers.target", "")


def _unit(job: Job) -> list[str]:
    return ["[Unit]", f"Description={_escaped(job.description)}", "Wants=network-online.target", "After=network-online.target"]


def _service(job: Job, around: Surroundings) -> t.Iterator[str]:
    directory = _escaped(around.directory)
    yield "Type=oneshot"
    yield f"User={around.user}"
    yield f"ExecStart={' '.join(quoted(word) for word in locked(job, around))}"
    yield f"SuccessExitStatus={TAKEN}"
    yield f"TimeoutStartSec={job.timeout}"
    yield f"WorkingDirectory={directory}"
    for name, value in environment(around).items():
        yield f"Environment={quoted(f'{name}={value}').replace('$$', '$')}"
    if around.environment_file:
        yield f"EnvironmentFile=-{_escaped(around.environment_file)}"
    yield "NoNewPrivileges=true"
    yield "PrivateTmp=true"
    if around.writable:
        yield "ProtectSystem=strict"
        yield "ProtectHome=read-only"
        yield f"ReadWritePaths={_escaped(' '.join((around.directory, *around.writable)))}"
    else:
        yield "ProtectSystem=full"


def environment(around: Surroundings) -> dict[str, str]:
    """What Ansible needs where nobody is logged in, and what the task adds."""
    home = around.directory
    folders = {"HOME": home, "ANSIBLE_HOME": f"{home}/ansible", "ANSIBLE_REMOTE_TEMP": f"{home}/remote"}
    return {**folders, "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8", **around.environment}


def _timer(job: Job) -> list[str]:
    if job.calendar is None:
        # After the end of the last run: two never overlap.
        return ["OnActiveSec=1", f"OnUnitInactiveSec={job.interval}", f"RandomizedDelaySec={job.jitter}", "AccuracySec=1"]
    when = [f"OnCalendar={on_calendar(job.calendar)}", f"RandomizedDelaySec={job.jitter}", "AccuracySec=1"]
    # A run that was missed, because the host was down, is made up for.
    return [*when, "Persistent=true"]


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
