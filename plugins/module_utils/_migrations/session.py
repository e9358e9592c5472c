# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session that migrates: its settings, its queries, and its errors in words."""

from __future__ import annotations

import contextlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

if t.TYPE_CHECKING:
    from psycopg import Connection, Cursor, Error

    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Rows

LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK = "40P01"
HINTS = {
    "25006": "The server is a read-only replica, or the database is set read-only: use the primary.",
    "42501": "Grant the role of database_url what the statement needs, or use the role that owns the objects.",
    "53100": "Free disk space on the server, then run again.",
    "53200": "The server is out of memory: run again when it has some.",
    "57014": "Raise statement_timeout (or the server's own limit), or split the statement.",
    "57P01": "Run again when the server is back: finished work is not repeated.",
    "57P02": "Run again when the server is back: finished work is not repeated.",
    "57P03": "Run again when the server is back: finished work is not repeated.",
}


class DatabaseError(WebopsError):
    """The server refused a statement. `position` counts characters of the statement from 1; `lost`: the connection is gone."""

    def __init__(
        self, message: str, *, hint: str = "", sqlstate: str | None = None, position: int | None = None, lost: bool = False
    ) -> None:
        super().__init__(message, hint=hint)
        self.sqlstate = sqlstate
        self.position = position
        self.lost = lost

    @property
    def is_worth_a_retry(self) -> bool:
        """Whether the statement failed only because somebody else was in the way."""
        return self.sqlstate in (LOCK_NOT_AVAILABLE, DEADLOCK)


class Session:
    """One connection in autocommit mode; every transaction is begun and ended in SQL. Times in seconds."""

    def __init__(self, connection: Connection[t.Any], *, lock_timeout: float, statement_timeout: float) -> None:
        self._connection = connection
        self._lock_timeout = lock_timeout
        self._statement_timeout = statement_timeout
        self.pid: int = connection.info.backend_pid
        self.server_version: int = connection.info.server_version

    def rows(self, query: str, parameters: t.Sequence[t.Any] | None = None) -> Rows:
        """Run one statement of ours; its rows, or nothing for a command."""
        with self._executed(query, parameters) as cursor:
            return cursor.fetchall() if cursor.description else []

    def run(self, statement: str) -> None:
        """Run one statement of a migration; what it returns is nobody's business."""
        with self._executed(statement, None):
            pass

    @contextlib.contextmanager
    def _executed(self, query: str, parameters: t.Sequence[t.Any] | None) -> t.Iterator[Cursor[t.Any]]:
        psycopg = need("psycopg")
        try:
            with self._connection.cursor() as cursor:
                yield cursor.execute(query.encode(), parameters)
        except psycopg.Error as exc:
            raise self._in_words(exc) from None

    def reset(self) -> None:
        """What the CLI does between files, and our own settings again."""
        self.rows(
            f"RESET ALL; SET lock_timeout = {_milliseconds(self._lock_timeout)};"
            f" SET statement_timeout = {_milliseconds(self._statement_timeout)}{self._noticing_death()}"
        )

    def _noticing_death(self) -> str:
        """Since PostgreSQL 14 a server can notice in the middle of a statement that we were killed, and end it."""
        return "; SET client_connection_check_interval = 2000" if self.server_version >= 140000 else ""

    def wait_for_locks(self, seconds: float | None) -> None:
        """Set how long the next statements wait for a lock; None: as long as usual."""
        self.rows(f"SET lock_timeout = {_milliseconds(self._lock_timeout if seconds is None else seconds)}")

    def refuse_writes(self) -> None:
        self.rows("SET default_transaction_read_only = on")

    @property
    def is_lost(self) -> bool:
        return bool(self._connection.closed or self._connection.broken)

    def roll_back(self) -> None:
        """End whatever transaction is open; a lost connection has none."""
        if not self.is_lost and self._connection.info.transaction_status != need("psycopg.pq").TransactionStatus.IDLE:
            self.rows("ROLLBACK")

    def _in_words(self, exc: Error) -> DatabaseError:
        lost = self.is_lost
        diagnosis = exc.diag
        text = " ".join((diagnosis.message_primary or str(exc)).split()).rstrip(".")
        detail = f" {' '.join(diagnosis.message_detail.split())}" if diagnosis.message_detail else ""
        state = f" (SQLSTATE {exc.sqlstate})" if exc.sqlstate else ""
        position = int(diagnosis.statement_position) if diagnosis.statement_position else None
        hint = HINTS.get(exc.sqlstate or "", diagnosis.message_hint or "")
        if lost and not hint:
            hint = "Run again when the server is back: finished work is not repeated."
        return DatabaseError(f"{text}{state}.{detail}", hint=hint, sqlstate=exc.sqlstate, position=position, lost=lost)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
