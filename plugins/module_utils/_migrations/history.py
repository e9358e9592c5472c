# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine wants of a history format. `supabase.py` is one."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import SqlFile
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script

Rows = t.Sequence[t.Tuple[t.Any, ...]]


class Database(t.Protocol):
    """The session in which a history is read and written."""

    def rows(self, query: str, parameters: t.Sequence[t.Any] | None = None) -> Rows:
        """Run one query and return its rows (empty for a command)."""


@dataclasses.dataclass(frozen=True)
class Applied:
    """A migration of which the database says that it ran. `digest`: see History.digest, None where the history kept no text."""

    version: str
    name: str
    digest: str | None


class History(t.Protocol):
    """How one tool remembers in the database what it ran."""

    tool: str
    table: str
    journal: str
    lock_key: int

    def read(self, database: Database) -> dict[str, Applied]:
        """What was applied, by version, in the order of the versions. One query; empty when there is no history yet."""

    def create(self, database: Database) -> None:
        """Make the history table the way the tool makes it. Called inside a transaction, only when something is pending."""

    def digest(self, content: bytes) -> str:
        """Equal for a file and its history row when the file was not edited since, whatever version of the tool wrote the row."""

    def add(self, database: Database, file: SqlFile, script: Script) -> None:
        """Record a migration."""

    def remove(self, database: Database, version: str) -> None:
        """Forget a migration."""
