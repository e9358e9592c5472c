# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which steps of an unfinished file are done. Exists only while there is such a file, beside the history table.

A step that can run in a transaction is noted in that transaction. One that cannot is noted before and after it: what is
found `started` was interrupted, and the database must be asked whether it took effect.
"""

from __future__ import annotations

import dataclasses

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database

STARTED, FAILED, DONE = "started", "failed", "done"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One step. `statement` and `indexes` (oids on its table before it began) are kept for steps outside of a transaction."""

    step: int
    digest: str
    state: str
    statement: str | None = None
    indexes: tuple[int, ...] = ()


class Journal:
    """The journal of one file in one direction (`apply` or `roll_back`)."""

    def __init__(self, database: Database, table: str, *, direction: str, version: str) -> None:
        self._database = database
        self._table = table
        self._key = (direction, version)

    def read(self) -> list[Entry]:
        """The entries in order of their steps; none when the file was never begun."""
        if self._database.rows("SELECT pg_catalog.to_regclass(%s)", (self._table,))[0][0] is None:
            return []
        columns = "step, digest, state, statement, indexes::bigint[]"
        rows = self._database.rows(f"SELECT {columns} FROM {self._table} WHERE direction = %s AND version = %s ORDER BY step", self._key)
        return [Entry(step, digest, state, statement, tuple(indexes)) for step, digest, state, statement, indexes in rows]

    def open(self) -> None:
        self._database.rows(
            f"CREATE TABLE IF NOT EXISTS {self._table} (direction text, version text, step integer, digest text NOT NULL,"
            " state text NOT NULL, statement text, indexes oid[] NOT NULL, at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),"
            " PRIMARY KEY (direction, version, step))"
        )

    def write(self, entry: Entry) -> None:
        """Put an entry in the place of an earlier one of its step."""
        self._database.rows(
            f"INSERT INTO {self._table} (direction, version, step, digest, state, statement, indexes)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s::bigint[]::oid[])"
            " ON CONFLICT (direction, version, step) DO UPDATE SET digest = EXCLUDED.digest, state = EXCLUDED.state,"
            " statement = EXCLUDED.statement, indexes = EXCLUDED.indexes, at = EXCLUDED.at",
            (*self._key, entry.step, entry.digest, entry.state, entry.statement, list(entry.indexes)),
        )

    def close(self) -> None:
        """Forget the file; the table goes with its last entry."""
        self._database.rows(f"DELETE FROM {self._table} WHERE direction = %s AND version = %s", self._key)
        if not self._database.rows(f"SELECT 1 FROM {self._table} LIMIT 1"):
            self._database.rows(f"DROP TABLE {self._table}")

    def how_to_forget(self) -> str:
        """The SQL by which a person starts the file over from its top."""
        direction, version = self._key
        return f"DELETE FROM {self._table} WHERE direction = '{direction}' AND version = '{version}'"


def unfinished(database: Database, table: str) -> list[tuple[str, str]]:
    """(direction, version) of every file in the journal."""
    if database.rows("SELECT pg_catalog.to_regclass(%s)", (table,))[0][0] is None:
        return []
    return [(row[0], row[1]) for row in database.rows(f"SELECT DISTINCT direction, version FROM {table} ORDER BY 1, 2")]
