# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Slots under systemd: a system unit when root runs this, a user unit otherwise.

User units live as long as the user is logged in, unless `loginctl enable-linger USER` was said once.
"""

from __future__ import annotations

import contextlib
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, Finished
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import Program
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor import ABSENT, Status

SYSTEM_UNITS = "/etc/systemd/system"
QUICK_SECONDS = 30
_PROPERTIES = "LoadState,ActiveState,SubState,MainPID,Result,ExecMainStartTimestampMonotonic"
_STATES = {"active": "running", "reloading": "running", "activating": "starting", "deactivating": "stopping", "failed": "failed"}
_UNSAFE = re.compile(r'([\\"])')


class Systemd:
    """Talks to one systemd by systemctl and journalctl."""

    cannot_limit: t.Tuple[str, ...] = ()

    def __init__(self, commands: Commands, *, user_id: int, units: str | None = None) -> None:
        self._commands = commands
        self._of_user = user_id != 0
        self._units = units or (os.path.expanduser("~/.config/systemd/user") if self._of_user else SYSTEM_UNITS)
        # Without a login session the bus of the user is not in the environment.
        self._env = {"XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{user_id}"} if self._of_user else {}

    def status(self, name: str) -> Status:
        shown = self._systemctl("show", f"--property={_PROPERTIES}", f"{name}.service").text
        found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        if found.get("LoadState") in (None, "not-found"):
            return ABSENT
        state = _STATES.get(found["ActiveState"], "stopped")
        pid = int(found.get("MainPID") or 0) or None
        said = f"{found['ActiveState']} ({found.get('SubState')}), result {found.get('Result')}"
        return Status(state, pid, said, found.get("ExecMainStartTimestampMonotonic", ""))

    def is_defined(self, program: Program) -> bool:
        return read_if_there(self._path(program)) == self.unit(program) and self.starts_with_host(program)

    def starts_with_host(self, program: Program) -> bool:
        return (
            self._commands.run(self._argv("is-enabled", "--quiet", _unit_name(program)), env=self._env, timeout=QUICK_SECONDS).returncode
            == 0
        )

    def start(self, program: Program) -> None:
        if read_if_there(self._path(program)) != self.unit(program):
            os.makedirs(self._units, mode=0o755, exist_ok=True)
            write_atomic(self._path(program), self.unit(program), mode=0o644)
            self._systemctl("daemon-reload")
        self._systemctl("enable", "--quiet", _unit_name(program))
        self._commands.run(self._argv("reset-failed", _unit_name(program)), env=self._env, timeout=QUICK_SECONDS)
        self._systemctl("restart", "--no-block", _unit_name(program))

    def halt(self, program: Program) -> None:
        if self.status(program.name) != ABSENT:
            self._systemctl("stop", _unit_name(program), timeout=program.stop_timeout + QUICK_SECONDS)

    def stop(self, program: Program) -> None:
        self.halt(program)
        if self.status(program.name) != ABSENT:
            self._systemctl("disable", "--quiet", _unit_name(program))

    def remove(self, program: Program) -> None:
        self.stop(program)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path(program))
            self._systemctl("daemon-reload")
        self._commands.run(self._argv("reset-failed", _unit_name(program)), env=self._env, timeout=QUICK_SECONDS)

    def output(self, program: Program, lines: int) -> list[str]:
        argv = ["journalctl", *self._scope(), "--unit", _unit_name(program), "--lines", str(lines), "--no-pager", "--output", "cat"]
        return self._commands.run(argv, env=self._env, timeout=QUICK_SECONDS).text.splitlines()

    def log(self, program: Program) -> str:
        return " ".join(["journalctl", *self._scope(), "--unit", _unit_name(program)])

    def unit(self, program: Program) -> bytes:
        """The content of the unit file. Secrets are in the environment file, which PID 1 reads before it drops its rights."""
        user = f"User={program.user}\n" if program.user and not self._of_user else ""
        return _UNIT.format(
            portal=program.portal,
            slot=program.slot,
            directory=program.directory,
            environment=program.environment_file,
            command=" ".join(quoted(word) for word in program.command),
            user=user,
            stop_timeout=program.stop_timeout,
            limits=program.limits.unit_lines(),
            target="default.target" if self._of_user else "multi-user.target",
        ).encode("utf-8")

    def _path(self, program: Program) -> str:
        return os.path.join(self._units, _unit_name(program))

    def _scope(self) -> list[str]:
        return ["--user"] if self._of_user else []

    def _argv(self, *words: str) -> list[str]:
        return ["systemctl", *self._scope(), *words]

    def _systemctl(self, *words: str, timeout: float = QUICK_SECONDS) -> Finished:
        return self._commands.check(self._argv(*words), env=self._env, timeout=timeout)


def _unit_name(program: Program) -> str:
    return f"{program.name}.service"


def quoted(word: str) -> str:
    """One argument as ExecStart= wants it (systemd.service(5), 'Command lines')."""
    return '"' + _UNSAFE.sub(r"\\\1", word).replace("%", "%%").replace("$", "$$").replace("\n", "\\n") + '"'


_UNIT: t.Final = """\
# Written by holdfast.webops; changes by hand are overwritten.
[Unit]
Description={portal} {slot}
After=network.target
# What a release needs to start may be away for a while: never give up.
StartLimitIntervalSec=0

[Service]
Type=exec
WorkingDirectory={directory}
EnvironmentFile={environment}
ExecStart={command}
{user}Restart=always
RestartSec=1
KillSignal=SIGTERM
TimeoutStopSec={stop_timeout}
{limits}NoNewPrivileges=true

[Install]
WantedBy={target}
"""
