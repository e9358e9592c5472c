# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scratch server that stays after its block, for an application to be started on what was restored into it.

While it is filled it dies with its process, as every scratch server. Then it is begun anew, on the loopback interface and with a
password that stands in one file in its folder, and ends by itself after a while.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._core.lasting import LastingFolder, lasting_folder
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.scratch_server import (
    ADMIN,
    scratch_server,
    server_argv,
    wait_for_server,
)

PURPOSE = "database"
# The password is asked for; nobody else on this host gets in.
RULES = b"local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
TRIES = 5


def url_file(folder: str) -> str:
    """The file with the connection string of what is kept in a folder."""
    return os.path.join(folder, "url")


@contextlib.contextmanager
def kept_server(
    commands: Commands, clock: Clock, programs: Client, place: str | None, owner: str, seconds: float
) -> t.Iterator[t.Tuple[str, str]]:
    """As `scratch_server`, and its folder; unless the block fails it answers after it, for so many seconds."""
    with lasting_folder(place, PURPOSE, owner) as folder:
        password = secrets.token_urlsafe(24)
        with scratch_server(commands, clock, programs, folder.path, end_by=signal.SIGINT) as url:
            yield url, folder.path
            _set_password(url, password)
        write_atomic(os.path.join(folder.path, "data", "pg_hba.conf"), RULES, mode=0o600)
        port = _serve(commands, clock, programs, folder, seconds)
        write_url(folder.path, f"postgresql://{ADMIN}:{password}@127.0.0.1:{port}/postgres", "postgres")


@contextlib.contextmanager
def kept_elsewhere(place: str | None, owner: str) -> t.Iterator[str]:
    """A folder for the connection string of a scratch database on a server that is there anyway."""
    with lasting_folder(place, PURPOSE, owner) as folder:
        yield folder.path


def is_own(folder: str) -> bool:
    """Whether what is kept is a server of ours, and not a database on one that is there anyway."""
    return os.path.isdir(os.path.join(folder, "data"))


def write_url(folder: str, server_url: str, database: str) -> None:
    """Note where the kept database is, for its owner alone."""
    parts = urllib.parse.urlsplit(server_url)
    url = parts._replace(path=f"/{urllib.parse.quote(database, safe='')}").geturl()
    write_atomic(url_file(folder), url.encode(), mode=0o600)


def read_url(folder: str) -> str:
    """What `write_url` noted; "" where a run that was killed did not come so far."""
    try:
        with open(url_file(folder), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _set_password(url: str, password: str) -> None:
    sql, psycopg = need("psycopg.sql"), need("psycopg")
    with contextlib.closing(psycopg.connect(url, autocommit=True)) as connection:
        hidden = connection.pgconn.encrypt_password(password.encode(), ADMIN.encode(), b"scram-sha-256").decode()
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(ADMIN), sql.Literal(hidden)))


def _serve(commands: Commands, clock: Clock, programs: Client, folder: LastingFolder, seconds: float) -> int:
    """Its port. One that was free a moment ago may be taken, so that the next one is tried."""
    said = ""
    for _attempt in range(TRIES):
        port = _free_port()
        settings = {"listen_addresses": "127.0.0.1", "port": str(port)}
        argv = server_argv(commands, programs, folder.path, settings)
        child = folder.start(commands, argv, seconds=seconds, end_by=signal.SIGQUIT)
        url = need("psycopg.conninfo").make_conninfo(host=folder.path, port=str(port), user=ADMIN, dbname="postgres")
        try:
            wait_for_server(child, argv, folder.log, url, clock)
        except CommandError as exc:
            said = exc.message
        else:
            return port
    raise WebopsError(f"The restored database could not be kept for the application: {said}")


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
