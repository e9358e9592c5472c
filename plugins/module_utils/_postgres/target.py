# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a restore needs of the target server, asked before anything is touched."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

if t.TYPE_CHECKING:
    from psycopg import Connection

_RIGHTS = """
SELECT r.rolsuper, r.rolcreatedb, pg_has_role(r.oid, 'pg_signal_backend', 'MEMBER'),
       coalesce((SELECT pg_has_role(r.oid, d.datdba, 'MEMBER') FROM pg_database d WHERE d.datname = %s), true)
FROM pg_roles r WHERE r.rolname = current_user
"""
_NOT_MEMBER = "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND NOT pg_has_role(current_user, oid, 'MEMBER') ORDER BY 1"
_AVAILABLE = "SELECT name FROM pg_available_extensions"
_PRESENT = "SELECT rolname FROM pg_roles"


@dataclasses.dataclass(frozen=True)
class Target:
    """What the server and the connecting role can do. `owns_target`: the role may rename the database to be replaced."""

    server_major: int
    superuser: bool
    creates_databases: bool
    ends_sessions: bool
    owns_target: bool
    extensions: frozenset[str]
    roles: frozenset[str]
    foreign_owners: tuple[str, ...]


def read_target(connection: Connection[t.Any], database: str, owners: t.Sequence[str]) -> Target:
    """Ask the server; `owners` are the roles that own something in the backup."""
    rights = connection.execute(_RIGHTS, (database,)).fetchone()
    if rights is None:
        raise WebopsError("The server does not list the role that this connection uses.")
    extensions = frozenset(name for (name,) in connection.execute(_AVAILABLE).fetchall())
    roles = frozenset(name for (name,) in connection.execute(_PRESENT).fetchall())
    foreign = tuple(name for (name,) in connection.execute(_NOT_MEMBER, (list(owners),)).fetchall())
    fields = [connection.info.server_version // 10000, *rights, extensions, roles, foreign]
    return Target(*fields)


def check_contents(target: Target, manifest: t.Mapping[str, t.Any]) -> None:
    """Refuse a server that is older than the source or lacks an extension. Pure."""
    if target.server_major < manifest["server"]["major"]:
        raise WebopsError(
            f"The backup comes from PostgreSQL {manifest['server']['major']}, the target server is only {target.server_major}.",
            hint="Restore into a server of the same major version or a newer one.",
        )
    missing = sorted(set(manifest["extensions"]) - target.extensions)
    if missing:
        raise WebopsError(
            f"The target server cannot create the extension {', '.join(missing)} that the backup needs.",
            hint="Install it on the server (postgresql-contrib, or its own package).",
            missing_extensions=missing,
        )


def check_scratch_rights(target: Target) -> None:
    """Refuse a role that cannot make a database. Pure."""
    if not (target.superuser or target.creates_databases):
        raise WebopsError(
            "The role in database_url may not create databases.", hint="Use an administrator's connection, or ALTER ROLE ... CREATEDB."
        )


def check_replacing_rights(target: Target, manifest: t.Mapping[str, t.Any], owner: str | None) -> None:
    """Refuse a role that could not finish what it begins, and a server that lacks roles. Pure."""
    check_scratch_rights(target)
    if not (target.superuser or target.owns_target):
        raise WebopsError(
            "The role in database_url does not own the target database and cannot rename it.", hint="Use an administrator's connection."
        )
    if not (target.superuser or target.ends_sessions):
        raise WebopsError("The role in database_url may not end the sessions of others.", hint="GRANT pg_signal_backend to it.")
    missing = sorted(({owner} if owner else set(manifest["roles"])) - target.roles)
    if missing:
        raise WebopsError(
            f"The target server lacks the role {', '.join(missing)} that the restored objects shall belong to or be used by.",
            hint="Create it first, or set owner to one role that shall own everything.",
            missing_roles=missing,
        )
    if target.foreign_owners and not target.superuser:
        raise WebopsError(
            f"The role in database_url is not a member of {', '.join(target.foreign_owners)} and cannot give it what it owned.",
            hint="GRANT that role to it, or use a superuser.",
        )
