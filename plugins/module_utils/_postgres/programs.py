# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PostgreSQL's own programs: where they are, which version, and which of them may do a job.

pg_dump must not be older than the server. zstd needs a client of 16 or newer. pg_restore must not be older than the
pg_dump that wrote the archive, and from 17 on it sends `SET transaction_timeout`, which a server before 17 refuses.
So the oldest client that is new enough is the best one.
"""

from __future__ import annotations

import dataclasses
import glob
import os
import re
import sys
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError

INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
FIRST_WITH_ZSTD = 16
FIRST_WITH_TRANSACTION_TIMEOUT = 17
VERSION_TIMEOUT = 20.0  # seconds

_VERSION = re.compile(r"\(PostgreSQL\) ((\d+)\S*)")


@dataclasses.dataclass(frozen=True)
class Client:
    """A folder with pg_dump and pg_restore of one version."""

    folder: str
    version: str
    major: int

    def program(self, name: str) -> str:
        return os.path.join(self.folder, name)


def find_clients(commands: Commands, pg_bin_dir: str | None) -> list[Client]:
    """Every client on this host, or the one of `pg_bin_dir`; the oldest first."""
    folders = [pg_bin_dir] if pg_bin_dir else _usual_folders()
    found = [client for client in (_client_in(commands, folder) for folder in folders) if client is not None]
    if not found:
        where = f"in pg_bin_dir '{pg_bin_dir}'" if pg_bin_dir else "on PATH or in /usr/lib/postgresql/*/bin"
        raise NotFoundError(f"pg_dump and pg_restore were not found {where}.", hint="Install postgresql-client, or set pg_bin_dir.")
    return sorted(found, key=lambda client: client.major)


def client_for_dump(clients: t.Sequence[Client], server_major: int, *, zstd: bool) -> Client:
    """The client that dumps from a server of this major."""
    least = max(server_major, FIRST_WITH_ZSTD if zstd else 0)
    fitting = next((client for client in clients if client.major >= least), None)
    if fitting is None:
        reason = f"the server is PostgreSQL {server_major}" if least == server_major else "compression with zstd needs it"
        raise NotFoundError(
            f"A pg_dump of version {least} or newer is needed ({reason}); found on this host: {_listed(clients)}.",
            hint=f"Install postgresql-client-{least} (apt.postgresql.org has every version), or set pg_bin_dir.",
        )
    return fitting


def can_use_zstd(clients: t.Sequence[Client], server_major: int) -> bool:
    """Whether a client is there that knows zstd and whose archives can be restored into a server of this major again."""
    most = FIRST_WITH_TRANSACTION_TIMEOUT - 1 if server_major < FIRST_WITH_TRANSACTION_TIMEOUT else sys.maxsize
    return any(max(server_major, FIRST_WITH_ZSTD) <= client.major <= most for client in clients)


def client_for_restore(clients: t.Sequence[Client], archive_major: int, server_major: int) -> Client:
    """The client that restores an archive written by pg_dump `archive_major` into a server of this major."""
    most = FIRST_WITH_TRANSACTION_TIMEOUT - 1 if server_major < FIRST_WITH_TRANSACTION_TIMEOUT else max(archive_major, server_major) + 99
    fitting = next((client for client in clients if archive_major <= client.major <= most), None)
    if fitting is None:
        limit = f"and at most {most} " if server_major < FIRST_WITH_TRANSACTION_TIMEOUT else ""
        raise NotFoundError(
            f"A pg_restore of at least version {archive_major} {limit}is needed (the backup was written by pg_dump {archive_major}, "
            f"the server is PostgreSQL {server_major}); found on this host: {_listed(clients)}.",
            hint="Install that version of postgresql-client, or set pg_bin_dir.",
        )
    return fitting


def _usual_folders() -> list[str]:
    on_path = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return on_path + [folder for pattern in INSTALLED for folder in glob.glob(pattern)]


def _client_in(commands: Commands, folder: str) -> Client | None:
    dump, restore = (os.path.join(folder, name) for name in ("pg_dump", "pg_restore"))
    if not (os.access(dump, os.X_OK) and os.access(restore, os.X_OK)):
        return None
    said = _VERSION.search(commands.check([dump, "--version"], timeout=VERSION_TIMEOUT).text)
    return Client(folder, said.group(1), int(said.group(2))) if said else None


def _listed(clients: t.Sequence[Client]) -> str:
    return ", ".join(f"{client.version} in {client.folder}" for client in clients)
