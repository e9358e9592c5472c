# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a `database_url` to an open connection, or to one sentence that says why there is none and holds no secret."""

from __future__ import annotations

import re
import typing as t
from urllib.parse import parse_qsl, urlencode

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

if t.TYPE_CHECKING:
    from psycopg import Connection

SCHEMES = ("postgresql://", "postgres://")
POOLER_PORT = "6543"

# Query parameters that Prisma, Supabase and application pools put into a URL; libpq refuses a URL that holds one.
FOREIGN_PARAMETERS = frozenset(
    [
        "connection_limit",
        "pgbouncer",
        "pool_timeout",
        "schema",
        "socket_timeout",
        "sslaccept",
        "sslidentity",
        "statement_cache_size",
        "supa",
        "workaround",
    ]
)

# A migration or a dump may be silent for minutes: without keepalives a firewall forgets the connection.
DEFAULTS = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "6", "client_encoding": "UTF8"}

HINTS = (
    ("password authentication failed", "Check the user and the password in database_url."),
    ("no password supplied", "Put the password into database_url."),
    ("could not translate host name", "Check the host name in database_url and the name resolution of this host."),
    ("failed to resolve host", "Check the host name in database_url and the name resolution of this host."),
    ("Connection refused", "Check host and port in database_url, and that the server runs and listens there."),
    ("No such file or directory", "Check the socket directory in database_url, and that the server runs."),
    ("timeout expired", "Check host and port in database_url, and the firewalls on the way."),
    ("timed out", "Check host and port in database_url, and the firewalls on the way."),
    ("no pg_hba.conf entry", "Allow this host, user and database in pg_hba.conf (or in the network restrictions of the provider)."),
    ("SSL", "Check sslmode, sslrootcert and the certificate of the server."),
    ("certificate", "Check sslmode, sslrootcert and the certificate of the server."),
    ("too many clients", "Free a connection of that server, or raise max_connections."),
    ("remaining connection slots", "Free a connection of that server, or raise max_connections."),
    ("starting up", "Run again when the server has started."),
    ("shutting down", "Run again when the server is back."),
    ("does not exist", "Create it first, or correct database_url."),
)


def connection_parameters(database_url: str) -> dict[str, str]:
    """The libpq parameters (``host``, ``port``, ``user``, ``password``, ``dbname``, ``sslmode``, ...) in a URL or a key=value string.

    Raises InputError without quoting anything that may be a piece of a password.
    """
    psycopg = need("psycopg")
    _refuse_second_at(database_url)
    try:
        parameters: dict[str, t.Any] = need("psycopg.conninfo").conninfo_to_dict(_without_foreign_parameters(database_url))
    except psycopg.ProgrammingError:
        raise InputError(
            "database_url is not a PostgreSQL connection URL.",
            hint="Write postgresql://user:password@host:5432/database, every special character of user and password percent-encoded.",
        ) from None
    ports = str(parameters.get("port") or "")
    if not all(port.isdigit() for port in ports.split(",") if port):
        raise InputError(
            "The port in database_url is not a number.",
            hint="Percent-encode the special characters (such as / @ : ?) of user and password.",
        )
    return {keyword: str(value) for keyword, value in parameters.items() if value is not None}


def _refuse_second_at(database_url: str) -> None:
    """libpq ends the password at the first @ and would take the rest of it for host or database, which messages show."""
    if database_url.startswith(SCHEMES) and database_url.partition("?")[0].count("@") > 1:
        raise InputError(
            "database_url holds more than one @.", hint="Percent-encode the special characters (such as / @ : ?) of user and password."
        )


def _without_foreign_parameters(database_url: str) -> str:
    if not database_url.startswith(SCHEMES) or "?" not in database_url:
        return database_url
    address, _mark, query = database_url.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name not in FOREIGN_PARAMETERS]
    # libpq reads %20, not +, as a blank.
    return address + ("?" + urlencode(kept).replace("+", "%20") if kept else "")


def foreign_parameter(database_url: str, name: str) -> str | None:
    """The value of a query parameter that is not libpq's, such as `schema` or `pgbouncer`."""
    query = database_url.partition("?")[2] if database_url.startswith(SCHEMES) else ""
    return dict(parse_qsl(query)).get(name)


def described(parameters: t.Mapping[str, str]) -> str:
    """Where a connection goes, for messages: no secret in it."""
    host = parameters.get("host") or parameters.get("hostaddr") or "the local socket"
    port = f":{parameters['port']}" if parameters.get("port") else ""
    user = f" as user {parameters['user']}" if parameters.get("user") else ""
    return f"database {parameters.get('dbname') or '(default)'} at {host}{port}{user}"


def refuse_transaction_pooler(database_url: str) -> None:
    """A transaction-mode pooler gives every transaction another session: advisory locks, SET and CONCURRENTLY do not survive that."""
    pooled = (foreign_parameter(database_url, "pgbouncer") or "").lower()
    ports = connection_parameters(database_url).get("port", "").split(",")
    if pooled == "true" or (pooled != "false" and POOLER_PORT in ports):
        raise InputError(
            "The connection leads to a transaction-mode pooler (port 6543 or pgbouncer=true), which cannot hold a session: "
            "no lock, no SET and no dump would last.",
            hint="Use the direct connection or the session pooler, port 5432. A server that is no pooler says so with ?pgbouncer=false.",
        )


def libpq_environment(database_url: str) -> dict[str, str]:
    """The same parameters as environment variables (PGHOST, PGPASSWORD, ...) for pg_dump, psql and their kind."""
    names = {option.keyword.decode(): option.envvar.decode() for option in need("psycopg.pq").Conninfo.get_defaults() if option.envvar}
    parameters = connection_parameters(database_url)
    return {names[keyword]: value for keyword, value in parameters.items() if keyword in names}


def connect(
    database_url: str, *, application_name: str, connect_timeout: int = 10, autocommit: bool = True, session_needed: bool = True
) -> Connection[t.Any]:
    """Open a connection (rows are tuples, times in seconds). ``session_needed``: refuse a transaction-mode pooler.

    Raises InputError for a bad URL and WebopsError when the server cannot be reached or lets nobody in.
    """
    if session_needed:
        refuse_transaction_pooler(database_url)
    psycopg = need("psycopg")
    parameters = connection_parameters(database_url)
    own = {"application_name": application_name, "connect_timeout": str(connect_timeout)}
    try:
        # Prepared statements are off: they would not survive a pooler, and nothing here runs often enough to gain by them.
        connection: Connection[t.Any] = psycopg.connect(**{**DEFAULTS, **parameters, **own}, autocommit=autocommit, prepare_threshold=None)
    except psycopg.Error as exc:
        raise unreachable(parameters, str(exc)) from None
    return connection


def unreachable(parameters: t.Mapping[str, str], reason: str) -> WebopsError:
    """The error for a connection that failed with libpq's ``reason``."""
    # libpq asks back whether the server runs; the hint says so.
    text = " ".join(re.sub(r"\s+Is the server running[^?]*\?", ";", reason).split())
    hint = next((hint for needle, hint in HINTS if needle in text), "")
    return WebopsError(f"Cannot connect to {described(parameters)}: {text.rstrip('.;')}.", hint=hint)
