# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a backup must know of the database it comes from, besides its rows."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError

if t.TYPE_CHECKING:
    from psycopg import Connection

_DATABASE = """
SELECT d.datname, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
       pg_database_size(d.oid), current_setting('server_version'), current_setting('server_version_num')::int / 10000,
       pg_is_in_recovery(), now(),
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text,
       to_jsonb(d) ->> 'datcollversion', (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
FROM pg_database d WHERE d.datname = current_database()
"""
_EXTENSIONS = "SELECT extname, extversion FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"
# Only those that a column is sorted by: an ICU server knows hundreds.
_COLLATIONS = """
SELECT collname, collversion FROM pg_collation
WHERE collversion IS NOT NULL AND oid IN (SELECT attcollation FROM pg_attribute WHERE attnum > 0) ORDER BY 1
"""
# Roles that the archive's OWNER ('o') and its GRANT and POLICY statements name.
_ROLES = """
SELECT r.rolname, bool_or(d.deptype = 'o') FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
WHERE d.refclassid = 'pg_authid'::regclass AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
GROUP BY 1 ORDER BY 1
"""


@dataclasses.dataclass(frozen=True)
class DatabaseFacts:
    """A database as its server describes it. `size` in bytes on the server's disk; `at` is the transaction's start.

    `roles` are all that its objects name, `owners` those of them that own something. `collations` maps those in use to their
    versions; `collation_version` is the database's own, None where it has none. `superuser`: the role that connects is one."""

    name: str
    owner: str
    encoding: str
    collation: str
    character_type: str
    size: int
    server_version: str
    server_major: int
    standby: bool
    at: t.Any
    lsn: str
    collation_version: str | None
    superuser: bool
    collations: dict[str, str]
    extensions: dict[str, str]
    roles: tuple[str, ...]
    owners: tuple[str, ...]


def read_facts(connection: Connection[t.Any]) -> DatabaseFacts:
    """Read them in the connection's transaction."""
    row = connection.execute(_DATABASE).fetchone()
    if row is None:
        raise NotFoundError("The server does not list the database that this connection is in.")
    extensions = dict(connection.execute(_EXTENSIONS).fetchall())
    named = connection.execute(_ROLES).fetchall()
    collations = dict(connection.execute(_COLLATIONS).fetchall())
    fields = [*row, collations, extensions, tuple(role for role, _owns in named), tuple(role for role, owns in named if owns)]
    return DatabaseFacts(*fields)
