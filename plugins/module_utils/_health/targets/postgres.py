# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kind postgres: the database, and what is asked of it. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError


@dataclasses.dataclass(frozen=True)
class PostgresTarget:
    """A database that must let us in and answer `query`; its first value must read as `expected` unless that is None.

    `sized` says that its size is wanted, which a server with many files takes long to add up.
    """

    database_url: str
    query: str
    expected: t.Optional[str]
    sized: bool = False


def read(options: t.Mapping[str, t.Any]) -> PostgresTarget:
    expected = options["expect_value"]
    if expected is not None and options["query"] is None:
        raise InputError(
            f"The check '{options['name']}' expects a value, but has no query that would give one.",
            hint="Set query, or remove expect_value.",
        )
    return PostgresTarget(
        options["database_url"],
        options["query"] or "select 1",
        None if expected is None else reads_as(expected),
        sized="database_bytes" in (options.get("thresholds") or {}),
    )


def reads_as(value: t.Any) -> str:
    """A value of YAML or of a database as text, so that 1 equals '1' and true equals 'true'."""
    return str(value).lower() if isinstance(value, bool) else str(value)
