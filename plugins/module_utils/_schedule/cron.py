# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs under cron: a script that knows jitter, lock and missed runs, and the lines that start it. Pure.

cron forgets what was due while the host was down. So a second line looks every hour, and after a boot, whether the stamp of the
last run is older than the longest time between two runs, as anacron does.
"""

from __future__ import annotations

import shlex
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.calendar import Calendar
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.jobs import Job, Surroundings
from ansible_collections.holdfast.webops.plugins.module_utils._schedule.units import TAKEN, environment, mark

# A run that is as late as this was missed, beyond the jitter that it may have: a look an hour finds it in the next one.
GRACE_MINUTES = 30


def crontab(job: Job, around: Surroundings, script: str) -> str:
    """The file in /etc/cron.d. Its only command is the script: cron gives a meaning to % and knows no quotes."""
    lines = [
        f"{_calendar(job).text} {around.user} {script} scheduled",
        f"@reboot {around.user} {script} missed",
        f"23 * * * * {around.user} {script} missed",
    ]
    return "\n".join([mark(around.group), "SHELL=/bin/sh", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *lines, ""])


def script(job: Job, around: Surroundings) -> str:
    """What cron starts. The lock is held on a file descriptor, so that the kernel frees it however the run ends."""
    directory = around.directory
    return _SCRIPT.format(
        mark=mark(around.group),
        lock=shlex.quote(f"{directory}/{job.name}.lock"),
        stamp=shlex.quote(stamp(job, around)),
        minutes=(_calendar(job).longest_gap + job.jitter) // 60 + GRACE_MINUTES,
        tag=shlex.quote(job.name),
        jitter=job.jitter,
        timeout=job.timeout,
        taken=TAKEN,
        directory=shlex.quote(directory),
        variables="".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment(around).items()),
        more=_more(around),
        command=" ".join(shlex.quote(word) for word in job.command),
    )


def stamp(job: Job, around: Surroundings) -> str:
    """The file whose time is that of the last run."""
    return f"{around.directory}/{job.name}.stamp"


def _calendar(job: Job) -> Calendar:
    if job.calendar is None:
        raise InputError(f"schedules: {job.name} has an interval, which cron does not know.", hint="Give it a calendar.")
    return job.calendar


def _more(around: Surroundings) -> str:
    if not around.environment_file:
        return ""
    path = shlex.quote(around.environment_file)
    return f"if [ -r {path} ]; then set -a; . {path}; set +a; fi\n"


_SCRIPT: t.Final = """\
#!/bin/sh
{mark}
# scheduled: run now. missed: run when the last run is so long ago that one was missed. Both wait a random while first.
set -eu
cd {directory}
exec >/dev/null
say() {{ logger --tag {tag} -- "$1"; }}
if [ "${{1-}}" = missed ] && [ -n "$(find {stamp} -mmin -{minutes} 2>/dev/null)" ]; then exit 0; fi
exec 9>{lock}
if ! flock --nonblock 9; then say "Another run has the lock; this one ends."; exit {taken}; fi
[ {jitter} -eq 0 ] || sleep "$(shuf --input-range=0-{jitter} --head-count=1)"
touch {stamp}
{variables}{more}run() {{
  timeout {timeout} {command} </dev/null 2>&1 9>&- && echo "Done." || echo "Failed with exit code $?."
}}
run | logger --tag {tag}
"""
