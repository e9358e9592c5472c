# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module that talks to a PostgreSQL server."""

from __future__ import annotations


class ModuleDocFragment:
    """Ways to a database.

    C(holdfast.webops.postgres) is the connection, C(holdfast.webops.postgres.parts) the same in parts too, and
    C(holdfast.webops.postgres.programs) the place of PostgreSQL's own programs.
    """

    DOCUMENTATION = r"""
requirements:
  - psycopg (Python library, version 3)
options:
  database_url:
    description:
      - Connection to the database as a URL, V(postgresql://user:password@host:5432/database); special characters of user and password
        are percent-encoded.
      - A transaction-mode pooler (port 6543, or C(pgbouncer=true)) is refused; use the direct connection or the session pooler.
    type: str
    required: true
"""

    PARTS = r"""
requirements:
  - psycopg (Python library, version 3)
options:
  database_url:
    description:
      - Connection to the database as a URL, V(postgresql://user:password@host:5432/database); special characters of user and password
        are percent-encoded.
      - Either this, or O(host), O(database) and O(user) with the other parts.
      - A transaction-mode pooler (port 6543, or C(pgbouncer=true)) is refused; use the direct connection or the session pooler.
    type: str
  host:
    description: The name or address of the server, or the directory of its socket.
    type: str
  port:
    description: The port of the server, as libpq 5432 where it is not given. V(6543) is taken for a transaction-mode pooler and refused.
    type: int
  database:
    description: The database.
    type: str
    aliases: [dbname]
  user:
    description: The user who connects.
    type: str
  password:
    description: The user's password. Not given, libpq looks into E(PGPASSWORD) and the password file.
    type: str
  sslmode:
    description: How the connection is encrypted and what is checked of the server's certificate, as in libpq.
    type: str
    choices: [disable, allow, prefer, require, verify-ca, verify-full]
  sslrootcert:
    description: The file with the certificates of the authorities to trust, or V(system) for those of the operating system.
    type: str
  sslcert:
    description: The file with the client's certificate.
    type: path
  sslkey:
    description: The file with the key of O(sslcert).
    type: path
"""

    PROGRAMS = r"""
requirements:
  - pg_dump and pg_restore (PostgreSQL client programs)
options:
  pg_bin_dir:
    description:
      - Directory with pg_dump and pg_restore.
      - Left out, the oldest version that fits is taken from E(PATH), C(/usr/lib/postgresql/*/bin) and C(/usr/pgsql-*/bin).
    type: path
"""
