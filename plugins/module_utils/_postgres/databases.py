# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Databases as a whole: how one looks from outside, making one that looks the same, and removing one."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connection_parameters

if t.TYPE_CHECKING:
    from psycopg import Connection

LONGEST_NAME = 63  # bytes of a PostgreSQL identifier

_SHAPE = """
SELECT pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, to_jsonb(d),
       shobj_description(d.oid, 'pg_database')
FROM pg_database d WHERE d.datname = %s
"""
_GRANTS = """
SELECT CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable
FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = %s
"""
_SETTINGS = """
SELECT CASE WHEN s.setrole = 0 THEN NULL ELSE pg_get_userbyid(s.setrole) END, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c WHERE d.datname = %s
"""


@dataclasses.dataclass(frozen=True)
class Grant:
    """A privilege on the database itself; `role` None is everybody."""

    role: str | None
    privilege: str
    grantable: bool


@dataclasses.dataclass(frozen=True)
class Setting:
    """ALTER DATABASE ... SET, or with `role` ALTER ROLE ... IN DATABASE ... SET."""

    role: str | None
    name: str
    value: str


@dataclasses.dataclass(frozen=True)
class Shape:
    """What a database has besides its content. `collation` and `character_type` None are the
    server's; `grants` None means that nobody ever changed its privileges."""

    owner: str | None
    encoding: str
    collation: str | None
    character_type: str | None
    provider: str = "c"
    locale: str | None = None
    connection_limit: int = -1
    comment: str | None = None
    grants: tuple[Grant, ...] | None = None
    settings: tuple[Setting, ...] = ()


def at_database(database_url: str, name: str) -> str:
    """The same server and user, another database, as a libpq connection string (holds the password)."""
    conninfo: str = need("psycopg.conninfo").make_conninfo(**{**connection_parameters(database_url), "dbname": name})
    return conninfo


def read_shape(connection: Connection[t.Any], name: str) -> Shape | None:
    """How a database looks, None where there is none of that name."""
    row = connection.execute(_SHAPE, (name,)).fetchone()
    if row is None:
        return None
    owner, encoding, collation, character_type, catalog, comment = row
    grants = tuple(Grant(*one) for one in connection.execute(_GRANTS, (name,)).fetchall())
    return Shape(
        owner,
        encoding,
        collation,
        character_type,
        provider=catalog.get("datlocprovider", "c"),
        locale=catalog.get("datlocale") or catalog.get("daticulocale"),
        connection_limit=catalog["datconnlimit"],
        comment=comment,
        grants=None if catalog["datacl"] is None else grants,
        settings=tuple(Setting(*one) for one in connection.execute(_SETTINGS, (name,)).fetchall()),
    )


def create_database(connection: Connection[t.Any], name: str, shape: Shape) -> None:
    """Make an empty database with the encoding, locale and owner of `shape`."""
    sql = need("psycopg.sql")
    parts = [sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))]
    texts = {"ENCODING": shape.encoding}
    texts.update({"LC_COLLATE": shape.collation} if shape.collation else {})
    texts.update({"LC_CTYPE": shape.character_type} if shape.character_type else {})
    if shape.provider == "i":
        texts.update(LOCALE_PROVIDER="icu", ICU_LOCALE=shape.locale or "")
    elif shape.provider == "b":
        texts.update(LOCALE_PROVIDER="builtin", BUILTIN_LOCALE=shape.locale or "")
    parts += [sql.SQL(f"{keyword} {{}}").format(sql.Literal(value)) for keyword, value in texts.items()]
    if shape.owner is not None:
        parts.append(sql.SQL("OWNER {}").format(sql.Identifier(shape.owner)))
    connection.execute(sql.SQL(" ").join(parts))


def dress_database(connection: Connection[t.Any], name: str, shape: Shape) -> None:
    """Give a database the settings, privileges, connection limit and comment of `shape`."""
    sql = need("psycopg.sql")
    database = sql.Identifier(name)
    with connection.transaction():
        for setting in shape.settings:
            _apply_setting(connection, database, setting)
        if shape.grants is not None:
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
            for grant in shape.grants:
                _apply_grant(connection, database, grant)
        connection.execute(sql.SQL("ALTER DATABASE {} CONNECTION LIMIT {}").format(database, sql.Literal(shape.connection_limit)))
        write_comment(connection, name, shape.comment)


def write_comment(connection: Connection[t.Any], name: str, comment: str | None) -> None:
    """Replace the comment of a database; None removes it."""
    sql = need("psycopg.sql")
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(comment)))


def drop_database(connection: Connection[t.Any], name: str) -> None:
    """Remove a database that is ours, with whoever is still connected to it."""
    sql = need("psycopg.sql")
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def hold_lock(connection: Connection[t.Any], what: str) -> None:
    """Take a lock that lasts as long as the connection; ConflictError when another run has it."""
    row = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"holdfast.webops {what}",)).fetchone()
    if not row or not row[0]:
        raise ConflictError(f"Another run holds the lock for {what}.", hint="Wait until it has ended; a run that died holds nothing.")


def _apply_setting(connection: Connection[t.Any], database: t.Any, setting: Setting) -> None:
    """By way of the session, because a list such as search_path cannot be given to ALTER DATABASE as one text."""
    sql = need("psycopg.sql")
    connection.execute("SELECT set_config(%s, %s, true)", (setting.name, setting.value))
    who = sql.SQL("ALTER DATABASE {}").format(database)
    if setting.role is not None:
        who = sql.SQL("ALTER ROLE {} IN DATABASE {}").format(sql.Identifier(setting.role), database)
    name = sql.SQL(".").join(sql.Identifier(part) for part in setting.name.split("."))
    try:
        connection.execute(sql.SQL("{} SET {} FROM CURRENT").format(who, name))
    except need("psycopg.errors").InsufficientPrivilege as exc:
        raise WebopsError(
            f"The role in database_url may not give the new database the setting {setting.name} that the old one has.",
            hint="Use a superuser, or GRANT SET ON PARAMETER to it; nothing was replaced.",
        ) from exc


def _apply_grant(connection: Connection[t.Any], database: t.Any, grant: Grant) -> None:
    sql = need("psycopg.sql")
    role = sql.SQL("PUBLIC") if grant.role is None else sql.Identifier(grant.role)
    query = sql.SQL(f"GRANT {grant.privilege} ON DATABASE {{}} TO {{}}").format(database, role)
    connection.execute(query + sql.SQL(" WITH GRANT OPTION") if grant.grantable and grant.role is not None else query)
