# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of the module rehearsal_application: a release started beside production, on a restored database.

It is no slot and no supervisor knows it: a process on a port of the loopback interface, in a folder of its own, with an environment
of its own, that ends by itself.

holdfast-application-<portal>.<random>/releases/<id>   the unpacked release
holdfast-application-<portal>.<random>/work            its HOME and TMPDIR
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pwd
import signal
import socket
import subprocess
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there
from ansible_collections.holdfast.webops.plugins.module_utils._core.lasting import LastingFolder, lasting_folder
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import derived_secrets
from ansible_collections.holdfast.webops.plugins.module_utils._host.artifact import check_artifact, unpack
from ansible_collections.holdfast.webops.plugins.module_utils._host.environment import absolute, check_environment
from ansible_collections.holdfast.webops.plugins.module_utils._host.health import Answer, ask
from ansible_collections.holdfast.webops.plugins.module_utils._host.layout import Layout
from ansible_collections.holdfast.webops.plugins.module_utils._host.slot import check_user
from ansible_collections.holdfast.webops.plugins.module_utils._release.names import check_portal

PURPOSE = "application"
ADDRESS = "127.0.0.1"
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LOOK_EVERY_SECONDS = 0.2
ASK_TIMEOUT = 5.0
TRIES = 3
LINES_SHOWN = 20
# A shorter secret may stand in another value by chance.
SHORTEST_SECRET = 8

ARGUMENTS: dict[str, t.Any] = {
    "portal": {"type": "str", "required": True},
    "release": {
        "type": "dict",
        "required": True,
        "options": {"id": {"type": "str", "required": True}, "version": {"type": "str", "required": True}, "commit": {"type": "str"}},
    },
    "artifact": {"type": "path", "required": True},
    "artifact_sha256": {"type": "str"},
    "command": {"type": "list", "elements": "str", "required": True},
    "environment": {"type": "dict", "default": {}},
    "secret_environment": {"type": "dict", "default": {}, "no_log": True},
    "database_url_file": {"type": "path", "required": True},
    "database_variable": {"type": "str", "default": "DATABASE_URL"},
    "production_secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
    "health_path": {"type": "str", "default": "/api/health"},
    "start_timeout": {"type": "float", "default": 60},
    "keep_for": {"type": "float", "default": 14400},
    "user": {"type": "str"},
    "scratch_dir": {"type": "path"},
}


class PortTakenError(WebopsError):
    """Somebody else took the port meanwhile."""


@dataclasses.dataclass(frozen=True)
class Order:
    """A checked order. `environment` is what the inventory and the restored database say; the port is added to it."""

    params: t.Mapping[str, t.Any]
    environment: t.Mapping[str, str]

    @property
    def owner(self) -> str:
        return str(self.params["portal"])


def start_application(call: Call) -> Outcome:
    """Unpack, start, wait until it is healthy. Each call starts one more."""
    order = read_order(call.params)
    url = order.environment[call.params["database_variable"]]
    for secret in (url, *derived_secrets(url)):
        call.mask(secret)
    release = {**call.params["release"], "artifact_sha256": call.params["artifact_sha256"]}
    before = {"release": release["id"], "application": "absent"}
    after = {**before, "application": "running"}
    if call.check_mode:
        return Outcome(before, after, {"application": None})
    with lasting_folder(call.params["scratch_dir"], PURPOSE, order.owner) as folder:
        address = _begin(order, folder, Commands(), SystemClock())
    shown = {"url": address, "folder": folder.path, "log": folder.log, "version": release["version"], "release": release["id"]}
    call.log(f"release {release['id']} of portal {order.owner} was started for a rehearsal at {address}")
    return Outcome(before, after, {"application": shown})


def read_order(params: t.Mapping[str, t.Any]) -> Order:
    """Check every option; InputError before anything is touched."""
    check_portal(params["portal"])
    Layout("/srv").release(params["release"]["id"])
    check_artifact(params["artifact"], params["artifact_sha256"])
    for name in ("start_timeout", "keep_for"):
        if params[name] <= 0:
            raise InputError(f"{name}: {params[name]} is too small.", hint="Give seconds, more than 0.")
    if not params["command"] or not params["command"][0]:
        raise InputError("command: it is empty.", hint="Give the program and its arguments as a list.")
    if params["user"]:
        check_user(params["user"])
    given = check_environment(params["environment"], params["secret_environment"])
    refuse_production(given, params["production_secrets"])
    return Order(params, {**given, params["database_variable"]: _database_url(params["database_url_file"])})


def refuse_production(environment: t.Mapping[str, str], secrets: t.Sequence[str]) -> None:
    """InputError when a value of the environment holds a secret of production: with it a rehearsal could write there. Pure."""
    for name, value in environment.items():
        if any(len(secret) >= SHORTEST_SECRET and secret in value for secret in secrets):
            raise InputError(
                f"The environment of the rehearsal has a secret of production in {name}, and a rehearsal does not go there.",
                hint="Give the rehearsal a key, an account or a bucket of its own, or leave the variable out.",
            )


def _database_url(path: str) -> str:
    content = read_if_there(path)
    if not content:
        raise InputError(f"database_url_file: there is no {path}.", hint="Restore the database first, and keep it.")
    return content.decode("utf-8")


def _begin(order: Order, folder: LastingFolder, commands: Commands, clock: Clock) -> str:
    os.chmod(folder.path, 0o711)  # noqa: S103 - the application runs as another user; what is in it has modes of its own
    work = _work_folder(folder.path, order.params["user"])
    layout = Layout(folder.path)
    os.makedirs(layout.releases, mode=0o755, exist_ok=True)
    unpack(layout, order.params["release"]["id"], order.params["artifact"], order.params["artifact_sha256"], clock)
    return _started(order, folder, work, commands, clock, TRIES)


def _started(order: Order, folder: LastingFolder, work: str, commands: Commands, clock: Clock, tries: int) -> str:
    """Its address. A port that was free a moment ago may be taken, so that the next one is tried."""
    port = _free_port()
    child = _start(order, folder, work, port, commands)
    try:
        return _awaited(order, folder, port, child, clock)
    except PortTakenError:
        if tries == 1:
            raise
    return _started(order, folder, work, commands, clock, tries - 1)


def _work_folder(folder: str, user: str | None) -> str:
    work = os.path.join(folder, "work")
    os.mkdir(work, 0o700)
    if user and os.geteuid() == 0:
        found = pwd.getpwnam(user)
        os.chown(work, found.pw_uid, found.pw_gid)
    return work


def _start(order: Order, folder: LastingFolder, work: str, port: int, commands: Commands) -> subprocess.Popen[bytes]:
    release = order.params["release"]
    place = Layout(folder.path).release(release["id"])
    own = {
        "PATH": SEARCH_PATH,
        "LANG": "C.UTF-8",
        "HOME": work,
        "TMPDIR": work,
        "HOST": ADDRESS,
        "HOLDFAST_PORTAL": order.owner,
        "HOLDFAST_SLOT": "rehearsal",
        "HOLDFAST_RELEASE": release["id"],
        "HOLDFAST_VERSION": release["version"],
        "HOLDFAST_COMMIT": release["commit"] or "",
    }
    argv = [*_become(order.params["user"]), *absolute(order.params["command"], place)]
    env = {**own, **order.environment, "PORT": str(port)}
    return folder.start(commands, argv, seconds=order.params["keep_for"], end_by=signal.SIGTERM, env=env, cwd=place)


def _become(user: str | None) -> list[str]:
    """What makes root another user."""
    if not user or os.geteuid() != 0:
        return []
    found = pwd.getpwnam(user)
    return ["setpriv", f"--reuid={found.pw_uid}", f"--regid={found.pw_gid}", "--init-groups", "--no-new-privs", "--"]


def _awaited(order: Order, folder: LastingFolder, port: int, child: subprocess.Popen[bytes], clock: Clock) -> str:
    """Its address when it is healthy."""
    seen: list[Answer] = []

    def healthy() -> bool:
        if child.poll() is not None:
            raise _not_started(f"It ended with exit code {child.returncode}.", folder)
        seen[:] = [ask(ADDRESS, port, order.params["health_path"], ASK_TIMEOUT)]
        return seen[0].healthy

    try:
        wait_until(
            healthy, clock=clock, timeout=order.params["start_timeout"], interval=LOOK_EVERY_SECONDS, what="the application to be healthy"
        )
    except DeadlineError as exc:
        raise _not_started(f"{exc.message} {seen[0]}." if seen else exc.message, folder) from exc
    return f"http://{ADDRESS}:{port}"


def _not_started(reason: str, folder: LastingFolder) -> WebopsError:
    with contextlib.suppress(OSError), open(folder.log, encoding="utf-8", errors="replace") as file:
        said = file.read()
        lines = "\n".join(said.splitlines()[-LINES_SHOWN:]) or "(it wrote nothing)"
        kind = PortTakenError if "address already in use" in said.lower() else WebopsError
        return kind(f"The application did not start on the restored database. {reason} Its last output:\n{lines}")
    return WebopsError(f"The application did not start on the restored database. {reason}")


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind((ADDRESS, 0))
        return int(taken.getsockname()[1])
