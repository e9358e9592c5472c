# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module host_service: one supervised program beside the slots, such as the router.

<root>/services/<service>/environment   empty; the supervisors want one
<root>/services/<service>/loaded        digest of the configuration that the running program has read
<root>/services/<service>/run           launcher, with supervisord only
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import signal
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._host.arguments import COMMON, choose_supervisor
from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import Program, program_name
from ansible_collections.holdfast.webops.plugins.module_utils._host.layout import Layout
from ansible_collections.holdfast.webops.plugins.module_utils._host.slot import check_user
from ansible_collections.holdfast.webops.plugins.module_utils._host.supervisor import Status, Supervisor
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal

LOOK_EVERY_SECONDS = 0.2
LINES_SHOWN = 20

ARGUMENTS: dict[str, t.Any] = {
    **COMMON,
    "service": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["started", "stopped", "absent"], "default": "started"},
    "command": {"type": "list", "elements": "str"},
    "configuration": {"type": "list", "elements": "path", "default": []},
    "reload_signal": {"type": "str", "choices": ["HUP", "USR1", "USR2"], "default": "HUP"},
    "user": {"type": "str"},
    "start_timeout": {"type": "float", "default": 30},
    "stop_timeout": {"type": "int", "default": 30},
}


def reconcile_service(call: Call) -> Outcome:
    """Look, do what is missing, look again."""
    keeper = ServiceKeeper(call.params, choose_supervisor(call.params), SystemClock())
    before = keeper.look()
    if not call.check_mode:
        keeper.apply(before)
    after = keeper.expected(before) if call.check_mode else keeper.look()
    status = keeper.supervisor.status(keeper.program.name)
    service = {"name": keeper.program.name, "state": after["state"], "pid": status.pid, "log": keeper.supervisor.log(keeper.program)}
    return Outcome(before, after, {"service": service})


def program_of(params: t.Mapping[str, t.Any]) -> Program:
    """The supervisor's program for a service; InputError names the option that is wrong."""
    portal, service = check_portal(params["portal"]), params["service"]
    if not service.isidentifier() or service in ("blue", "green"):
        raise InputError(f"service: '{service}' is not usable.", hint="Use letters, digits and '_', but not the name of a slot.")
    if params["user"]:
        check_user(params["user"])
    layout = Layout(params["root"])
    folder = os.path.join(layout.root, "services", service)
    return Program(
        name=program_name(portal, service),
        portal=portal,
        slot=service,
        command=tuple(params["command"] or ()),
        directory=layout.root,
        environment_file=os.path.join(folder, "environment"),
        launcher=os.path.join(folder, "run"),
        log=layout.log(service),
        user=params["user"],
        stop_timeout=params["stop_timeout"],
    )


@dataclasses.dataclass
class ServiceKeeper:
    """One order for one service. `look` and `expected` speak in the shape of the diff."""

    params: t.Mapping[str, t.Any]
    supervisor: Supervisor
    clock: Clock

    def __post_init__(self) -> None:
        self.program = program_of(self.params)

    @property
    def loaded(self) -> str:
        """Path of the digest of what the running program has read."""
        return os.path.join(os.path.dirname(self.program.environment_file), "loaded")

    def look(self) -> dict[str, t.Any]:
        status = self.supervisor.status(self.program.name)
        started = self.params["state"] == "started"
        defined = self.supervisor.is_defined(self.program) if started else self.supervisor.starts_with_host(self.program)
        state = "absent" if status.state == "absent" else "running" if status.state == "running" else "stopped"
        loaded = (read_if_there(self.loaded) or b"").decode() if state == "running" else ""
        return {"state": state, "as_defined": defined, "configuration": loaded}

    def expected(self, before: dict[str, t.Any]) -> dict[str, t.Any]:
        if self.params["state"] == "started":
            return {"state": "running", "as_defined": True, "configuration": digest(self.params["configuration"])}
        gone = self.params["state"] == "absent" or before["state"] == "absent"
        return {"state": "absent" if gone else "stopped", "as_defined": False, "configuration": ""}

    def apply(self, before: dict[str, t.Any]) -> None:
        if before == self.expected(before):
            return
        if self.params["state"] == "stopped":
            self.supervisor.stop(self.program)
        elif self.params["state"] == "absent":
            self.supervisor.remove(self.program)
        elif before["state"] == "running" and before["as_defined"]:
            self._reload()
        else:
            self._start()

    def _start(self) -> None:
        for path in (os.path.dirname(self.program.environment_file), os.path.dirname(self.program.log)):
            os.makedirs(path, mode=0o755, exist_ok=True)
        write_atomic(self.program.environment_file, b"")
        self.supervisor.stop(self.program)
        self.supervisor.start(self.program)
        self._wait_until_running()
        self._note_loaded()

    def _reload(self) -> None:
        """Signal the program to read its configuration again; it keeps its process id, and its connections."""
        pid = self.supervisor.status(self.program.name).pid
        if pid is None:
            raise WebopsError(f"{self.program.name} has no process to reload.", hint="Run the task again.")
        os.kill(pid, signal.Signals[f"SIG{self.params['reload_signal']}"])
        self._note_loaded()

    def _note_loaded(self) -> None:
        write_atomic(self.loaded, digest(self.params["configuration"]).encode())

    def _wait_until_running(self) -> None:
        try:
            wait_until(
                self._is_running,
                clock=self.clock,
                timeout=self.params["start_timeout"],
                interval=LOOK_EVERY_SECONDS,
                what=self.program.name,
            )
        except DeadlineError as exc:
            raise self._not_started(str(exc)) from exc

    def _is_running(self) -> bool:
        status: Status = self.supervisor.status(self.program.name)
        if status.state in ("failed", "absent"):
            raise self._not_started(f"Its process ended: {status.said or status.state}.")
        return status.state == "running"

    def _not_started(self, reason: str) -> WebopsError:
        said = "\n".join(self.supervisor.output(self.program, LINES_SHOWN)) or "(it wrote nothing)"
        return WebopsError(f"{self.program.name} did not start. {reason} Its last output:\n{said}")


def digest(paths: t.Sequence[str]) -> str:
    """One SHA-256 over the names and contents of configuration files; InputError names one that is missing."""
    total = hashlib.sha256()
    for path in paths:
        content = read_if_there(path)
        if content is None:
            raise InputError(f"configuration: there is no file {path}.", hint="Write it before this task.")
        total.update(f"{path}\0{len(content)}\0".encode() + content)
    return total.hexdigest() if paths else ""
