# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which steps of an unfinished file are done. Exists only while there is such a file, beside the history table.

A step that can run in a transaction is noted in that transaction. One that cannot is noted before and after it: what is
found `started` was interrupted, and the database must be asked whether it took effect.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database, Rows

_EXISTS = "SELECT pg_catalog.to_regclass(%s)"
_READ = "SELECT step, digest, state, statement, indexes::bigint[] FROM JOURNAL WHERE direction = %s AND version = %s ORDER BY step"
_FILES = """
SELECT direction, version, count(*) FILTER (WHERE state = 'done')::integer, bool_or(state = 'failed')
FROM JOURNAL GROUP BY direction, version ORDER BY direction, version
"""
_CREATE = """
CREATE TABLE IF NOT EXISTS JOURNAL (
    direction text, version text, step integer, digest text NOT NULL, state text NOT NULL, statement text, indexes oid[] NOT NULL,
    at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(), PRIMARY KEY (direction, version, step)
)
"""
_WRITE = """
INSERT INTO JOURNAL (direction, version, step, digest, state, statement, indexes) VALUES (%s, %s, %s, %s, %s, %s, %s::bigint[]::oid[])
ON CONFLICT (direction, version, step) DO UPDATE
SET digest = EXCLUDED.digest, state = EXCLUDED.state, statement = EXCLUDED.statement, indexes = EXCLUDED.indexes, at = EXCLUDED.at
"""
_FORGET = "DELETE FROM JOURNAL WHERE direction = %s AND version = %s"

STARTED, FAILED, DONE = "started", "failed", "done"


class Entry(t.NamedTuple):
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

    def _rows(self, query: str, *parameters: t.Any) -> Rows:
        return self._database.rows(query.replace("JOURNAL", self._table), parameters)

    def read(self) -> list[Entry]:
        """The entries in order of their steps; none when the file was never begun."""
        if self._rows(_EXISTS, self._table)[0][0] is None:
            return []
        rows = self._rows(_READ, *self._key)
        return [Entry(step, digest, state, statement, tuple(indexes)) for step, digest, state, statement, indexes in rows]

    def open(self) -> None:
        self._rows(_CREATE)

    def write(self, entry: Entry) -> None:
        """Put an entry in the place of an earlier one of its step."""
        self._rows(_WRITE, *self._key, entry.step, entry.digest, entry.state, entry.statement, list(entry.indexes))

    def close(self) -> None:
        """Forget the file; the table goes with its last entry."""
        self._rows(_FORGET, *self._key)
        if not self._rows("SELECT 1 FROM JOURNAL LIMIT 1"):
            self._rows("DROP TABLE JOURNAL")

    def how_to_forget(self, *, repair_keeps: bool) -> str:
        """How a person starts the file over from its top. `repair_keeps`: a repair leaves in the history what is being rolled back."""
        direction, version = self._key
        if direction == "apply" or repair_keeps:
            return f"run this module with state=repaired and versions={version}"
        return "run " + _FORGET.replace("JOURNAL", self._table) % (f"'{direction}'", f"'{version}'")


class Unfinished(t.NamedTuple):
    """A file in the journal. `done`: how many of its steps; `failed`: it ended in an error, else it was interrupted."""

    direction: str
    version: str
    done: int
    failed: bool


def unfinished(database: Database, table: str) -> list[Unfinished]:
    """Every file in the journal."""
    if database.rows(_EXISTS, (table,))[0][0] is None:
        return []
    return [Unfinished(*row) for row in database.rows(_FILES.replace("JOURNAL", table))]


def forget(database: Database, table: str, version: str) -> None:
    """Forget a file in both directions, in the transaction that is open."""
    for entry in unfinished(database, table):
        if entry.version == version:
            Journal(database, table, direction=entry.direction, version=version).close()
