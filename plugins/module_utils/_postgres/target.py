# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a restore needs of the target server, asked before anything is touched."""

from __future__ import annotations

import dataclasses
import os
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
# Relations, types, functions and large objects of users; what an extension brought, and its own schema, may be there.
_CONTENTS = """
SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) FROM (
  SELECT 'pg_class'::regclass::oid AS classid, oid AS objid, relnamespace AS namespace FROM pg_class
  WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc
) d JOIN pg_namespace n ON n.oid = d.namespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')
ORDER BY 1 LIMIT 4
"""
_PRESENT = "SELECT rolname FROM pg_roles"


@dataclasses.dataclass(frozen=True)
class Target:
    """What the server and the connecting role can do. `owns_target`: the role may rename the database to be replaced.

    `free_room` are the bytes free on the server's disk, None where the server is elsewhere."""

    server_major: int
    superuser: bool
    creates_databases: bool
    ends_sessions: bool
    owns_target: bool
    extensions: frozenset[str]
    roles: frozenset[str]
    foreign_owners: tuple[str, ...]
    free_room: int | None = None


def read_target(connection: Connection[t.Any], database: str, owners: t.Sequence[str]) -> Target:
    """Ask the server; `owners` are the roles that own something in the backup."""
    rights = connection.execute(_RIGHTS, (database,)).fetchone()
    if rights is None:
        raise WebopsError("The server does not list the role that this connection uses.")
    extensions = frozenset(name for (name,) in connection.execute(_AVAILABLE).fetchall())
    roles = frozenset(name for (name,) in connection.execute(_PRESENT).fetchall())
    foreign = tuple(name for (name,) in connection.execute(_NOT_MEMBER, (list(owners),)).fetchall())
    room = _free_room(connection)
    fields = [connection.info.server_version // 10000, *rights, extensions, roles, foreign, room]
    return Target(*fields)


def _is_here(connection: Connection[t.Any]) -> bool:
    """Whether the server runs on this host, and is seen to: its process is one of ours. An address would lie behind a tunnel."""
    try:
        with open(f"/proc/{connection.info.backend_pid}/comm", encoding="ascii") as file:
            return file.read().startswith("postgres")
    except OSError:
        return False


def _free_room(connection: Connection[t.Any]) -> int | None:
    """A server's processes work in its data directory, so that one that runs on this host shows where its disk is."""
    if not _is_here(connection):
        return None
    try:
        status = os.statvfs(f"/proc/{connection.info.backend_pid}/cwd/.")
    except OSError:
        return None
    return status.f_bavail * status.f_frsize


def check_server_room(target: Target, size: int) -> None:
    """Refuse a server on this host whose disk is too small for a database of `size` bytes. Pure."""
    if target.free_room is not None and target.free_room < size:
        raise WebopsError(
            f"The database took {size} bytes in its source, the disk of the target server has {target.free_room} bytes free.",
            hint="Free space there (databases named *_replaced_* are old ones that were kept), or restore into another server.",
        )


def check_contents(target: Target, manifest: t.Mapping[str, t.Any]) -> None:
    """Refuse a server that is older than the source or lacks an extension. Pure."""
    if target.server_major < (manifest["server"]["major"] or 0):
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


def check_empty(connection: Connection[t.Any], database: str) -> None:
    """Refuse a database that has anything of its own in it."""
    found = [name for (name,) in connection.execute(_CONTENTS).fetchall()]
    if found:
        raise WebopsError(
            f"Database {database} is not empty: it has {', '.join(found[:3])}{' and more' if len(found) > 3 else ''}.",
            hint="Name an empty database, or restore with into: new, which puts the backup in its place.",
        )


def check_filling_rights(target: Target, manifest: t.Mapping[str, t.Any], owner: str | None) -> None:
    """Refuse a role that could not give what it restores to its owners, and a server that lacks roles. Pure."""
    _check_roles(target, manifest, owner)


def check_replacing_rights(target: Target, manifest: t.Mapping[str, t.Any], owner: str | None) -> None:
    """Refuse a role that could not finish what it begins, and a server that lacks roles. Pure."""
    check_scratch_rights(target)
    if not (target.superuser or target.owns_target):
        raise WebopsError(
            "The role in database_url does not own the target database and cannot rename it.", hint="Use an administrator's connection."
        )
    if not (target.superuser or target.ends_sessions):
        raise WebopsError("The role in database_url may not end the sessions of others.", hint="GRANT pg_signal_backend to it.")
    _check_roles(target, manifest, owner)


def _check_roles(target: Target, manifest: t.Mapping[str, t.Any], owner: str | None) -> None:
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
