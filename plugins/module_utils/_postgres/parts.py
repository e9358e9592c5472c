# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection given as a URL or as its parts; both become what libpq reads."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

TLS_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
# Our option: libpq's keyword.
_KEYWORDS = {
    "host": "host",
    "port": "port",
    "database": "dbname",
    "user": "user",
    "password": "password",
    "sslmode": "sslmode",
    "sslrootcert": "sslrootcert",
    "sslcert": "sslcert",
    "sslkey": "sslkey",
}


def connection_spec() -> dict[str, dict[str, t.Any]]:
    """For AnsibleModule; described in the documentation fragment `postgres.parts`."""
    return {
        "database_url": {"type": "str", "no_log": True},
        "host": {"type": "str"},
        "port": {"type": "int"},
        "database": {"type": "str", "aliases": ["dbname"]},
        "user": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "sslmode": {"type": "str", "choices": TLS_MODES},
        "sslrootcert": {"type": "str"},
        "sslcert": {"type": "path"},
        "sslkey": {"type": "path", "no_log": False},
    }


def database_url_of(params: t.Mapping[str, t.Any]) -> str:
    """The URL as given, or the parts as a libpq connection string. Raises InputError where it is neither or both."""
    given = {option: params[option] for option in _KEYWORDS if params.get(option) is not None}
    url = params.get("database_url")
    if url is not None and given:
        raise InputError(
            f"database_url and {', '.join(given)} say the same thing twice.", hint="Give either database_url or host, database and user."
        )
    if url is not None:
        return str(url)
    missing = [option for option in ("host", "database", "user") if option not in given]
    if missing:
        raise InputError(
            f"No connection is given: {', '.join(missing)} missing.", hint="Give either database_url or host, database and user."
        )
    return str(need("psycopg.conninfo").make_conninfo(**{_KEYWORDS[option]: value for option, value in given.items()}))
