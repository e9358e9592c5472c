# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the server says when it refuses a row, in a sentence.

Never its DETAIL, which may quote the whole row that is in the table. Of rows whose values are secret not even its message.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.documents import Row, Seed

if t.TYPE_CHECKING:
    from psycopg import Error

LOCK_NOT_AVAILABLE = "55P03"
# A deadlock, and two runs or a user who change the same rows: over when it is tried again.
_PASSING = ("40001", "40P01", LOCK_NOT_AVAILABLE)
_HINTS = {
    "21000": "Two rows have the same key once the server has read them; remove one.",
    "22P02": "Correct the value, or the type of the column in a migration.",
    "23502": "Give the row that column, or the column a default.",
    "23503": "Put the table that the row refers to before this one, and the row into it.",
    "23505": "Another row has that value already; recognise rows by that column (key), or correct the value.",
    "25006": "The server is a read-only replica, or the database is set read-only: use the primary.",
    "42501": "Grant the user who connects what the statement needs, or connect as the role that owns the table.",
    "428C9": "Make that column the key, or leave it out of the rows.",
    "57014": "Raise statement_timeout (or the server's own limit), or split the file.",
    LOCK_NOT_AVAILABLE: "Somebody holds rows of the table; run again when they have ended, or raise lock_timeout.",
}
_LOST = "Run again when the server is back: it undoes what was not committed, and what is there is not written again."
_UNSEEN = "The server's own words are not shown, because these rows may be secret."


class SeedError(WebopsError):
    """The server refused. `signature` tells one refusal from another; `is_passing`: another try may succeed."""

    def __init__(self, message: str, *, hint: str, exc: Error) -> None:
        super().__init__(message, hint=hint, sqlstate=exc.sqlstate)
        self.is_passing = exc.sqlstate in _PASSING
        self.signature = (exc.sqlstate, exc.diag.constraint_name, exc.diag.column_name)


def refused(exc: Error, seed: Seed, row: Row | None = None) -> SeedError:
    """The error of a statement about these rows; `row` where it is known which one it was."""
    state = exc.sqlstate
    if not state:
        return SeedError(f"{seed.place()}: the connection to the server was lost.", hint=_LOST, exc=exc)
    said = _condition(exc) if seed.is_secret else " ".join((exc.diag.message_primary or "").split()).rstrip(".")
    facts = [f"SQLSTATE {state}", _named("constraint", exc.diag.constraint_name), _named("column", exc.diag.column_name)]
    known = ", ".join(fact for fact in facts if fact)
    hint = " ".join(filter(None, [_HINTS.get(state, ""), _UNSEEN if seed.is_secret else ""]))
    return SeedError(f"{seed.place(row)}: PostgreSQL refuses it: {said} ({known}). No row was changed.", hint=hint, exc=exc)


def _condition(exc: Error) -> str:
    """The name of what happened: UniqueViolation as `unique violation`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(exc).__name__).lower()


def _named(what: str, name: str | None) -> str:
    return f"{what} {name}" if name else ""
