# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at what is going to run before it runs: the locks that it takes, the tables that it hits, and what the lint says."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations import catalog, locks
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.actions import actions_of
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.bodies import body_of
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.catalog import Relation
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.column_types import called_functions, default_of
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import History
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.journal import unfinished
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.lint import ignored, opt_outs, refuse, standing, told
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.lint_rules import BY_KIND, EXISTING, NO_RELATION, Case, Rule
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.running import APPLY, ROLL_BACK, Job
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import PHASES, Statement
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.seen import (
    HEAD_CHARACTERS,
    Finding,
    Linting,
    LockTaken,
    Look,
    Seen,
)
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import Session
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.tables import Tables
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Action, Name

_ADDS_COLUMN, _DROPS_COLUMN = "ALTER TABLE ADD COLUMN", "ALTER TABLE DROP COLUMN"
_NEEDS_DETAILS = (
    *("ALTER TABLE ALTER COLUMN TYPE", "ALTER TABLE ALTER COLUMN SET NOT NULL", "ALTER TABLE ATTACH PARTITION"),
    *(_ADDS_COLUMN, _DROPS_COLUMN),
)
_DROPS_FOREIGN_KEYS = ("DROP TABLE", "ALTER TABLE DROP CONSTRAINT", "ALTER TABLE DROP COLUMN")
_CHANGES_TYPE = ("DROP TYPE", "ALTER TYPE")
_CHANGES_FUNCTION = ("DROP FUNCTION", "ALTER FUNCTION RENAME TO", "ALTER FUNCTION SET SCHEMA")


class _Step(t.NamedTuple):
    """A statement with what it does. `first`: it begins a transaction; `perhaps`: it stands in a body, maybe behind an IF.

    `hidden`: it runs more than can be read.
    """

    statement: Statement
    actions: tuple[Action, ...]
    first: bool
    perhaps: bool = False
    hidden: bool = False


def look_at(
    session: Session, jobs: t.Sequence[Job], *, min_rows: int, search_path: str | None = None, in_full: bool = True
) -> dict[str, Look]:
    """Each file by its version, in the order in which they run. Reads the catalog only, in a few queries for all files.

    `search_path`: what each file begins with, as SQL, where that is not the session's own. `in_full`: locks too, not only findings.
    """
    running = [job for job in jobs if job.direction in (APPLY, ROLL_BACK)]
    read = [(job, _steps(job)) for job in running]
    tables = _tables(session, [action for _job, steps in read for step in steps for action in step.actions], search_path)
    looks = {}
    for job, steps in read:
        looks[job.file.version] = _FileLook(job, steps, tables, min_rows, in_full=in_full).run()
        steps.clear()  # of thousands of files that is much
    return looks


def survey(session: Session, history: History, jobs: t.Sequence[Job], linting: Linting, *, in_full: bool = True) -> Seen:
    """Raises InputError where the lint forbids the run. A rollback is never forbidden: it is the way out of something worse."""
    looks = look_at(session, jobs, min_rows=linting.min_rows, search_path=history.search_path, in_full=in_full)
    if linting.policy == "off":
        return Seen({version: look._replace(findings=()) for version, look in looks.items()})
    if linting.squawk:
        from ansible_collections.holdfast.webops.plugins.module_utils._migrations import squawk

        foreign = squawk.findings(jobs, session.server_version)
        looks = {version: look._replace(findings=(*look.findings, *foreign.get(version, ()))) for version, look in looks.items()}
    if any(standing(look.findings) for look in looks.values()):
        looks = _excused(session, history, jobs, looks)
    seen = Seen(looks)
    if linting.policy == "fail" and all(job.direction == APPLY for job in jobs):
        refuse(seen.findings)
    return seen._replace(warnings=(*told(seen.findings), *_not_looked_into(jobs, looks)))


def _not_looked_into(jobs: t.Sequence[Job], looks: t.Mapping[str, Look]) -> tuple[str, ...]:
    """The statements that run what no lint can read."""
    places = [
        f"{job.script.path} line {line}" for job in jobs if job.direction == APPLY for line in looks.get(job.file.version, Look()).hidden
    ]
    return (f"Not looked into by the lint, because it cannot see what they run: {', '.join(places)}.",) if places else ()


def _excused(session: Session, history: History, jobs: t.Sequence[Job], looks: t.Mapping[str, Look]) -> dict[str, Look]:
    """What an earlier run began has passed the lint then, and must be finished."""
    if not any(job.begun for job in jobs):
        return dict(looks)
    begun = {entry.version for entry in unfinished(session, history.journal) if entry.direction == APPLY and entry.done}
    reason = "An earlier run has begun this file."
    return {
        version: look._replace(findings=tuple(finding._replace(ignored=finding.ignored or reason) for finding in look.findings))
        if version in begun
        else look
        for version, look in looks.items()
    }


def _steps(job: Job) -> list[_Step]:
    return [
        looked_at
        for step in job.script.steps
        for position, statement in enumerate(step.statements)
        for looked_at in _unfolded(statement, first=position == 0)
    ]


def _unfolded(statement: Statement, *, first: bool) -> t.Iterator[_Step]:
    """A statement, and where it is a DO, what its body runs."""
    body = body_of(statement)
    yield _Step(statement, tuple(actions_of(statement)), first, hidden=body is not None and body.hidden)
    for inner in body.statements if body is not None else ():
        yield _Step(inner, tuple(actions_of(inner)), first=False, perhaps=True)


def _tables(session: Session, actions: t.Sequence[Action], search_path: str | None) -> Tables:
    if not actions:
        return Tables(catalog.Surroundings(), (), catalog.Details())
    session.wait_for_locks(None)
    if search_path:
        session.rows(f"SET search_path = {search_path}")
    names = {name.name for action in actions for name in (action.table, action.other) if name is not None}
    relations = catalog.relations(session, names)
    functions = {name for action in actions for name in _functions(action)}
    types = {action.table.name for action in actions if action.table is not None and action.kind.startswith(_CHANGES_TYPE)}
    details = catalog.details(session, _oids(relations, actions, _NEEDS_DETAILS), functions, types)
    keys = catalog.foreign_keys(session, _oids(relations, actions, _DROPS_FOREIGN_KEYS))
    behind = {key.other.name for key in keys} | {relation.table.name for relation in relations if relation.table is not None}
    behind -= names
    if behind:
        relations += catalog.relations(session, behind)
    return Tables(catalog.surroundings(session), relations, details._replace(foreign_keys=keys))


def _functions(action: Action) -> list[str]:
    """The functions of which something must be known."""
    if action.kind.endswith("ADD COLUMN"):
        return called_functions(default_of(action.detail))
    return [action.table.name] if action.table is not None and action.kind.endswith(_CHANGES_FUNCTION) else []


def _oids(relations: t.Sequence[Relation], actions: t.Sequence[Action], kinds: t.Collection[str]) -> list[int]:
    """The relations that actions of these kinds may mean; a name that was changed before still counts."""
    wanted = {name.name for action in actions if action.kind in kinds for name in (action.table, action.other) if name is not None}
    moved = {action.table.name for action in actions if action.kind.endswith("RENAME") and action.other and action.table}
    return [relation.oid for relation in relations if relation.oid is not None and relation.name.name in wanted | moved]


class _FileLook:
    """Walks through one file."""

    def __init__(self, job: Job, steps: t.Sequence[_Step], tables: Tables, min_rows: int, *, in_full: bool) -> None:
        self._job = job
        self._steps = steps
        self._tables = tables
        self._min_rows = min_rows
        self._in_full = in_full
        self._line, self._offset = 1, 0
        self._locks: list[LockTaken] = []
        self._findings: list[Finding] = []
        self._hidden: list[int] = []
        # Where each view and function is made last.
        self._made = {
            action.table: position
            for position, step in enumerate(steps)
            for action in step.actions
            if action.kind.startswith("CREATE ") and action.kind.endswith(("VIEW", "FUNCTION"))
        }

    def run(self) -> Look:
        reasons = opt_outs(self._job.script)
        self._tables.begin_file()
        earlier: list[Action] = []
        for position, step in enumerate(self._steps):
            earlier = [] if step.first else earlier
            self._take_line(step.statement)
            if step.hidden:
                self._hidden.append(self._line)
            taken: dict[str, LockTaken] = {}
            for action in step.actions:
                self._judge(action, position, earlier)
                follow = self._tables.follow_perhaps if step.perhaps else self._tables.follow
                if self._in_full:
                    self._follow_and_note(taken, action, follow)
                else:
                    follow(action)
                earlier.append(action)
            self._locks += taken.values()
        return Look(tuple(self._locks), tuple(ignored(self._findings, reasons)), tuple(self._hidden))

    def _take_line(self, statement: Statement) -> None:
        self._line += self._job.script.text.count("\n", self._offset, statement.code)
        self._offset = statement.code

    def _follow_and_note(self, taken: dict[str, LockTaken], action: Action, follow: t.Callable[[Action], None]) -> None:
        before, behind = self._tables.find(action.table), self._tables.tables_behind(action)
        follow(action)
        self._note(taken, action, before or self._tables.find(action.table))
        for name in behind:
            self._add(taken, locks.ACCESS_EXCLUSIVE, name, self._tables.find(name), action)

    def _note(self, taken: dict[str, LockTaken], action: Action, relation: Relation | None) -> None:
        """The locks of an action."""
        level = locks.on_table(action)
        kept = action.kind.startswith("CREATE TABLE") and action.detail and relation is not None and not relation.is_new
        if level is not None and action.table is not None and not kept:
            self._add(taken, level, action.table, relation, action)
        below = locks.on_table_of_index(action)
        if below is not None and relation is not None and relation.table is not None:
            self._add(taken, below, relation.table, self._tables.find(relation.table), action)
        level = locks.on_other(action)
        if level is not None and action.other is not None:
            self._add(taken, level, action.other, self._tables.find(action.other), action)

    def _add(self, taken: dict[str, LockTaken], level: str, name: Name, relation: Relation | None, action: Action) -> None:
        if relation is None and action.kind.startswith("DROP "):
            return
        label = str(relation.name if relation else name)
        if label in taken:
            level = locks.stronger(level, taken[label].lock)
        size = (relation.rows, relation.bytes, relation.is_new) if relation else (None, None, False)
        taken[label] = LockTaken(self._line, level, label, *size)

    def _judge(self, action: Action, position: int, earlier: t.Sequence[Action]) -> None:
        rules = BY_KIND.get(action.kind)
        if not rules:
            return
        relation = self._hit(action)
        if relation is not None and not relation.is_new and self._is_idle(action, relation):
            return
        phase = self._job.script.phase if self._job.direction == APPLY else PHASES[1]
        case = Case(action, relation, self._tables, phase, earlier, self._made.get(action.table, -1) > position)
        for rule in rules:
            if self._in_scope(rule, case) and rule.applies(case):
                head = self._steps[position].statement.plain[:HEAD_CHARACTERS]
                self._findings.append(Finding(rule.name, self._job.script.path, self._line, head, rule.why, rule.instead))

    def _hit(self, action: Action) -> Relation | None:
        """The table that has to be read or written; of an index its table."""
        name = action.other if action.kind == "ALTER TABLE ATTACH PARTITION" else action.table
        relation = self._tables.find(name)
        return self._tables.find(relation.table) if relation is not None and relation.table is not None else relation

    def _is_idle(self, action: Action, relation: Relation) -> bool:
        """IF NOT EXISTS of what is there, IF EXISTS of what is not; without these words the server refuses it anyhow."""
        if action.kind in (_ADDS_COLUMN, _DROPS_COLUMN):
            is_there = self._tables.column(relation, action.column) is not None
            return is_there == (action.kind == _ADDS_COLUMN)
        if action.kind == "CREATE INDEX" and action.other is not None:
            return self._tables.find(Name(relation.name.schema, action.other.name)) is not None
        return False

    def _in_scope(self, rule: Rule, case: Case) -> bool:
        if rule.scope == NO_RELATION:
            return True
        if case.action.table is None:
            return self._tables.around.most_rows >= self._min_rows
        relation = case.relation
        if relation is None or relation.is_new:
            return False
        return rule.scope == EXISTING or (relation.rows or 0) >= self._min_rows
