# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether two connections lead to one server. Addresses do not tell: a name, a tunnel and a pooler may all lead to the same one."""

from __future__ import annotations

import contextlib
import secrets
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect

if t.TYPE_CHECKING:
    from psycopg import Connection

_SEEN = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = %s)"


def is_same_server(url: str, other: Connection[t.Any]) -> bool:
    """A session of a name that nobody else has is opened by `url`; every role of a server sees the names of all its sessions."""
    name = f"holdfast {secrets.token_hex(8)}"
    with contextlib.closing(connect(url, application_name=name, session_needed=False)):
        row = other.execute(_SEEN, (name,)).fetchone()
    return bool(row and row[0])


def refuse_production(production_url: str | None, scratch: Connection[t.Any]) -> None:
    """InputError unless `scratch` is seen to be another server than production. Production gets one session, and nothing else."""
    if production_url is None:
        raise InputError(
            "production_url is missing, so that nobody could see whether database_url leads to production.",
            hint="Name production, or leave out database_url: a server is then started for the rehearsal and thrown away.",
        )
    try:
        same = is_same_server(production_url, scratch)
    except WebopsError as exc:
        raise InputError(
            f"Whether database_url leads to production could not be seen, because production does not answer: {exc.message}",
            hint="Leave out database_url: a server is then started for the rehearsal and thrown away.",
        ) from exc
    if same:
        raise InputError(
            "database_url leads to the server of production, and a rehearsal does not go there.",
            hint="Name another server, or leave out database_url: one is then started for the rehearsal and thrown away.",
        )
