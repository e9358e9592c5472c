# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of the Supabase CLI 3.1.0: table supabase_migrations.schema_migrations (version, statements, name).

The statements below are the CLI's own, so that the table is the same whoever made it. The hosted platform has more
columns, and very old tables have only `version`; both are left as they are where nothing is pending.
"""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied, Database, State
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase_folder import SupabaseLayout

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import Layout, SqlFile
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script

# CLI versions differ in where they cut a file and which semicolons they keep: a digest leaves out what they differ in.
_LEFT_OUT = "; \t\n\r\f\v"
_READ = """
SELECT version, coalesce(name, ''),
       encode(sha256(convert_to(translate(array_to_string(statements, ''), E'; \\t\\n\\r\\f\\v', ''), 'UTF8')), 'hex')
FROM supabase_migrations.schema_migrations ORDER BY version COLLATE "C"
"""
_READ_OLD = """SELECT version, '', NULL FROM supabase_migrations.schema_migrations ORDER BY version COLLATE "C" """
_CREATE = (
    "CREATE SCHEMA IF NOT EXISTS supabase_migrations",
    "CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY)",
    "ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS statements text[]",
    "ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS name text",
)
_NAMES = ("version", "statements", "name")
_COLUMNS = """
SELECT count(*) FROM pg_catalog.pg_attribute
WHERE attrelid = pg_catalog.to_regclass('supabase_migrations.schema_migrations') AND NOT attisdropped
      AND attname = ANY(%s)
"""
_ADD = "INSERT INTO supabase_migrations.schema_migrations(version, name, statements) VALUES(%s, %s, %s)"
# What `supabase migration repair --status applied` sends.
_BASELINE = f"{_ADD} ON CONFLICT (version) DO UPDATE SET name = EXCLUDED.name, statements = EXCLUDED.statements"
_REMOVE = "DELETE FROM supabase_migrations.schema_migrations WHERE version = %s"


class SupabaseHistory:
    """History of `supabase db push`."""

    tool = "Supabase CLI"
    layout: Layout = SupabaseLayout()
    table = "supabase_migrations.schema_migrations"
    journal = "supabase_migrations.holdfast_journal"
    # The first eight bytes of SHA-256("holdfast.webops supabase_migrations") as a signed number; the CLI itself takes no lock.
    lock_key = int.from_bytes(hashlib.sha256(b"holdfast.webops supabase_migrations").digest()[:8], "big", signed=True)
    foreign_lock_key: int | None = None
    search_path: str | None = None
    records_failures = False

    def read(self, database: Database) -> State:
        columns = self._columns(database)
        if not columns:
            return State()
        query = _READ if columns == len(_NAMES) else _READ_OLD
        return State({version: Applied(version, name, digest) for version, name, digest in database.rows(query)})

    def create(self, database: Database) -> None:
        if self._columns(database) != len(_NAMES):
            for statement in _CREATE:
                database.rows(statement)

    def _columns(self, database: Database) -> int:
        """How many of the CLI's columns there are; 0 when there is no table."""
        return int(database.rows(_COLUMNS, (list(_NAMES),))[0][0])

    def matches(self, digest: str, content: bytes) -> bool:
        return digest == self.digest(content)

    def digest(self, content: bytes) -> str:
        text = content.decode("utf-8", errors="replace").lstrip("\ufeff")
        return hashlib.sha256(text.translate(dict.fromkeys(map(ord, _LEFT_OUT))).encode()).hexdigest()

    def begin(self, database: Database, file: SqlFile) -> None:
        """The CLI knows migrations that ran, and no others."""

    def begin_rollback(self, database: Database, file: SqlFile) -> None:
        """See `begin`."""

    def add(self, database: Database, file: SqlFile, script: Script) -> None:
        database.rows(_ADD, (file.version, file.name, list(script.statements)))

    def finish(self, database: Database, file: SqlFile, script: Script) -> None:
        self.add(database, file, script)

    def fail(self, database: Database, version: str, reason: str) -> None:
        """See `begin`."""

    def remove(self, database: Database, version: str) -> None:
        database.rows(_REMOVE, (version,))

    def baseline(self, database: Database, file: SqlFile, script: Script) -> None:
        database.rows(_BASELINE, (file.version, file.name, list(script.statements)))

    def repairable(self, state: State) -> t.Collection[str]:
        return state.applied

    def repair(self, database: Database, version: str) -> None:
        self.remove(database, version)

    def stand_in(self, user: str) -> str | None:
        """The CLI does the same for these users, so that what migrations make belongs to the role that applications know."""
        return "postgres" if user == "supabase_admin" or user.startswith("cli_login_") else None
