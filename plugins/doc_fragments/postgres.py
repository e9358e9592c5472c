# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of every module that talks to a PostgreSQL server."""

from __future__ import annotations


class ModuleDocFragment:
    """C(holdfast.webops.postgres) is the connection, C(holdfast.webops.postgres.programs) the place of PostgreSQL's own programs."""

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
