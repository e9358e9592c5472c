# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules: one small function each. Whether a table is old and large enough to matter is decided before a rule is asked."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations import column_types, locks
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.catalog import PARTITIONED, Relation
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import PHASES
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.tables import Tables
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Action, Words

# Where a rule applies: to relations of any size that were there before, to large tables only, or to what is no relation.
EXISTING, LARGE, NO_RELATION = "existing", "large", "no relation"


class Case(t.NamedTuple):
    """One action where it stands. `earlier`: what runs before it in its transaction.

    `made_again`: its file makes a view or function of this name later.
    """

    action: Action
    relation: Relation | None
    tables: Tables
    phase: str
    earlier: t.Sequence[Action] = ()
    made_again: bool = False

    @property
    def old_code_runs(self) -> bool:
        return self.phase == PHASES[0]

    @property
    def words(self) -> Words:
        return Words(self.action.detail)


class Rule(t.NamedTuple):
    """`why` and `instead` are sentences for the author of the migration."""

    name: str
    scope: str
    why: str
    instead: str
    applies: t.Callable[[Case], bool]


RULES: dict[str, Rule] = {}
BY_KIND: dict[str, list[Rule]] = {}


Judgement = t.Callable[[Case], bool]


def _rule(name: str, *kinds: str, scope: str = LARGE, why: str, instead: str) -> t.Callable[[Judgement], Judgement]:
    def register(applies: Judgement) -> Judgement:
        RULES[name] = rule = Rule(name, scope, why, instead, applies)
        for kind in kinds:
            BY_KIND.setdefault(kind, []).append(rule)
        return applies

    return register


def _always(_case: Case) -> bool:
    return True


@_rule(
    "required-column",
    "ALTER TABLE ADD COLUMN",
    why="A NOT NULL column without a default fails on a table with rows, and the live release does not fill it.",
    instead="Add it with a constant DEFAULT, or nullable; fill it, and set NOT NULL in post_deployment.",
)
def _required_column(case: Case) -> bool:
    return column_types.needs_a_value(case.action.detail)


@_rule(
    "volatile-default",
    "ALTER TABLE ADD COLUMN",
    why="A default that differs from row to row rewrites the whole table, with readers and writers locked out.",
    instead="Add the column without it, ALTER COLUMN SET DEFAULT, then fill the old rows in batches.",
)
def _volatile_default(case: Case) -> bool:
    return any(map(case.tables.is_volatile, column_types.called_functions(column_types.default_of(case.action.detail))))


@_rule(
    "filled-column",
    "ALTER TABLE ADD COLUMN",
    why="A serial, identity or stored generated column rewrites the whole table, with readers and writers locked out.",
    instead="Add a plain nullable column, let a default or trigger fill new rows, and fill the old ones in batches.",
)
def _filled_column(case: Case) -> bool:
    return column_types.fills_every_row(case.action.detail)


@_rule(
    "type-change",
    "ALTER TABLE ALTER COLUMN TYPE",
    why="This change of type rewrites the whole table and its indexes, with readers and writers locked out.",
    instead="Add a column of the new type, keep both equal by a trigger, fill it in batches, switch the code, drop the old one later.",
)
def _type_change(case: Case) -> bool:
    column = case.tables.column(case.relation, case.action.column) if case.relation is not None else None
    return column is not None and column_types.rewrites(column[0], case.action.detail, case.action.column)


@_rule(
    "index-without-concurrently",
    "CREATE INDEX",
    why="Building an index keeps every writer waiting until it is done.",
    instead="CREATE INDEX CONCURRENTLY. Where partitioned: ON ONLY the parent, CONCURRENTLY on each partition, ALTER INDEX ATTACH.",
)
def _index_without_concurrently(case: Case) -> bool:
    partitioned = case.relation is not None and case.relation.kind == PARTITIONED
    return not (partitioned and "ONLY" in case.action.detail)


@_rule(
    "foreign-key-checked-at-once",
    "ALTER TABLE ADD FOREIGN KEY",
    why="Every row is checked while writers of both tables wait.",
    instead="ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in a later migration.",
)
def _foreign_key_checked_at_once(case: Case) -> bool:
    return not case.words.holds("NOT VALID")


@_rule(
    "check-checked-at-once",
    "ALTER TABLE ADD CHECK",
    "ALTER TABLE ADD NOT NULL",
    "ALTER TABLE ADD COLUMN",
    why="Every row is checked while readers and writers wait.",
    instead="ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in a later migration.",
)
def _check_checked_at_once(case: Case) -> bool:
    if case.action.kind == "ALTER TABLE ADD COLUMN":
        # A foreign key of a column without a default has nothing to check.
        with_default = bool(column_types.default_of(case.action.detail))
        return case.words.holds("CHECK (") or (with_default and case.words.holds("REFERENCES"))
    return not case.words.holds("NOT VALID")


@_rule(
    "unique-without-index",
    "ALTER TABLE ADD UNIQUE",
    "ALTER TABLE ADD PRIMARY KEY",
    "ALTER TABLE ADD EXCLUDE",
    "ALTER TABLE ADD COLUMN",
    why="The index of the constraint is built while readers and writers wait.",
    instead="CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX.",
)
def _unique_without_index(case: Case) -> bool:
    if case.action.kind == "ALTER TABLE ADD COLUMN":
        return case.words.holds("UNIQUE") or case.words.holds("PRIMARY KEY")
    return not case.words.holds("USING INDEX") or case.action.kind.endswith("EXCLUDE")


@_rule(
    "set-not-null",
    "ALTER TABLE ALTER COLUMN SET NOT NULL",
    why="Every row is looked at while readers and writers wait.",
    instead="ADD CONSTRAINT ... CHECK (column IS NOT NULL) NOT VALID, then VALIDATE CONSTRAINT in a later migration, then SET NOT NULL.",
)
def _set_not_null(case: Case) -> bool:
    relation, column = case.relation, case.action.column
    if relation is None or (case.tables.column(relation, column) or ("", False))[1]:
        return False
    return not any(check.is_valid and column_types.keeps_from_null(check.text, column) for check in case.tables.checks(relation))


@_rule(
    "validate-under-lock",
    "ALTER TABLE VALIDATE CONSTRAINT",
    why="The same transaction already holds a lock that keeps others waiting, and keeps it until every row is checked.",
    instead="Put VALIDATE CONSTRAINT into a migration of its own.",
)
def _validate_under_lock(case: Case) -> bool:
    same = (action for action in case.earlier if case.tables.find(action.table) == case.relation)
    return any(locks.on_table(action) in locks.BLOCKS_WRITES for action in same)


@_rule(
    "drop-in-use",
    "DROP TABLE",
    "DROP VIEW",
    "DROP MATERIALIZED VIEW",
    "ALTER TABLE DROP COLUMN",
    scope=EXISTING,
    why="The live release may still use it: this runs before the new one gets traffic.",
    instead="Move it into a file with -- holdfast: phase=post_deployment.",
)
def _drop_in_use(case: Case) -> bool:
    return case.old_code_runs and not (case.made_again and case.action.kind.endswith("VIEW"))


@_rule(
    "rename-in-use",
    "ALTER TABLE RENAME",
    "ALTER TABLE RENAME COLUMN",
    "ALTER TABLE SET SCHEMA",
    "ALTER VIEW RENAME",
    "ALTER VIEW RENAME COLUMN",
    "ALTER VIEW SET SCHEMA",
    scope=EXISTING,
    why="The live release may still use the old name: this runs before the new one gets traffic.",
    instead="Add the new name beside the old one (a column with a trigger, a view), and drop the old one in a later post_deployment.",
)
def _rename_in_use(case: Case) -> bool:
    return case.old_code_runs


@_rule(
    "type-in-use",
    "DROP TYPE",
    "ALTER TYPE RENAME VALUE",
    "ALTER TYPE RENAME ATTRIBUTE",
    "ALTER TYPE RENAME TO",
    "ALTER TYPE DROP ATTRIBUTE",
    "ALTER TYPE SET SCHEMA",
    scope=NO_RELATION,
    why="The live release may still use the type as it was: this runs before the new one gets traffic.",
    instead="Move it into a file with -- holdfast: phase=post_deployment.",
)
def _type_in_use(case: Case) -> bool:
    return case.old_code_runs and case.tables.existed("TYPE", case.action.table)


@_rule(
    "function-in-use",
    "DROP FUNCTION",
    "ALTER FUNCTION RENAME TO",
    "ALTER FUNCTION SET SCHEMA",
    scope=NO_RELATION,
    why="The live release may still call it: this runs before the new one gets traffic.",
    instead="Move it into a file with -- holdfast: phase=post_deployment.",
)
def _function_in_use(case: Case) -> bool:
    return case.old_code_runs and case.tables.existed("FUNCTION", case.action.table) and not case.made_again


@_rule(
    "schema-in-use",
    "DROP SCHEMA",
    scope=NO_RELATION,
    why="The live release may still use what is in it: this runs before the new one gets traffic.",
    instead="Move it into a file with -- holdfast: phase=post_deployment.",
)
def _schema_in_use(case: Case) -> bool:
    return case.old_code_runs and case.tables.existed("SCHEMA", case.action.table)


_rule(
    "table-rewritten",
    "VACUUM FULL",
    "CLUSTER",
    why="The whole table is written anew, with readers and writers locked out.",
    instead="Plain VACUUM, or pg_repack.",
)(_always)


_rule(
    "table-moved",
    "ALTER TABLE SET TABLESPACE",
    "ALTER TABLE SET LOGGED",
    "ALTER TABLE SET UNLOGGED",
    "ALTER TABLE SET ACCESS METHOD",
    why="The whole table is written anew, with readers and writers locked out.",
    instead="Copy into a new table by and by, and swap the two; or take a maintenance window.",
)(_always)


_rule(
    "reindex-without-concurrently",
    "REINDEX TABLE",
    "REINDEX INDEX",
    "REINDEX DATABASE",
    why="Writers wait until it is done, and so do readers that the index would serve.",
    instead="REINDEX ... CONCURRENTLY.",
)(_always)


_rule(
    "refresh-without-concurrently",
    "REFRESH MATERIALIZED VIEW",
    why="Readers wait until the view is computed.",
    instead="REFRESH MATERIALIZED VIEW CONCURRENTLY; it needs a unique index.",
)(_always)


@_rule(
    "lock-table",
    "LOCK TABLE",
    why="The lock keeps others waiting until the transaction ends.",
    instead="Leave it out: each statement takes the lock that it needs. Or lock a weaker mode.",
)
def _lock_table(case: Case) -> bool:
    return locks.on_table(case.action) in locks.BLOCKS_WRITES


_rule(
    "truncate",
    "TRUNCATE",
    why="Every row goes, and readers and writers are locked out meanwhile.",
    instead="DELETE in batches what must go. If all of it must, take a backup and say so with a lint-ignore comment.",
)(_always)


@_rule(
    "every-row-changed",
    "UPDATE",
    "DELETE",
    why="Every row is changed in one transaction: others wait for their rows, and the table doubles in size.",
    instead="Change it in batches with a WHERE, each in a transaction of its own.",
)
def _every_row_changed(case: Case) -> bool:
    return case.action.detail in ((), ("TRUE",))


@_rule(
    "partition-checked-at-once",
    "ALTER TABLE ATTACH PARTITION",
    why="Every row of the new partition is checked against its bounds while it is locked; it has no valid CHECK that would prove them.",
    instead="First ADD CONSTRAINT ... CHECK (the bounds) NOT VALID and VALIDATE CONSTRAINT on the new partition; drop it afterwards.",
)
def _partition_checked_at_once(case: Case) -> bool:
    return case.relation is not None and not any(check.is_valid for check in case.tables.checks(case.relation))
