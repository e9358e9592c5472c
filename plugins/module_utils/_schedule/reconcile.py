# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module host_schedule: the jobs of a group, as the task lists them, and no others."""

from __future__ import annotations

import os
import pwd
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.jobs import Job, Surroundings, jobs_from, surroundings_from
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.keepers import Files, Keeper, Places, job_of, keeper, written
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.units import mark

ARGUMENTS: t.Final[dict[str, t.Any]] = {
    "group": {"type": "str", "required": True},
    "schedules": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "description": {"type": "str", "required": True},
            "command": {"type": "list", "elements": "str", "required": True},
            "calendar": {"type": "str"},
            "interval": {"type": "int"},
            "jitter": {"type": "int", "default": 0},
            "timeout": {"type": "int", "default": 14400},
        },
    },
    "directory": {"type": "path", "required": True},
    "user": {"type": "str", "default": "root"},
    "environment": {"type": "dict"},
    "environment_file": {"type": "path"},
    "writable": {"type": "list", "elements": "path", "default": []},
    "needs": {"type": "list", "elements": "path", "default": []},
    "manager": {"type": "str", "choices": ["auto", "systemd", "cron"], "default": "auto"},
}


def reconcile_schedules(call: Call) -> Outcome:
    """Look, compare, write what differs, remove what is gone, and look again."""
    return reconcile(call, Commands(), Places())


def reconcile(call: Call, commands: Commands, places: Places) -> Outcome:
    """The same on a host whose places are given."""
    jobs, around = jobs_from(call.params["schedules"]), surroundings_from(call.params)
    _check_host(jobs, call.params["needs"])
    keeping = keeper(commands, places, around, call.params["manager"])
    wanted = {path: content for job in jobs for path, content in keeping.files(job).items()}
    before = _look(keeping, around, jobs, wanted)
    after = {"files": wanted, "in_force": {job.name: True for job in jobs}}
    removed = sorted({job_of(path) for path in before["files"] if path not in wanted})
    if before != after and not call.check_mode:
        _apply(keeping, jobs, around, before)
        after = _look(keeping, around, jobs, wanted)
    values = {"manager": keeping.name, "schedules": sorted(job.name for job in jobs), "removed": removed}
    return Outcome(before, after, values)


def _check_host(jobs: t.Sequence[Job], needs: t.Sequence[str]) -> None:
    programs = {job.command[0] for job in jobs}
    lacking = [path for path in sorted(programs) if not os.access(path, os.X_OK)]
    lacking += [path for path in needs if not os.path.exists(path)]
    if jobs and lacking:
        raise InputError(
            f"On {os.uname().nodename} there is no {' and no '.join(lacking)}, which {jobs[0].name} needs. Nothing was touched.",
            hint="Install it there, or correct the path.",
        )


def _look(keeping: Keeper, around: Surroundings, jobs: t.Sequence[Job], wanted: Files) -> dict[str, t.Any]:
    """The files of the group and those that stand where it wants to write; and which of its wanted jobs will run."""
    files = written(keeping.folders(), around.group)
    for path in wanted:
        content = read_if_there(path)
        if content is None or path in files:
            continue
        files[path] = content.decode("utf-8", "replace")
        if mark("").partition("group")[0] in files[path]:
            raise ConflictError(f"{path} belongs to another group.", hint="Give one of the two another name.")
    there = [job.name for job in jobs if all(path in files for path in keeping.files(job))]
    return {"files": files, "in_force": keeping.in_force(there)}


def _apply(keeping: Keeper, jobs: t.Sequence[Job], around: Surroundings, before: t.Mapping[str, t.Any]) -> None:
    if not os.path.isdir(around.directory):
        raise InputError(f"directory: there is no folder {around.directory}.", hint="Make it first.")
    if jobs:
        _check_user(around.user)
    wanted = {job.name: keeping.files(job) for job in jobs}
    kept = {path for files in wanted.values() for path in files}
    gone = [path for path in before["files"] if path not in kept]
    for name in sorted({job_of(path) for path in gone}):
        keeping.leave(name)
    for path in gone:
        os.unlink(path)
    changed = [job for job in jobs if {path: before["files"].get(path) for path in wanted[job.name]} != wanted[job.name]]
    for job in changed:
        for path, content in wanted[job.name].items():
            write_atomic(path, content.encode("utf-8"), mode=0o644)
    keeping.enter([job for job in jobs if job in changed or not before["in_force"].get(job.name)])


def _check_user(name: str) -> None:
    """Else the runs would fail, at night, where nobody looks."""
    try:
        pwd.getpwnam(name)
    except KeyError as exc:
        raise InputError(f"user: there is no user {name} on {os.uname().nodename}.", hint="Make it first, or name another one.") from exc
