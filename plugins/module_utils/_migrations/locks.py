# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table lock that each form of a statement takes.

Sources: PostgreSQL's manual, section "Explicit Locking" and the pages of the statements (ALTER TABLE above all); the
integration tests run the forms and compare with pg_locks. Left out are ACCESS SHARE and ROW SHARE of tables that are only read, which
are in nobody's way but EXCLUSIVE's and ACCESS EXCLUSIVE's; the indexes of a locked table; and what only a CASCADE reaches.
"""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Action

ROW_EXCLUSIVE = "ROW EXCLUSIVE"
SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
SHARE = "SHARE"
SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
EXCLUSIVE = "EXCLUSIVE"
ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"

# From the weakest to the strongest.
LEVELS = (
    *("ACCESS SHARE", "ROW SHARE", ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, SHARE),
    *(SHARE_ROW_EXCLUSIVE, EXCLUSIVE, ACCESS_EXCLUSIVE),
)
# Those that keep writers waiting.
BLOCKS_WRITES = LEVELS[LEVELS.index(SHARE) :]

_ON_THE_TABLE = {
    **dict.fromkeys(("INSERT", "UPDATE", "DELETE", "MERGE", "COPY FROM"), ROW_EXCLUSIVE),
    **dict.fromkeys(
        (
            "VACUUM",
            "ANALYZE",
            "COMMENT",
            "CREATE INDEX CONCURRENTLY",
            "CREATE STATISTICS",
            "PUBLICATION TABLE",
            "REINDEX TABLE CONCURRENTLY",
            "REINDEX INDEX CONCURRENTLY",
            "DROP INDEX CONCURRENTLY",
            "CREATE TABLE INHERITS",
            "ALTER TABLE VALIDATE CONSTRAINT",
            "ALTER TABLE ATTACH PARTITION",
            "ALTER TABLE DETACH PARTITION CONCURRENTLY",
            "ALTER TABLE DETACH PARTITION FINALIZE",
            "ALTER TABLE SET WITHOUT CLUSTER",
            "ALTER TABLE CLUSTER ON",
            "ALTER TABLE SET (",
            "ALTER TABLE RESET (",
            "ALTER TABLE ALTER COLUMN SET STATISTICS",
            "ALTER TABLE ALTER COLUMN SET (",
            "ALTER TABLE ALTER COLUMN RESET (",
            "ALTER INDEX RENAME",
            "ALTER INDEX SET (",
            "ALTER INDEX RESET (",
            "ALTER INDEX ALTER",
        ),
        SHARE_UPDATE_EXCLUSIVE,
    ),
    **dict.fromkeys(("CREATE INDEX", "REINDEX TABLE"), SHARE),
    **dict.fromkeys(
        (
            "CREATE TRIGGER",
            "REFERENCES",
            "ALTER SEQUENCE",
            "ALTER TABLE ADD FOREIGN KEY",
            "ALTER TABLE ENABLE TRIGGER",
            "ALTER TABLE DISABLE TRIGGER",
        ),
        SHARE_ROW_EXCLUSIVE,
    ),
    "REFRESH MATERIALIZED VIEW CONCURRENTLY": EXCLUSIVE,
    **dict.fromkeys(
        (
            "CREATE TABLE",
            "CREATE TABLE PARTITION OF",
            "CREATE MATERIALIZED VIEW",
            "CREATE OR REPLACE VIEW",
            "CREATE VIEW",
            "CREATE RULE",
            "CREATE POLICY",
            "ALTER POLICY",
            "ALTER TRIGGER",
            "ALTER RULE",
            "DROP TABLE",
            "DROP VIEW",
            "DROP MATERIALIZED VIEW",
            "DROP SEQUENCE",
            "DROP INDEX",
            "DROP TRIGGER",
            "DROP RULE",
            "DROP POLICY",
            "TRUNCATE",
            "VACUUM FULL",
            "CLUSTER",
            "REINDEX INDEX",
            "REFRESH MATERIALIZED VIEW",
            "ALTER INDEX SET TABLESPACE",
            "ALTER INDEX ATTACH PARTITION",
        ),
        ACCESS_EXCLUSIVE,
    ),
}
# The second relation of a form.
_ON_THE_OTHER = {
    "ALTER TABLE ADD FOREIGN KEY": SHARE_ROW_EXCLUSIVE,
    "ALTER TABLE ATTACH PARTITION": ACCESS_EXCLUSIVE,
    "ALTER TABLE DETACH PARTITION": ACCESS_EXCLUSIVE,
    "ALTER TABLE DETACH PARTITION CONCURRENTLY": ACCESS_EXCLUSIVE,
    "ALTER TABLE DETACH PARTITION FINALIZE": ACCESS_EXCLUSIVE,
    "ALTER TABLE INHERIT": SHARE_UPDATE_EXCLUSIVE,
}
# Where a form names an index: the lock on its table.
_ON_THE_TABLE_OF_THE_INDEX = {
    "DROP INDEX": ACCESS_EXCLUSIVE,
    "DROP INDEX CONCURRENTLY": SHARE_UPDATE_EXCLUSIVE,
    "REINDEX INDEX": SHARE,
    "REINDEX INDEX CONCURRENTLY": SHARE_UPDATE_EXCLUSIVE,
}


def on_table(action: Action) -> str | None:
    """The lock on the relation that the form names; what the manual does not mention among ALTER's forms takes the strongest."""
    if action.kind == "LOCK TABLE":
        return " ".join(action.detail)
    strongest = ACCESS_EXCLUSIVE if action.kind.startswith(("ALTER TABLE", "ALTER VIEW")) else None
    return _ON_THE_TABLE.get(action.kind, strongest)


def on_other(action: Action) -> str | None:
    return _ON_THE_OTHER.get(action.kind)


def on_table_of_index(action: Action) -> str | None:
    return _ON_THE_TABLE_OF_THE_INDEX.get(action.kind)


def stronger(one: str, other: str) -> str:
    return max(one, other, key=LEVELS.index)
