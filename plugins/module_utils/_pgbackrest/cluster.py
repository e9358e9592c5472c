# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The PostgreSQL server whose files pgBackRest copies: where it lies, whose it is, and how it is asked.

It is asked by psql over its socket as the owner of its files: on the host of the database nobody needs a password for that.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pwd
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, find_program
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, InputError, NotFoundError

QUICK = 60.0  # seconds
CONTROL = 600.0  # a shutdown writes everything that is not on the disk yet
DEBIAN_PROGRAMS = "/usr/lib/postgresql/{}/bin"
ARGUMENTS: t.Final[dict[str, t.Any]] = {"cluster": {"type": "str", "default": ""}}
PLACE_ARGUMENTS: t.Final[dict[str, t.Any]] = {
    "data_dir": {"type": "path"},
    "pg_bin_dir": {"type": "path"},
    "socket_dir": {"type": "path"},
    "port": {"type": "int", "default": 5432},
}


@dataclasses.dataclass(frozen=True)
class Cluster:
    """`name` is Debian's (15/main), `owner` whom its files belong to, `prefix` what makes a program run as that user."""

    name: str
    data_dir: str
    config_dir: str
    bin_dir: str
    socket_dir: str
    port: int
    owner: str
    prefix: tuple[str, ...]
    # From its configuration, where one can be read: a recovery of prepared transactions needs room for them.
    settings: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def as_owner(self, *argv: str) -> list[str]:
        return [*self.prefix, *argv]

    def program(self, name: str) -> str:
        return os.path.join(self.bin_dir, name)


def find_cluster(commands: Commands, params: t.Mapping[str, t.Any]) -> Cluster:
    """What `cluster` names, the only one of the host where it is empty, or what the options of its place say."""
    if params.get("data_dir"):
        return _placed(params)
    program = find_program(
        "pg_lsclusters", hint="Clusters as Debian and Ubuntu lay them out are known; for others give data_dir and pg_bin_dir."
    )
    found = {f"{one['version']}/{one['cluster']}": one for one in json.loads(commands.check([program, "--json"], timeout=QUICK).text)}
    name = params["cluster"] or (next(iter(found)) if len(found) == 1 else "")
    if name not in found:
        there = f"This host has {', '.join(sorted(found)) or 'none'}."
        raise NotFoundError(f"cluster is '{params['cluster']}', which names no cluster. {there}", hint="Name one as 15/main.")
    return _debian(name, found[name])


def _debian(name: str, shown: t.Mapping[str, t.Any]) -> Cluster:
    owner, prefix = _owner(int(shown["configuid"]))
    bin_dir = DEBIAN_PROGRAMS.format(shown["version"])
    settings = shown.get("config") or {}
    return Cluster(name, shown["pgdata"], shown["configdir"], bin_dir, shown["socketdir"], int(shown["port"]), owner, prefix, settings)


def _placed(params: t.Mapping[str, t.Any]) -> Cluster:
    place = params["data_dir"]
    if not params["pg_bin_dir"] or not params["socket_dir"]:
        raise InputError("data_dir is given without pg_bin_dir and socket_dir.", hint="Say where its programs and its socket are.")
    if not os.path.isfile(os.path.join(place, "PG_VERSION")):
        raise NotFoundError(f"data_dir is '{place}', which holds no PostgreSQL cluster.", hint="Give the folder with PG_VERSION in it.")
    owner, prefix = _owner(os.stat(place).st_uid)
    return Cluster("", place, place, params["pg_bin_dir"], params["socket_dir"], params["port"], owner, prefix)


def _owner(uid: int) -> tuple[str, tuple[str, ...]]:
    owner = pwd.getpwuid(uid).pw_name
    if uid == os.geteuid():
        return owner, ()
    if os.geteuid() != 0:
        raise InputError(f"The cluster belongs to {owner}, and this task is somebody else's.", hint=f"Become root or {owner}.")
    return owner, (find_program("setpriv"), f"--reuid={owner}", f"--regid={pwd.getpwuid(uid).pw_gid}", "--init-groups", "--")


def ask(commands: Commands, cluster: Cluster, sql: str, *, database: str = "postgres", timeout: float = QUICK) -> t.Any:
    """The one JSON value that a statement gives; CommandError when the server does not answer."""
    text = query(commands, cluster, sql, database=database, timeout=timeout)
    return json.loads(text) if text else None


def query(commands: Commands, cluster: Cluster, sql: str, *, database: str = "postgres", timeout: float = QUICK) -> str:
    """What psql shows of a statement, bare: one line a row, columns apart by |."""
    words = ["--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"]
    where = [f"--host={cluster.socket_dir}", f"--port={cluster.port}", "--username=postgres", f"--dbname={database}", "--file=-"]
    # Not from this task's folder, which the owner cannot enter, and not with what its user has set for libpq.
    unset = {name: "" for name in os.environ if name.startswith("PG")}
    argv = cluster.as_owner(cluster.program("psql"), *words, *where)
    return commands.check(argv, env={**unset, "PGCONNECT_TIMEOUT": "10"}, input=sql.encode(), timeout=timeout, cwd="/").text.strip()


def answers(commands: Commands, cluster: Cluster) -> bool:
    """Whether the server takes connections."""
    try:
        return query(commands, cluster, "SELECT 1") == "1"
    except CommandError:
        return False


def control(commands: Commands, cluster: Cluster, action: str) -> None:
    """Start, restart or reload a Debian cluster; on a host with systemd through its unit."""
    version, name = cluster.name.split("/", 1)
    # Sessions are ended, their transactions rolled back: waiting for the last client would take for ever.
    mode = ["--mode=fast"] if action == "restart" else []
    commands.check([find_program("pg_ctlcluster"), *mode, version, name, action], timeout=CONTROL)


def halt(commands: Commands, cluster: Cluster) -> None:
    """Stop the server if it runs, whatever it waits for: an archiver whose repository is away would hold it for minutes.

    What was committed is on the disk also after an immediate shutdown.
    """
    # Not by postmaster.pid, which a server that was killed leaves behind.
    status = cluster.as_owner(cluster.program("pg_ctl"), "status", "-D", cluster.data_dir)
    if commands.run(status, timeout=QUICK, cwd="/").returncode != 0:
        return
    stop = cluster.as_owner(cluster.program("pg_ctl"), "stop", "-w", "-D", cluster.data_dir)
    if commands.run([*stop, "-m", "fast", "-t", "60"], timeout=CONTROL, cwd="/").returncode != 0:
        commands.check([*stop, "-m", "immediate", "-t", "60"], timeout=CONTROL, cwd="/")


def wait_for(commands: Commands, cluster: Cluster, seconds: float) -> None:
    """Until the server takes connections."""
    wait_until(lambda: answers(commands, cluster) or None, clock=SystemClock(), timeout=seconds, interval=0.2, what="PostgreSQL to answer")
