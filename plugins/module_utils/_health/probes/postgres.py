# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind postgres: does the database let us in, and does it answer what it should?"""

from __future__ import annotations

import contextlib
import math
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._health.finding import Evidence, Finding, milliseconds
from ansible_collections.holdfast.webops.plugins.module_utils._health.probes.vitals import NONE, vitals_of
from ansible_collections.holdfast.webops.plugins.module_utils._health.targets.postgres import PostgresTarget, reads_as
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect, connection_parameters

if t.TYPE_CHECKING:
    from psycopg import Connection

SHOWN = 120


def prepare(target: PostgresTarget) -> None:
    """What can be known to be wrong before any check runs: a missing library, a URL that is none."""
    connection_parameters(target.database_url)


def look(target: PostgresTarget, deadline: Deadline, clock: Clock) -> Finding:
    """Connect, ask inside transactions that can only read, and hang up."""
    started = clock.monotonic()
    figures: dict[str, t.Any] = {"connect_ms": None, "query_ms": None, **NONE}
    try:
        connection = connect(
            target.database_url,
            application_name="holdfast health_check",
            connect_timeout=math.ceil(deadline.remaining()),
            session_needed=False,
        )
    except WebopsError as exc:
        return Finding("", problems=(exc.message.rstrip("."),), figures=figures)
    figures["connect_ms"] = milliseconds(clock.monotonic() - started)
    with contextlib.closing(connection):
        return _ask(connection, target, deadline, clock, figures)


def _ask(connection: Connection[t.Any], target: PostgresTarget, deadline: Deadline, clock: Clock, figures: dict[str, t.Any]) -> Finding:
    started = clock.monotonic()
    address = _address(connection)
    try:
        value = _first_value(connection, target.query, _milliseconds_left(deadline))
    except need("psycopg").Error as exc:
        reason = " ".join(str(exc).split())[: 3 * SHOWN]
        return Finding("", problems=(f"the query failed: {reason}",), figures=figures, evidence=Evidence(address=address))
    figures["query_ms"] = milliseconds(clock.monotonic() - started)
    figures.update(vitals_of(connection, sized=target.sized, timeout_ms=_milliseconds_left(deadline)))
    problems = () if target.expected in (None, value) else (f"the query gave '{value}' instead of '{target.expected}'",)
    return Finding(f"the query gave '{value}'", problems=problems, figures=figures, evidence=Evidence(address=address, value=value))


def _milliseconds_left(deadline: Deadline) -> int:
    return max(int(deadline.remaining() * 1000), 1)


def _first_value(connection: Connection[t.Any], query: str, timeout_ms: int) -> str:
    connection.execute("begin read only")
    connection.execute(f"set local statement_timeout = {timeout_ms}")
    cursor = connection.execute(query.encode())
    row = cursor.fetchone() if cursor.description else None
    connection.execute("rollback")
    return reads_as(row[0])[:SHOWN] if row else "no row"


def _address(connection: Connection[t.Any]) -> str:
    return f"{connection.info.hostaddr or connection.info.host}:{connection.info.port}"
