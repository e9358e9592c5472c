# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which relation a name means at each point of a run: one that was there before, or one that the run itself made."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.actions import TEMPORARY
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.catalog import Check, Details, Relation, Surroundings
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Action, Name

_MAKES = ("CREATE TABLE", "CREATE VIEW", "CREATE MATERIALIZED VIEW", "CREATE OR REPLACE VIEW")
_MAKES_INDEX = ("CREATE INDEX", "CREATE INDEX CONCURRENTLY")
_UNMAKES = ("DROP TABLE", "DROP VIEW", "DROP MATERIALIZED VIEW", "DROP SEQUENCE", "DROP INDEX", "DROP INDEX CONCURRENTLY")
_MOVES = ("RENAME", "SET SCHEMA")


class Tables:
    """Follows a run, action by action, file by file."""

    def __init__(self, around: Surroundings, relations: t.Iterable[Relation], details: Details) -> None:
        self.around = around
        self._known: dict[Name, Relation | None] = {relation.name: relation for relation in relations}
        self._details = details
        self._checks = dict(details.checks)
        self._columns = dict(details.columns)
        self._made: set[tuple[str, str]] = set()
        self._path = around.path

    def begin_file(self) -> None:
        """Each file begins with the session's own settings."""
        self._path = self.around.path

    def find(self, name: Name | None) -> Relation | None:
        """What a name means now; None for what is not there."""
        if name is None:
            return None
        candidates = [name] if name.schema else [Name(schema, name.name) for schema in (TEMPORARY, *self._path)]
        return next((found for found in map(self._known.get, candidates) if found is not None), None)

    def existed(self, kind: str, name: Name | None) -> bool:
        """Whether a SCHEMA, TYPE or FUNCTION, of which only the name is looked at, was there before this run."""
        if name is None or (kind, name.name) in self._made:
            return False
        known = {"SCHEMA": self.around.schemas, "FUNCTION": self._details.volatile, "TYPE": self._details.types}
        return name.name in known[kind]

    def column(self, table: Relation, column: str) -> tuple[str, bool] | None:
        """Type of a column, and whether it is NOT NULL, as they were before the run; None also for one that the run has dropped."""
        return self._columns.get((table.oid, column)) if table.oid is not None else None

    def checks(self, table: Relation) -> list[Check]:
        return [check for (oid, _name), check in self._checks.items() if oid == table.oid]

    def tables_behind(self, action: Action) -> list[Name]:
        """The tables to which foreign keys point that go with what an action drops."""
        table = self.find(action.table)
        keys = [key for key in self._details.foreign_keys if table is not None and key.table == table.oid]
        if action.kind == "DROP TABLE":
            return [key.other for key in keys]
        if action.kind == "ALTER TABLE DROP CONSTRAINT":
            return [key.other for key in keys if key.name == action.column]
        if action.kind == "ALTER TABLE DROP COLUMN":
            return [key.other for key in keys if action.column in key.columns]
        return []

    def is_volatile(self, function: str) -> bool:
        """A function that the database does not know yet may be anything."""
        return self._details.volatile.get(function, True)

    def follow_perhaps(self, action: Action) -> None:
        """What holds after an action that may not have run: nothing is gone, and nothing old counts as new."""
        if action.kind in _MAKES and action.table is not None:
            self._make(self._in_path(action.table), guarded=True)
        elif action.kind in _MAKES_INDEX:
            self._make_index(action)

    def follow(self, action: Action) -> None:
        """What holds after an action."""
        kind, name = action.kind, action.table
        if kind == "SET SEARCH PATH":
            self._path = action.detail
        elif name is None:
            return
        elif kind in _MAKES:
            self._make(self._in_path(name), guarded=bool(action.detail) or "REPLACE" in kind)
        elif kind in _MAKES_INDEX:
            self._make_index(action)
        elif kind in ("CREATE TYPE", "CREATE SCHEMA", "CREATE FUNCTION"):
            self._made.add((kind.split()[1], name.name))
        elif kind in _UNMAKES:
            self._forget(name)
        elif kind.endswith(_MOVES) and action.other is not None:
            self._move(name, action.other)
        elif kind in ("ALTER TABLE ADD CHECK", "ALTER TABLE VALIDATE CONSTRAINT"):
            self._check(action)
        elif kind == "ALTER TABLE DROP COLUMN":
            self._drop_column(action)

    def _in_path(self, name: Name) -> Name:
        return name if name.schema else Name(next(iter(self._path), "public"), name.name)

    def _make(self, name: Name, *, guarded: bool) -> None:
        """IF NOT EXISTS and OR REPLACE keep what is there."""
        if not guarded or self._known.get(name) is None:
            self._known[name] = Relation(name)

    def _make_index(self, action: Action) -> None:
        table = self.find(action.table)
        if table is not None and action.other is not None:
            name = Name(table.name.schema, action.other.name)
            if self._known.get(name) is None:
                self._known[name] = Relation(name, kind="i", table=table.name)

    def _forget(self, name: Name) -> None:
        relation = self.find(name)
        if relation is not None:
            self._known[relation.name] = None

    def _move(self, name: Name, other: Name) -> None:
        relation = self.find(name)
        if relation is not None:
            self._known[relation.name] = None
            moved = Name(other.schema or relation.name.schema, other.name)
            self._known[moved] = relation._replace(name=moved)

    def _drop_column(self, action: Action) -> None:
        table = self.find(action.table)
        if table is not None and table.oid is not None:
            self._columns.pop((table.oid, action.column), None)

    def _check(self, action: Action) -> None:
        table = self.find(action.table)
        if table is None or table.oid is None:
            return
        key = (table.oid, action.column or f"unnamed {len(self._checks)}")
        if action.kind == "ALTER TABLE ADD CHECK":
            text = " ".join(action.detail)
            self._checks[key] = Check(text.replace(" NOT VALID", ""), not text.endswith(" NOT VALID"))
        elif key in self._checks:
            self._checks[key] = self._checks[key]._replace(is_valid=True)
