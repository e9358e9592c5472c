# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put one database in the place of another in one transaction, under the eyes of clients that keep reconnecting.

ALTER DATABASE ... RENAME locks the database, so that nobody can enter, and then waits up to 5 s for those who are in it.
While it waits, a second connection ends them. Whoever tries to connect meanwhile waits for the lock, and is told once
that the database was renamed; the next try reaches the new one. Nothing has to be put right after a crash: the
transaction has happened or not.
"""

from __future__ import annotations

import contextlib
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

if t.TYPE_CHECKING:
    from psycopg import Connection

POLL = 0.1  # seconds between two looks
_BUSY = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend' AND state <> 'idle'"
_TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


def wait_until_idle(connection: Connection[t.Any], database: str, *, clock: Clock, seconds: float) -> None:
    """Let transactions end by themselves for at most so long."""
    deadline = Deadline(clock, seconds)
    while not deadline.expired:
        row = connection.execute(_BUSY, (database,)).fetchone()
        if not row or row[0] == 0:
            return
        clock.sleep(POLL)


def swap(renaming: Connection[t.Any], ending: Connection[t.Any], *, live: str, aside: str | None, fresh: str) -> None:
    """Rename `live` to `aside` (None: there is no live one) and `fresh` to `live`; all sessions in both are ended.

    Both connections are in another database of that server. ConflictError when somebody could not be made to leave.
    """
    sql, errors = need("psycopg.sql"), need("psycopg.errors")
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with _kept_empty(ending, [fresh] if aside is None else [live, fresh]):
        try:
            with renaming.transaction():
                if aside is not None:
                    renaming.execute(rename.format(sql.Identifier(live), sql.Identifier(aside)))
                renaming.execute(rename.format(sql.Identifier(fresh), sql.Identifier(live)))
        except errors.ObjectInUse as exc:
            raise ConflictError(
                f"Database {live} could not be replaced: somebody is still in it.",
                hint="Stop what uses it, and run again; nothing was replaced.",
            ) from exc


@contextlib.contextmanager
def _kept_empty(connection: Connection[t.Any], databases: t.Sequence[str]) -> t.Iterator[None]:
    """End every session in these databases, again and again, until the block has ended."""
    over = threading.Event()

    def end_sessions() -> None:
        # What may not be ended stays, and ALTER DATABASE says so in the caller's thread.
        with contextlib.suppress(need("psycopg").Error):
            while not over.is_set():
                for database in databases:
                    connection.execute(_TERMINATE, (database,))
                over.wait(POLL)

    thread = threading.Thread(target=end_sessions, name="end sessions", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
