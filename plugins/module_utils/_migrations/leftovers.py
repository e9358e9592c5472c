# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements that run outside of a transaction: what an interrupted one left behind, and whether it took effect.

An interrupted CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY leaves an INVALID index that costs every write, serves no
read, and lets `IF NOT EXISTS` report success. It is dropped before the statement runs again.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database

_PART = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_NAME = rf"{_PART}(?:\s*\.\s*{_PART})*"
_CREATE_INDEX = re.compile(
    rf"CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:IF NOT EXISTS )?(?:(?!ON\b)(?P<index>{_NAME}) )?ON (?:ONLY )?(?P<table>{_NAME})",
    re.IGNORECASE,
)
_DROP_INDEX = re.compile(rf"DROP INDEX CONCURRENTLY (?:IF EXISTS )?(?P<index>{_NAME})", re.IGNORECASE)
_REINDEX = re.compile(rf"REINDEX (?:\([^)]*\) ?)?(?P<what>INDEX|TABLE) CONCURRENTLY (?P<name>{_NAME})", re.IGNORECASE)
_DETACH = re.compile(
    rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?(?P<table>{_NAME}) DETACH PARTITION (?P<partition>{_NAME}) CONCURRENTLY", re.IGNORECASE
)
_OBJECT = re.compile(rf"(?P<verb>CREATE|DROP) (?P<kind>DATABASE|TABLESPACE|SUBSCRIPTION) (?:IF EXISTS )?(?P<name>{_PART})", re.IGNORECASE)
_REPEATABLE = re.compile(
    r"(VACUUM|REINDEX|CLUSTER|ALTER SYSTEM|ALTER DATABASE|ALTER SUBSCRIPTION|DISCARD|CREATE INDEX|CREATE UNIQUE INDEX)\b", re.IGNORECASE
)
_CATALOGS = {
    "DATABASE": "SELECT 1 FROM pg_catalog.pg_database WHERE datname = (pg_catalog.parse_ident(%s))[1]",
    "TABLESPACE": "SELECT 1 FROM pg_catalog.pg_tablespace WHERE spcname = (pg_catalog.parse_ident(%s))[1]",
    "SUBSCRIPTION": "SELECT 1 FROM pg_catalog.pg_subscription WHERE subname = (pg_catalog.parse_ident(%s))[1]",
}

_INDEXES = """
SELECT i.indexrelid::bigint, i.indisvalid, i.indexrelid::regclass::text, c.relname
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s ORDER BY 1
"""
_OF_TABLE = "SELECT pg_catalog.to_regclass(%s)::oid::bigint"
_OF_INDEX = "SELECT indrelid::bigint FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass(%s)"
_ATTACHED = """
SELECT to_jsonb(i) ->> 'inhdetachpending' FROM pg_catalog.pg_inherits i
WHERE i.inhparent = pg_catalog.to_regclass(%s) AND i.inhrelid = pg_catalog.to_regclass(%s)
"""


class Index(t.NamedTuple):
    """An index of the table that a statement works on. `shown` is its name as SQL, `name` its bare name."""

    oid: int
    is_valid: bool
    shown: str
    name: str


def takes_weak_locks(plain: str) -> bool:
    """Whether a statement that waits for its lock keeps neither readers nor writers waiting behind it.

    DETACH PARTITION CONCURRENTLY does: its second half wants the partition for itself.
    """
    words = plain.upper()
    if words.startswith("VACUUM"):
        return "FULL" not in words
    return "CONCURRENTLY" in words and not words.startswith("ALTER")


def indexes_near(database: Database, plain: str) -> list[Index]:
    """The indexes of the table that CREATE INDEX or REINDEX CONCURRENTLY works on; none for another statement."""
    create, reindex = _CREATE_INDEX.match(plain), _REINDEX.match(plain)
    if create is not None:
        found = database.rows(_OF_TABLE, (create["table"],))
    elif reindex is not None:
        found = database.rows(_OF_INDEX if reindex["what"].upper() == "INDEX" else _OF_TABLE, (reindex["name"],))
    else:
        return []
    return [Index(*row) for row in database.rows(_INDEXES, (found[0][0],))] if found else []


def drop_invalid(database: Database, plain: str, *, before: t.Collection[int] | None) -> list[str]:
    """Drop what an earlier run of the statement left INVALID; returns the dropped names.

    `before`: oids of the indexes that were there before that run. None when they are not known: then only an index of
    the very name that the statement creates is dropped.
    """
    near = indexes_near(database, plain)
    if before is None:
        left = [index for index in near if not index.is_valid and index.name == _created_name(database, plain)]
    else:
        left = [index for index in near if not index.is_valid and index.oid not in before]
    for index in left:
        database.rows(f"DROP INDEX CONCURRENTLY IF EXISTS {index.shown}")
    return [index.shown for index in left]


def _created_name(database: Database, plain: str) -> str | None:
    create = _CREATE_INDEX.match(plain)
    if create is None or create["index"] is None:
        return None
    return str(database.rows("SELECT (pg_catalog.parse_ident(%s))[1]", (create["index"],))[0][0])


def refuse_invalid(database: Database, plain: str, *, before: t.Collection[int]) -> None:
    """After CREATE INDEX CONCURRENTLY: an index that is there and not valid is a failure, whatever the server said."""
    name = _created_name(database, plain)
    for index in indexes_near(database, plain):
        if not index.is_valid and (index.oid not in before or index.name == name):
            raise WebopsError(f"The index {index.shown} is INVALID after it was built.", hint="Drop it and run again.")


def took_effect(database: Database, plain: str, *, before: t.Collection[int]) -> bool | None:
    """Whether an interrupted statement was finished by the server. False: run it again. None: the database cannot tell."""
    if _CREATE_INDEX.match(plain):
        return any(index.is_valid and index.oid not in before for index in indexes_near(database, plain))
    drop = _DROP_INDEX.match(plain)
    if drop is not None:
        return database.rows(_OF_TABLE, (drop["index"],))[0][0] is None
    detach = _DETACH.match(plain)
    if detach is not None:
        return not database.rows(_ATTACHED, (detach["table"], detach["partition"]))
    made = _OBJECT.match(plain)
    if made is not None:
        return bool(database.rows(_CATALOGS[made["kind"].upper()], (made["name"],))) == (made["verb"].upper() == "CREATE")
    return False if _REPEATABLE.match(plain) else None


def finish_detaching(database: Database, plain: str) -> bool:
    """Finish a DETACH PARTITION CONCURRENTLY that was interrupted half way, after which it cannot run again; False for all else."""
    detach = _DETACH.match(plain)
    attached = database.rows(_ATTACHED, (detach["table"], detach["partition"])) if detach is not None else []
    if detach is None or not attached or attached[0][0] != "true":
        return False
    database.rows(f"ALTER TABLE {detach['table']} DETACH PARTITION {detach['partition']} FINALIZE")
    return True
