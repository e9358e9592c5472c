# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session that migrates: its settings, its queries, and its errors in words."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

if t.TYPE_CHECKING:
    from psycopg import ClientCursor, Connection, Cursor, Error

    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Rows

LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK = "40P01"
# The setting as it was before check mode changed it.
_SERVER = """
SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery(), reset_val = 'on'
FROM pg_catalog.pg_settings WHERE name = 'default_transaction_read_only'
"""
# A statement may end in a comment.
BETWEEN = "\n;\n"
HINTS = {
    "2D000": "A procedure that commits cannot run in a transaction: write -- pg-delta: transaction=false into the first line of the file.",
    "25006": "The server is a read-only replica, or the database is set read-only: use the primary.",
    "42501": "Grant the user who connects what the statement needs, or connect as the role that owns the objects.",
    "53100": "Free disk space on the server, then run again.",
    "53200": "The server is out of memory: run again when it has some.",
    "57014": "Raise statement_timeout (or the server's own limit), or split the statement.",
    "57P01": "Run again when the server is back: finished work is not repeated.",
    "57P02": "Run again when the server is back: finished work is not repeated.",
    "57P03": "Run again when the server is back: finished work is not repeated.",
}


class DatabaseError(WebopsError):
    """The server refused a statement. `position` counts characters of the statement from 1; `lost`: the connection is gone.

    `number`: which one of statements that ran together, counted from 0; None where that is not known.
    """

    def __init__(
        self, message: str, *, hint: str = "", sqlstate: str | None = None, position: int | None = None, lost: bool = False
    ) -> None:
        super().__init__(message, hint=hint)
        self.sqlstate = sqlstate
        self.position = position
        self.lost = lost
        self.number: int | None = None

    @property
    def is_worth_a_retry(self) -> bool:
        """Whether the statement failed only because somebody else was in the way."""
        return self.sqlstate in (LOCK_NOT_AVAILABLE, DEADLOCK)


class Session:
    """One connection in autocommit mode; every transaction is begun and ended in SQL. Times in seconds; `search_path` as SQL.

    `stand_in`: for a user, the role that works in its place, if any.
    """

    def __init__(
        self,
        connection: Connection[t.Any],
        *,
        lock_timeout: float,
        statement_timeout: float,
        search_path: str | None = None,
        stand_in: t.Callable[[str], str | None] = lambda _user: None,
    ) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._formatter: ClientCursor[t.Any] = need("psycopg").ClientCursor(connection)
        self._lock_timeout = lock_timeout
        stands_in = stand_in(connection.info.user)
        self._standing_in = f"SET SESSION ROLE {stands_in}" if stands_in else ""
        self._own_role: str | None = None
        self.pid: int = connection.info.backend_pid
        self.server_version: int = connection.info.server_version
        # What holds at the beginning of each file, as statements.
        self.settings = (
            *("RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"),
            *([self._standing_in] if stands_in else []),
            *(f"SET lock_timeout = {_milliseconds(lock_timeout)}", f"SET statement_timeout = {_milliseconds(statement_timeout)}"),
            # Since PostgreSQL 14 a server can notice in the middle of a statement that we were killed, and end it.
            *(["SET client_connection_check_interval = 2000"] if self.server_version >= 140000 else []),
            *([f"SET search_path = {search_path}"] if search_path else []),
        )

    def rows(self, query: str, parameters: t.Sequence[t.Any] | None = None) -> Rows:
        """Run one statement of ours; its rows, or nothing for a command."""
        cursor = self._executed(query, parameters)
        return cursor.fetchall() if cursor.description else []

    def run(self, statement: str) -> None:
        """Run one statement of a migration; what it returns is nobody's business."""
        self._executed(statement, None)

    def run_together(self, statements: t.Sequence[str]) -> None:
        """Run statements in one message to the server, as far as the first one that fails."""
        psycopg = need("psycopg")
        try:
            self._connection.pgconn.send_query(BETWEEN.join(statements).encode())
            results = self._connection.wait(need("psycopg.generators").execute(self._connection.pgconn))
        except psycopg.Error as exc:
            raise self._in_words(exc) from None
        if results[-1].status == psycopg.pq.ExecStatus.FATAL_ERROR:
            error = self._in_words(psycopg.errors.error_from_result(results[-1]))
            error.number, error.position = _blamed(statements, len(results) - 1, error.position)
            raise error

    def dictation(self) -> Dictation:
        """For statements that are to run together with others."""
        return Dictation(self._formatter)

    def _executed(self, query: str, parameters: t.Sequence[t.Any] | None) -> Cursor[t.Any]:
        psycopg = need("psycopg")
        try:
            return self._cursor.execute(query.encode(), parameters)
        except psycopg.Error as exc:
            raise self._in_words(exc) from None

    def reset(self) -> None:
        """Between files: no setting and no role of the last one is left, and our own settings hold again."""
        self.rows("; ".join(self.settings))
        if self._own_role is None:
            self._own_role = self.role()

    def stand_in(self) -> None:
        """Let the stand-in, if any, work again: to be called after a statement that resets the role."""
        if self._standing_in:
            self.rows(self._standing_in)

    def role(self) -> str:
        """The role whose rights hold now; none for those of the user."""
        return str(self.rows("SELECT pg_catalog.current_setting('role')")[0][0])

    def act_as(self, role: str) -> None:
        """Have the rights of a role until the transaction ends."""
        self.rows("SELECT pg_catalog.set_config('role', %s, true)", (role,))

    def act_as_self(self) -> None:
        """Have our own rights, whatever role the author has set, until the transaction ends."""
        self.act_as(self._own_role or "none")

    def wait_for_locks(self, seconds: float | None) -> None:
        """Set how long the next statements wait for a lock; None: as long as usual."""
        self.rows(f"SET lock_timeout = {_milliseconds(self._lock_timeout if seconds is None else seconds)}")

    def look_at_server(self) -> None:
        """Raises InputError for a server, or a database, in which nothing can be written. `pid` is the backend's own from now on."""
        self.pid, is_replica, is_read_only = self.rows(_SERVER)[0]
        info = self._connection.info
        if is_replica:
            raise InputError(f"{info.host}:{info.port} is a read-only replica: nothing ran.", hint="Connect to the primary.")
        if is_read_only:
            raise InputError(
                f"The database {info.dbname} is set read-only for {info.user} (default_transaction_read_only): nothing ran.",
                hint="Connect to the primary, or lift the setting (ALTER DATABASE or ALTER ROLE ... RESET, or in postgresql.conf).",
            )

    @property
    def is_pooled(self) -> bool:
        """Whether something between us and the server hands out process numbers of its own, as poolers do."""
        return self.pid != self._connection.info.backend_pid

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


def _blamed(statements: t.Sequence[str], finished: int, position: int | None) -> tuple[int, int | None]:
    """Which statement failed, and where in it. A syntax error anywhere is found before the first one runs."""
    if position is None:
        return finished, None
    for number, statement in enumerate(statements):
        if position <= len(statement) + 1:
            return number, position
        position -= len(statement) + len(BETWEEN)
    return finished, None


class Dictation:
    """Takes down queries as text instead of sending them."""

    def __init__(self, formatter: ClientCursor[t.Any]) -> None:
        self._formatter = formatter
        self.statements: list[str] = []

    def rows(self, query: str, parameters: t.Sequence[t.Any] | None = None) -> Rows:
        self.statements.append(self._formatter.mogrify(query, parameters))
        return []
