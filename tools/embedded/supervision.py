"""One private supervisord: its configuration, its start and its end."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import typing as t
from pathlib import Path

from tools.embedded import postgres, processes
from tools.embedded.credentials import write_secret
from tools.embedded.errors import EmbeddedError
from tools.embedded.waiting import last_lines, wait_for

if t.TYPE_CHECKING:
    from tools.embedded.home import Home
    from tools.embedded.ports import Ports

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 15.0
STOP_SECONDS = 60.0

TEMPLATE = """\
; Written by tools/embedded; changes are overwritten. Add programs in conf.d/*.conf.
[supervisord]
pidfile = {supervisor}/supervisord.pid
logfile = {log}/supervisord.log
logfile_maxbytes = 1MB
logfile_backups = 1
childlogdir = {log}
directory = {home}
environment = {mark}="{home}"
umask = 077
minfds = 1024
{user}
[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://{socket}

[include]
files = conf.d/*.conf

[program:postgresql]
command = {postgresql}
stopsignal = INT
stopwaitsecs = 30
priority = 10
redirect_stderr = true
stdout_logfile = {log}/postgresql.log
stdout_logfile_maxbytes = 5MB
stdout_logfile_backups = 1

[program:objects]
command = {objects}
directory = {repository}
priority = 20
redirect_stderr = true
stdout_logfile = {log}/objects.log
stdout_logfile_maxbytes = 5MB
stdout_logfile_backups = 1
"""


def configuration(home: Home, ports: Ports) -> str:
    """The text of supervisord.conf."""
    server = postgres.command(home.postgres, ports.postgres, durable=True)
    objects = [sys.executable, "-m", "tools.embedded.serve_objects", str(home.path), str(ports.objects)]
    return TEMPLATE.format(
        home=_escaped(home.path),
        log=_escaped(home.log),
        supervisor=_escaped(home.supervisor),
        socket=_escaped(home.socket),
        repository=_escaped(REPOSITORY),
        mark=processes.MARK,
        user="user = root\n" if os.geteuid() == 0 else "",
        postgresql=_escaped(shlex.join(server)),
        objects=_escaped(shlex.join(objects)),
    )


def is_running(home: Home) -> bool:
    return home.socket.exists() and _control(home, "pid").returncode == 0


def start(home: Home, ports: Ports) -> None:
    """Write the configuration and start supervisord in the background."""
    write_secret(home.configuration, configuration(home, ports))
    home.socket.unlink(missing_ok=True)
    argv = [str(home.bin / "supervisord"), "--configuration", str(home.configuration)]
    env = {**os.environ, processes.MARK: str(home.path)}
    done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise EmbeddedError(f"supervisord did not start: {last_lines(done.stderr or done.stdout)}")
    wait_for(lambda: None if is_running(home) else "no answer on its socket", what="supervisord", seconds=START_SECONDS)


def program_states(home: Home) -> dict[str, str]:
    """Name -> state (RUNNING, FATAL, ...) of every program; empty when supervisord does not run."""
    if not is_running(home):
        return {}
    lines = _control(home, "status").stdout.splitlines()
    return {parts[0]: parts[1] for parts in (line.split() for line in lines) if len(parts) > 1}


def resume(home: Home) -> None:
    """Start what has stopped, except what was stopped on purpose by its role (autostart = false)."""
    for name, state in program_states(home).items():
        if name in ("postgresql", "objects") and state not in ("RUNNING", "STARTING"):
            _control(home, "start", name)


def stop(home: Home) -> None:
    """End supervisord and its programs, and whatever an earlier killed one left behind."""
    if is_running(home):
        supervisord = processes.describe(int(_control(home, "pid").stdout))
        _control(home, "shutdown")
        wait_for(lambda: _unfinished(home, supervisord), what="the end of supervisord", seconds=STOP_SECONDS)
    processes.end(processes.of_home(home))


def _unfinished(home: Home, supervisord: processes.Process | None) -> str | None:
    left = [*processes.of_home(home), *([supervisord] if supervisord is not None and supervisord.is_alive else [])]
    return f"{left[0].program} (pid {left[0].pid}) still runs" if left else None


def _control(home: Home, *command: str) -> subprocess.CompletedProcess[str]:
    argv = [str(home.bin / "supervisorctl"), "--configuration", str(home.configuration), *command]
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=STOP_SECONDS, check=False)


def _escaped(value: object) -> str:
    """supervisord expands %(name)s in every value."""
    return str(value).replace("%", "%%")
