# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A PostgreSQL server of our own that lives as long as a block: for restoring something and throwing it away.

It listens on a socket in a folder that only we can enter, and on no network. PostgreSQL refuses to run as root, so that root
starts it in a user namespace, where the files stay root's outside.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_size
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, failure, stop
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client

ADMIN = "postgres"
SOMEBODY = ("postgres", "nobody")  # PostgreSQL looks up by which name it runs
INITDB_TIMEOUT = 120.0  # seconds
START_TIMEOUT = 60.0
STOP_GRACE = 30.0
EMPTY = 64_000_000  # bytes of a new server and its first WAL, before anything is in it
LONGEST_SOCKET = 107  # bytes of a path, by the kernel
# What is in it can be restored again: nothing has to survive a crash.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    "max_connections": "40",
    "logging_collector": "off",
}


def server_programs(clients: t.Sequence[Client], least_major: int) -> Client:
    """The oldest installed server that is not older than this; NotFoundError names what there is."""
    whole = [one for one in clients if all(os.access(one.program(name), os.X_OK) for name in ("initdb", "postgres"))]
    fitting = next((one for one in whole if one.major >= least_major), None)
    if fitting is None:
        found = ", ".join(f"{one.version} in {one.folder}" for one in whole) or "none"
        raise NotFoundError(
            f"A scratch server needs the programs of PostgreSQL {least_major} or newer; found on this host: {found}.",
            hint=f"Install postgresql-{least_major}, set pg_bin_dir, or name a server in database_url.",
        )
    return fitting


@contextlib.contextmanager
def scratch_server(
    commands: Commands, clock: Clock, programs: Client, folder: str, *, end_by: signal.Signals = signal.SIGQUIT
) -> t.Iterator[str]:
    """Start a server in an empty folder; gives its connection string. It is ended after the block, and with this process.

    By SIGQUIT that is at once, because nothing of it is kept; after SIGINT its files are whole.
    """
    _require_short(folder)
    _require_room(folder)
    data, log = os.path.join(folder, "data"), os.path.join(folder, "log")
    argv = [*_unprivileged(commands), programs.program("initdb"), f"--pgdata={data}", f"--username={ADMIN}", "--auth=trust"]
    commands.check([*argv, "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"], timeout=INITDB_TIMEOUT)
    argv = server_argv(commands, programs, folder, {}, _dies_with_us())
    with open(log, "wb") as said:
        child = commands.start(argv, stderr=said)
    url = need("psycopg.conninfo").make_conninfo(host=folder, port="5432", user=ADMIN, dbname="postgres")
    try:
        wait_for_server(child, argv, log, url, clock)
        yield url
    finally:
        child.send_signal(end_by)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(STOP_GRACE)
        stop(child)


def server_argv(
    commands: Commands, programs: Client, folder: str, settings: t.Mapping[str, str], before: t.Sequence[str] = ()
) -> list[str]:
    """What runs the server in a folder; `before` is said before its program."""
    wanted = {**SETTINGS, "unix_socket_directories": folder, **settings}
    options = [part for name, value in wanted.items() for part in ("-c", f"{name}={value}")]
    return [*_unprivileged(commands), *before, programs.program("postgres"), "-D", os.path.join(folder, "data"), *options]


def _require_short(folder: str) -> None:
    socket = os.path.join(os.path.abspath(folder), ".s.PGSQL.5432")
    if len(os.fsencode(socket)) > LONGEST_SOCKET:
        raise InputError(
            f"'{folder}' is too long for the socket of a scratch server: {len(os.fsencode(socket))} bytes, {LONGEST_SOCKET} are allowed.",
            hint="Set scratch_dir to a folder with a shorter path.",
        )


def _require_room(folder: str) -> None:
    """The programs would end with a page of errors."""
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    if free < EMPTY:
        raise InputError(
            f"scratch_dir '{os.path.dirname(folder)}' has {as_size(free)} free; an empty server alone needs {as_size(EMPTY)}.",
            hint="Make room, name another scratch_dir, or a server in database_url.",
        )


def wait_for_server(child: subprocess.Popen[bytes], argv: t.Sequence[str], log: str, url: str, clock: Clock) -> None:
    """Return when it answers; CommandError with its last words when it ended instead."""

    def answers() -> bool:
        if child.poll() is not None:
            with open(log, "rb") as said:
                raise failure(argv, child.returncode, said.read())
        with contextlib.suppress(need("psycopg").Error):
            need("psycopg").connect(url).close()
            return True
        return False

    wait_until(lambda: answers() or None, clock=clock, timeout=START_TIMEOUT, interval=0.05, what="the scratch server to answer")


def namespace() -> tuple[str, ...]:
    """What runs a program of root as an ordinary user of this host, in its own eyes; its files stay root's."""
    user, group = 1000, 1000
    for name in reversed(SOMEBODY):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            user, group = found.pw_uid, found.pw_gid
    return ("unshare", "--user", f"--map-user={user}", f"--map-group={group}")


def _unprivileged(commands: Commands) -> tuple[str, ...]:
    """What makes root an ordinary user for a program; empty for ordinary users."""
    if os.geteuid() != 0:
        return ()
    inside = namespace()
    if shutil.which(inside[0]) and commands.run([*inside, "true"], timeout=10.0).returncode == 0:
        return inside
    raise WebopsError(
        "PostgreSQL does not run as root, and this kernel lets nobody make a user namespace.",
        hint="Become another user (become_user: postgres), or name a scratch server in database_url.",
    )


def _dies_with_us() -> tuple[str, ...]:
    """SIGINT from the kernel when this process dies, also by kill -9: a fast shutdown."""
    return ("setpriv", "--pdeathsig", "INT", "--") if shutil.which("setpriv") else ()
