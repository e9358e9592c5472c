# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three ways to a project's database, and which of them an address is. Pure; no secret leaves it.

https://supabase.com/docs/guides/database/connecting-to-postgres: the direct connection, the pooler in session mode (port 5432), and
in transaction mode (port 6543), which gives each transaction another session.
"""

from __future__ import annotations

import typing as t
import urllib.parse

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError

DIRECT, SESSION, TRANSACTION, OTHER = "direct", "session", "transaction", "other"
SESSION_PORT, TRANSACTION_PORT = 5432, 6543
POOLERS = ".pooler.supabase.com"
# They take locks, set variables or read one snapshot through many statements.
NEED_A_SESSION = frozenset(["migrations", "backup", "restore"])


class Address(t.NamedTuple):
    """What of a database's address says where it leads."""

    host: str
    port: int
    user: str
    pgbouncer: bool


def addresses(project_ref: str, database: t.Mapping[str, t.Any], pooler: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The address of each way, without a password. `database` is the project's, `pooler` that of its primary."""
    name = str(pooler.get("db_name") or "postgres")
    user = str(pooler.get("db_user") or f"postgres.{project_ref}")
    return {
        DIRECT: built("postgres", str(database.get("host") or f"db.{project_ref}.supabase.co"), SESSION_PORT, name),
        SESSION: built(user, str(pooler.get("db_host")), SESSION_PORT, name),
        TRANSACTION: built(user, str(pooler.get("db_host")), int(pooler.get("db_port") or TRANSACTION_PORT), name),
    }


def built(user: str, host: str, port: int, name: str) -> str:
    """An address in the form that libpq and Prisma read."""
    bracketed = f"[{host}]" if ":" in host else host
    return f"postgresql://{urllib.parse.quote(user, safe='')}@{bracketed}:{port}/{urllib.parse.quote(name, safe='')}"


def read(database_url: str) -> Address:
    """The parts of an address. InputError without the address: it holds a password."""
    try:
        parts = urllib.parse.urlsplit(database_url)
        port = parts.port
    except ValueError:
        raise InputError("database_url: this is not the address of a database.", hint="An IPv6 address goes into [ ].") from None
    if parts.scheme not in {"postgres", "postgresql"} or not parts.hostname:
        raise InputError("database_url: this is not the address of a database.", hint="It begins with postgresql:// and names a host.")
    query = dict(urllib.parse.parse_qsl(parts.query))
    return Address(parts.hostname, port or SESSION_PORT, urllib.parse.unquote(parts.username or ""), query.get("pgbouncer") == "true")


def kind_of(address: Address, project_ref: str, database_host: str) -> str:
    """Which way it is; `other` for a server that is neither the project's nor its pooler."""
    if address.host in {database_host, f"db.{project_ref}.supabase.co"}:
        # The dedicated pooler listens beside the database.
        return TRANSACTION if address.port == TRANSACTION_PORT else DIRECT
    if not address.host.endswith(POOLERS):
        return OTHER
    return TRANSACTION if address.port == TRANSACTION_PORT else SESSION


def problems(address: Address, kind: str, project_ref: str, purpose: str) -> list[str]:
    """What is wrong with an address for a purpose; empty when nothing is."""
    found = []
    if kind == OTHER:
        found.append(f"{address.host} is neither the database of project {project_ref} nor its pooler.")
    if kind == TRANSACTION and purpose in NEED_A_SESSION:
        found.append(
            f"Port {address.port} is the pooler in transaction mode, which keeps no session, and {purpose} needs one: "
            f"use the direct connection or the pooler's port {SESSION_PORT}."
        )
    pooled = address.host.endswith(POOLERS)
    if pooled and not address.user.endswith(f".{project_ref}"):
        found.append(f"The pooler finds a project by the user: '{address.user}' should be postgres.{project_ref}.")
    if kind == DIRECT and "." in address.user:
        found.append(f"'{address.user}' is a user for the pooler; the direct connection knows it as '{address.user.partition('.')[0]}'.")
    if kind == TRANSACTION and purpose == "application" and not address.pgbouncer:
        found.append("Prepared statements do not work in transaction mode: add ?pgbouncer=true for Prisma, or switch them off.")
    return found
