# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine wants of a history format. `supabase.py` is one."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import Layout, SqlFile
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script

Rows = t.Sequence[t.Tuple[t.Any, ...]]


class Database(t.Protocol):
    """The session in which a history is read and written."""

    def rows(self, query: str, parameters: t.Sequence[t.Any] | None = None) -> Rows:
        """Run one query and return its rows (empty for a command)."""


class Applied(t.NamedTuple):
    """A migration of which the database says that it ran. `digest`: see History.matches, None where the history kept no text.

    `title`: what people call it where that is not `<version>_<name>`.
    """

    version: str
    name: str
    digest: str | None
    title: str = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return self.title or f"{self.version}_{self.name}"


class State(t.NamedTuple):
    """What the history says. `applied` by version, in the order of the versions.

    `failed`: versions of which the history itself says that they began and did not end, with what it noted about the failure.
    `obstacle`: why the vendor's tool would apply nothing to this database; empty when it would.
    """

    applied: t.Mapping[str, Applied] = {}
    failed: t.Mapping[str, str] = {}
    obstacle: str = ""


class History(t.Protocol):
    """How one tool remembers in the database what it ran.

    `lock_key` keeps other runs of ours out, `foreign_lock_key` the vendor's tool, where that takes a lock.
    `records_failures`: whether `State.failed` can hold anything. `search_path`: what the tool sets before each file, as SQL.
    """

    tool: str
    layout: Layout
    table: str
    journal: str
    lock_key: int
    foreign_lock_key: int | None
    records_failures: bool
    search_path: str | None

    def read(self, database: Database) -> State:
        """What the history says; empty when there is none yet. At most two queries."""

    def create(self, database: Database) -> None:
        """Make the history table the way the tool makes it. Called inside a transaction, only when something is pending."""

    def matches(self, digest: str, content: bytes) -> bool:
        """Whether a row's digest is that of the file, whatever version of the tool wrote the row."""

    def begin(self, database: Database, file: SqlFile) -> None:
        """Note that a migration begins that takes more than one commit, in the transaction that is open."""

    def begin_rollback(self, database: Database, file: SqlFile) -> None:
        """The same for a rollback, so that the vendor's tool goes no further until `remove`."""

    def add(self, database: Database, file: SqlFile, script: Script) -> None:
        """Record a migration that ran, in the transaction that is open."""

    def finish(self, database: Database, file: SqlFile, script: Script) -> None:
        """The same for a migration that `begin` noted, perhaps in an earlier run."""

    def fail(self, database: Database, version: str, reason: str) -> None:
        """Note why a migration that `begin` noted has stopped."""

    def remove(self, database: Database, version: str) -> None:
        """Forget a migration that was rolled back, in the transaction that is open."""

    def baseline(self, database: Database, file: SqlFile, script: Script) -> None:
        """Record a migration that did not run here, in the place of an earlier record of it."""

    def repairable(self, state: State) -> t.Collection[str]:
        """The versions that `repair` would do something about."""

    def repair(self, database: Database, version: str) -> None:
        """Make a migration pending again, the way the tool's own repair does."""

    def stand_in(self, user: str) -> str | None:
        """The role that works in the place of a user, where the tool lets another one work."""
