# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pg_restore into an empty database: every statement, or an error."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import libpq_environment
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client


def restore_arguments(
    client: Client, archive: str | None, database: str, *, jobs: int, ownership: t.Sequence[str], in_one_transaction: bool = False
) -> list[str]:
    """The argument list of pg_restore. It stops at the first error; `ownership` are its options about owners, `archive` None
    is its standard input, which one process reads."""
    target = need("psycopg.conninfo").make_conninfo(dbname=database)
    how = ["--single-transaction"] if in_one_transaction else [f"--jobs={jobs}"]
    return [
        client.program("pg_restore"),
        "--exit-on-error",
        "--no-password",
        *(how if archive is not None or in_one_transaction else []),
        f"--dbname={target}",
        *ownership,
        *([archive] if archive is not None else []),
    ]


def script_arguments(client: Client, database: str, *, in_one_transaction: bool) -> list[str]:
    """The argument list of psql for a dump in SQL on its standard input; the first error ends it."""
    target = need("psycopg.conninfo").make_conninfo(dbname=database)
    argv = [client.program("psql"), "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    return [*argv, *(["--single-transaction"] if in_one_transaction else []), f"--dbname={target}", "--file=-"]


def restore_archive(commands: Commands, argv: t.Sequence[str], database_url: str, *, timeout: float) -> None:
    """Run it; CommandError with pg_restore's last words where it failed."""
    commands.check(argv, env=libpq_environment(database_url), timeout=timeout)
