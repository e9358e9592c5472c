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


def restore_arguments(client: Client, archive: str, database: str, *, jobs: int, ownership: t.Sequence[str]) -> list[str]:
    """The argument list of pg_restore. It stops at the first error; `ownership` are its options about owners."""
    target = need("psycopg.conninfo").make_conninfo(dbname=database)
    return [
        client.program("pg_restore"),
        "--exit-on-error",
        "--no-password",
        f"--jobs={jobs}",
        f"--dbname={target}",
        *ownership,
        archive,
    ]


def restore_archive(commands: Commands, argv: t.Sequence[str], database_url: str, *, timeout: float) -> None:
    """Run it; CommandError with pg_restore's last words where it failed."""
    commands.check(argv, env=libpq_environment(database_url), timeout=timeout)
