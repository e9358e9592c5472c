# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Slots under supervisord, for machines whose PID 1 is not systemd.

supervisord's own `environment=` would show secrets in a configuration file, and its own environment would leak into the
application. So the program is a small launcher in an empty environment, which reads the slot's environment file and then
becomes the application.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, Finished, failure
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import Program
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor import ABSENT, Status
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor_rpc import process_info

QUICK_SECONDS = 30
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# It never gives up, because what a release needs to start may be away for a while; each time it waits a second longer.
START_RETRIES = 1000
_STATES = {
    "RUNNING": "running",
    "STARTING": "starting",
    "BACKOFF": "starting",
    "EXITED": "starting",
    "STOPPING": "stopping",
    "FATAL": "failed",
}


class Supervisord:
    """Talks to one supervisord by supervisorctl, over its unix socket."""

    cannot_limit: t.Tuple[str, ...] = ("cpu",)

    def __init__(self, commands: Commands, *, socket: str, conf_dir: str, supervisorctl: str) -> None:
        if not os.path.isdir(conf_dir):
            raise InputError(
                f"supervisor_conf_dir: there is no folder {conf_dir}.", hint="Name the folder that supervisord includes *.conf from."
            )
        self._commands = commands
        self._socket = socket
        self._conf_dir = conf_dir
        self._supervisorctl = supervisorctl

    def status(self, name: str) -> Status:
        found = process_info(self._socket, name, QUICK_SECONDS)
        if found is None:
            return ABSENT
        said = f"{found['statename']} {found['spawnerr'] or found['description']}".strip()
        return Status(_STATES.get(found["statename"], "stopped"), found["pid"] or None, said, str(found["start"]))

    def is_defined(self, program: Program) -> bool:
        as_wanted = read_if_there(self._path(program)) == self.section(program)
        return as_wanted and read_if_there(program.launcher) == self.launcher(program)

    def starts_with_host(self, program: Program) -> bool:
        return b"\nautostart=true\n" in (read_if_there(self._path(program)) or b"")

    def start(self, program: Program) -> None:
        write_atomic(program.launcher, self.launcher(program), mode=0o755)
        write_atomic(self._path(program), self.section(program), mode=0o644)
        self._update(program)
        if not self.status(program.name).active:
            self._ctl("start", program.name)

    def halt(self, program: Program) -> None:
        if not self.status(program.name).active:
            return
        done = self._ctl("stop", program.name, timeout=program.stop_timeout + QUICK_SECONDS)
        if self.status(program.name).active:
            raise self._no_answer(done)

    def stop(self, program: Program) -> None:
        self.halt(program)
        content = read_if_there(self._path(program))
        if content is not None and self.starts_with_host(program):
            write_atomic(self._path(program), content.replace(b"\nautostart=true\n", b"\nautostart=false\n"), mode=0o644)
            self._update(program)

    def remove(self, program: Program) -> None:
        self.halt(program)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path(program))
        self._update(program)

    def output(self, program: Program, lines: int) -> list[str]:
        content = read_if_there(program.log) or b""
        return content[-100_000:].decode("utf-8", "replace").splitlines()[-lines:]

    def log(self, program: Program) -> str:
        return program.log

    def section(self, program: Program) -> bytes:
        """The content of the configuration file of a program. It names no secret."""
        command = ["/usr/bin/env", "-i", f"PATH={SEARCH_PATH}", "LANG=C.UTF-8", "/bin/sh", program.launcher]
        return _SECTION.format(
            name=program.name,
            command=shlex.join(command),
            directory=program.directory,
            log=program.log,
            retries=START_RETRIES,
            user=f"user={program.user}\n" if program.user and os.geteuid() == 0 else "",
            stop_timeout=program.stop_timeout,
        ).encode("utf-8")

    def launcher(self, program: Program) -> bytes:
        """The script that becomes the application. `-a` exports what the environment file assigns."""
        return _LAUNCHER.format(
            portal=program.portal,
            slot=program.slot,
            environment=shlex.quote(program.environment_file),
            command=shlex.join((*program.limits.prlimit(), *program.command)),
        ).encode("utf-8")

    def _path(self, program: Program) -> str:
        return os.path.join(self._conf_dir, f"{program.name}.conf")

    def _ctl(self, *words: str, timeout: float = QUICK_SECONDS) -> Finished:
        return self._commands.run([self._supervisorctl, "-s", f"unix://{self._socket}", *words], timeout=timeout)

    def _update(self, program: Program) -> None:
        """Let supervisord read the configuration of a program again. supervisorctl tells an error on stdout, and exits with 0."""
        done = self._ctl("update", program.name)
        if done.returncode != 0 or "ERROR" in done.text:
            raise self._no_answer(done)

    def _no_answer(self, done: Finished) -> CommandError:
        error = failure(done.argv, done.returncode, done.stderr or done.stdout)
        return CommandError(
            error.message, hint=f"Is supervisord running with the socket {self._socket} and including {self._conf_dir}/*.conf?"
        )


_SECTION: t.Final = """\
; Written by holdfast.webops; changes by hand are overwritten.
[program:{name}]
command={command}
directory={directory}
{user}autostart=true
autorestart=true
startsecs=1
startretries={retries}
stopsignal=TERM
stopwaitsecs={stop_timeout}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""

_LAUNCHER: t.Final = """\
#!/bin/sh
# Written by holdfast.webops; changes by hand are overwritten.
# Starts {portal} {slot}: supervisord calls it in an empty environment, it reads its own from a file
# that only the application's user may read, and then becomes the application.
set -a
. {environment}
set +a
exec {command}
"""
