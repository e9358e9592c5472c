# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history of Prisma Migrate: table _prisma_migrations.

The table, the checksum, the states of a row and the lock are those of Prisma's schema engine 7.10. A row that is neither
finished nor rolled back is a failed migration to Prisma, which then runs nothing (P3009). Several rows of one migration are normal.
"""

from __future__ import annotations

import hashlib
import re
import typing as t
import uuid

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Applied, Database, State
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.prisma_folder import PrismaLayout, bare_name
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import foreign_parameter

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import Layout, SqlFile
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script

# A failure is for reading: of what Prisma noted about it, only the beginning is shown.
SHOWN_CHARACTERS = 500

# Prisma's own key (schema-engine, sql-schema-connector); its engines take it with a blocking call.
PRISMA_LOCK_KEY = 72707369

# Where Prisma's engine begins to say where in its own code it was.
_TRACE = re.compile(r"\n\s*0: ")
_PLAIN = re.compile(r"[\w$ -]{1,63}")

# Tables of extensions (PostGIS) do not count: nobody would baseline them.
_PRESENT = """
SELECT pg_catalog.to_regclass(%s) IS NOT NULL, EXISTS (
    SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p')
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
"""
_READ = """
SELECT migration_name, checksum, finished_at IS NOT NULL, coalesce(logs, ''),
       pg_catalog.to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM HISTORY WHERE rolled_back_at IS NULL ORDER BY started_at
"""
_MISSING = "SELECT pg_catalog.to_regclass(%s) IS NULL, pg_catalog.to_regnamespace(%s) IS NULL"
_CREATE = """
CREATE TABLE HISTORY (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)
"""
_UNFINISHED = "migration_name = %s AND finished_at IS NULL AND rolled_back_at IS NULL"
_GIVE_UP = "UPDATE HISTORY SET rolled_back_at = clock_timestamp() WHERE UNFINISHED"
_BEGIN = "INSERT INTO HISTORY (id, checksum, migration_name, started_at) VALUES (%s, %s, %s, clock_timestamp())"
# A second row, because the first one must still say that the migration ran.
_BEGIN_ROLLBACK = "INSERT INTO HISTORY (id, checksum, migration_name, logs, started_at) VALUES (%s, %s, %s, %s, clock_timestamp())"
_ROLLING_BACK = "Its rollback has begun and not ended. Run prisma_migration with state=rolled_back again."
_ADD = """
WITH earlier AS (UPDATE HISTORY SET rolled_back_at = clock_timestamp() WHERE UNFINISHED)
INSERT INTO HISTORY (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
VALUES (%s, %s, %s, now(), clock_timestamp(), 1)
"""
# The row may be gone: somebody may have resolved it meanwhile.
_FINISH = """
WITH finished AS (
    UPDATE HISTORY SET checksum = %s, finished_at = clock_timestamp(), logs = NULL, applied_steps_count = 1 WHERE UNFINISHED RETURNING 1
)
INSERT INTO HISTORY (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
SELECT %s, %s, %s, now(), clock_timestamp(), 1
WHERE NOT EXISTS (SELECT FROM finished) AND NOT EXISTS (SELECT FROM HISTORY WHERE migration_name = %s AND rolled_back_at IS NULL)
"""
_FAIL = "UPDATE HISTORY SET logs = %s WHERE UNFINISHED"
_REMOVE = "UPDATE HISTORY SET rolled_back_at = clock_timestamp() WHERE migration_name = %s AND rolled_back_at IS NULL"
# What `prisma migrate resolve --applied` writes; an edited migration's earlier row makes way.
_BASELINE = """
INSERT INTO HISTORY (id, checksum, migration_name, logs, started_at, finished_at) VALUES (%s, %s, %s, '', now(), now())
"""


class PrismaHistory:
    """History of `prisma migrate deploy`."""

    tool = "Prisma"
    layout: Layout = PrismaLayout()
    # The first eight bytes of SHA-256("holdfast.webops prisma_migrations") as a signed number.
    lock_key = int.from_bytes(hashlib.sha256(b"holdfast.webops prisma_migrations").digest()[:8], "big", signed=True)
    foreign_lock_key: int | None = PRISMA_LOCK_KEY
    records_failures = True

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self.table = f"{quoted(schema)}._prisma_migrations"
        self.journal = f"{quoted(schema)}._prisma_migrations_journal"
        # Prisma sets it only where its URL names a schema.
        self.search_path: str | None = None if schema == "public" else quoted(schema)

    def read(self, database: Database) -> State:
        has_history, has_tables = database.rows(_PRESENT, (self.table, self._schema))[0]
        if not has_history:
            return State(obstacle=self._without_history() if has_tables else "")
        applied, failed = {}, {}
        for name, checksum, finished, logs, started in self._rows(database, _READ):
            if finished:
                applied[name] = Applied(name, bare_name(name), checksum, title=name)
            else:
                failed[name] = _described_failure(started, logs)
        return State(dict(sorted(applied.items())), failed)

    def _without_history(self) -> str:
        return f"The schema {self._schema} holds tables but no history of Prisma: nobody knows which migrations they stand for."

    def _rows(self, database: Database, query: str, *parameters: t.Any) -> t.Sequence[tuple[t.Any, ...]]:
        return database.rows(query.replace("UNFINISHED", _UNFINISHED).replace("HISTORY", self.table), parameters or None)

    def create(self, database: Database) -> None:
        table, schema = database.rows(_MISSING, (self.table, quoted(self._schema)))[0]
        if schema:
            database.rows(f"CREATE SCHEMA {quoted(self._schema)}")
        if table:
            self._rows(database, _CREATE)

    def matches(self, digest: str, content: bytes) -> bool:
        """Line ends do not count. Prisma before 2.24 left out zeros, see checksum.rs of its engine."""
        lines = content.replace(b"\r\n", b"\n")
        digests = [hashlib.sha256(text).digest() for text in (content, lines, lines.replace(b"\n", b"\r\n"))]
        return any(digest in (made.hex(), "".join(f"{byte:x}" for byte in made)) for made in digests)

    def begin(self, database: Database, file: SqlFile) -> None:
        self._rows(database, _GIVE_UP, file.version)
        self._rows(database, _BEGIN, _new_id(), checksum(file.content), file.version)

    def begin_rollback(self, database: Database, file: SqlFile) -> None:
        self._rows(database, _BEGIN_ROLLBACK, _new_id(), checksum(file.content), file.version, _ROLLING_BACK)

    def add(self, database: Database, file: SqlFile, script: Script) -> None:  # noqa: ARG002
        self._rows(database, _ADD, file.version, _new_id(), checksum(file.content), file.version)

    def finish(self, database: Database, file: SqlFile, script: Script) -> None:  # noqa: ARG002
        digest = checksum(file.content)
        self._rows(database, _FINISH, digest, file.version, _new_id(), digest, file.version, file.version)

    def fail(self, database: Database, version: str, reason: str) -> None:
        self._rows(database, _FAIL, reason, version)

    def remove(self, database: Database, version: str) -> None:
        self._rows(database, _REMOVE, version)

    def baseline(self, database: Database, file: SqlFile, script: Script) -> None:  # noqa: ARG002
        self._rows(database, _REMOVE, file.version)
        self._rows(database, _BASELINE, _new_id(), checksum(file.content), file.version)

    def repairable(self, state: State) -> t.Collection[str]:
        return state.failed

    def repair(self, database: Database, version: str) -> None:
        self._rows(database, _GIVE_UP, version)

    def stand_in(self, user: str) -> str | None:  # noqa: ARG002
        return None


def schema_of(params: t.Mapping[str, t.Any]) -> str:
    """The schema of the history: the option, else what Prisma finds in its URL. Raises InputError for a name that cannot be."""
    schema = params["schema"] or foreign_parameter(params["database_url"] or "", "schema") or "public"
    if not _PLAIN.fullmatch(schema):
        raise InputError(
            f"schema={schema!a} is not the name of a schema.",
            hint="Name it as in CREATE SCHEMA, without quotes: letters, digits, _, $, - and blanks.",
        )
    return schema


def quoted(identifier: str) -> str:
    """An identifier as SQL, whatever its characters."""
    return '"' + identifier.replace('"', '""') + '"'


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _new_id() -> str:
    return str(uuid.uuid4())


def _described_failure(started: str, logs: str) -> str:
    said = " ".join(_TRACE.split(logs)[0].split())[:SHOWN_CHARACTERS]
    return f"begun {started}" + (f": {said}" if said else "; the history does not say what became of it")
