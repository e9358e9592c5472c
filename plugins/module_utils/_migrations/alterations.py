# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The many forms of ALTER: each becomes one action per part, named after the form in PostgreSQL's manual."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Action, Name, Words, identifier

_CONSTRAINTS = ("PRIMARY KEY", "UNIQUE", "FOREIGN KEY", "CHECK", "EXCLUDE", "NOT NULL")
_OF_TABLE = (
    *("VALIDATE CONSTRAINT", "SET TABLESPACE", "SET LOGGED", "SET UNLOGGED", "SET ACCESS METHOD", "SET WITHOUT CLUSTER", "CLUSTER ON"),
    *("ENABLE TRIGGER", "ENABLE REPLICA TRIGGER", "ENABLE ALWAYS TRIGGER", "DISABLE TRIGGER", "SET (", "RESET ("),
)
_OF_COLUMN = (
    *("SET DATA TYPE", "TYPE", "SET NOT NULL", "DROP NOT NULL", "SET DEFAULT", "DROP DEFAULT", "SET STATISTICS", "SET ("),
    *("RESET (", "SET STORAGE", "SET COMPRESSION"),
)


def _table(words: Words) -> t.Iterator[Action]:
    words.accept("IF EXISTS")
    table = words.name()
    if table is not None:
        yield from _whole(table, words)


def _whole(table: Name, words: Words) -> t.Iterator[Action]:
    """Forms that stand alone; the others may come several at once."""
    moved = _moved(table, words)
    if moved is not None:
        yield moved
    elif words.accept("ATTACH PARTITION"):
        yield Action("ALTER TABLE ATTACH PARTITION", table, other=words.name())
    elif words.accept("DETACH PARTITION"):
        partition = words.name()
        yield Action(f"ALTER TABLE DETACH PARTITION {words.accept('CONCURRENTLY', 'FINALIZE')}".strip(), table, other=partition)
    else:
        for part in words.parts():
            yield from _part(table, part)


def _moved(table: Name, words: Words) -> Action | None:
    """A new name or schema."""
    if words.accept("RENAME TO"):
        name = words.name()
        return Action("ALTER TABLE RENAME", table, other=Name(table.schema, name.name) if name else None)
    if words.accept("RENAME CONSTRAINT"):
        return Action("ALTER TABLE RENAME CONSTRAINT", table)
    if words.accept("RENAME"):
        words.accept("COLUMN")
        return Action("ALTER TABLE RENAME COLUMN", table, column=identifier(words.skip()))
    if words.accept("SET SCHEMA"):
        return Action("ALTER TABLE SET SCHEMA", table, other=Name(identifier(words.skip()), table.name))
    return None


def _part(table: Name, words: Words) -> t.Iterator[Action]:
    if words.accept("ADD"):
        yield from _add(table, words)
    elif words.accept("ALTER"):
        words.accept("COLUMN")
        yield _column(table, words)
    elif words.accept("DROP CONSTRAINT"):
        words.accept("IF EXISTS")
        yield Action("ALTER TABLE DROP CONSTRAINT", table, column=identifier(words.skip()))
    elif words.accept("DROP"):
        words.accept("COLUMN")
        words.accept("IF EXISTS")
        yield Action("ALTER TABLE DROP COLUMN", table, column=identifier(words.skip()))
    elif words.accept("INHERIT"):
        yield Action("ALTER TABLE INHERIT", table, other=words.name())
    else:
        form = words.accept(*_OF_TABLE).replace("REPLICA ", "").replace("ALWAYS ", "")
        yield Action(f"ALTER TABLE {form}".strip(), table, column=identifier(words.next) if form == "VALIDATE CONSTRAINT" else "")


def _add(table: Name, words: Words) -> t.Iterator[Action]:
    name = identifier(words.skip()) if words.accept("CONSTRAINT") else ""
    constraint = words.accept(*_CONSTRAINTS)
    if constraint:
        detail = tuple(words.rest)
        other = words.name() if constraint == "FOREIGN KEY" and words.after("REFERENCES") else None
        yield Action(f"ALTER TABLE ADD {constraint}", table, other=other, column=name, detail=detail)
        return
    words.accept("COLUMN")
    words.accept("IF NOT EXISTS")
    column = identifier(words.skip())
    yield Action("ALTER TABLE ADD COLUMN", table, column=column, detail=tuple(words.rest))
    if words.after("REFERENCES"):
        yield Action("REFERENCES", words.name())


def _column(table: Name, words: Words) -> Action:
    column = identifier(words.skip())
    form = words.accept(*_OF_COLUMN).replace("SET DATA TYPE", "TYPE")
    return Action(f"ALTER TABLE ALTER COLUMN {form}".strip(), table, column=column, detail=tuple(words.rest))


def _index(words: Words) -> t.Iterator[Action]:
    words.accept("IF EXISTS")
    index = words.name()
    form = words.accept("RENAME", "SET TABLESPACE", "ATTACH PARTITION", "SET (", "RESET (", "ALTER")
    renamed = words.name() if form == "RENAME" and words.accept("TO") else None
    yield Action(f"ALTER INDEX {form}".strip(), index, other=renamed)


def _view(words: Words) -> t.Iterator[Action]:
    """Views have the same forms as tables."""
    for action in _table(words):
        yield action._replace(kind=action.kind.replace("ALTER TABLE", "ALTER VIEW"))


def _sequence(words: Words) -> t.Iterator[Action]:
    words.accept("IF EXISTS")
    yield Action("ALTER SEQUENCE", words.name())


def _function(words: Words) -> t.Iterator[Action]:
    name = words.name()
    words.group()
    yield Action(f"ALTER FUNCTION {words.accept('RENAME TO', 'SET SCHEMA')}".strip(), name)


def _type(words: Words) -> t.Iterator[Action]:
    name = words.name()
    form = words.accept("RENAME VALUE", "RENAME ATTRIBUTE", "RENAME TO", "DROP ATTRIBUTE", "SET SCHEMA", "ADD VALUE")
    yield Action(f"ALTER TYPE {form}".strip(), name)


ALTERATIONS: dict[str, t.Callable[[Words], t.Iterator[Action]]] = {
    "TABLE": _table,
    "FOREIGN TABLE": _table,
    "INDEX": _index,
    "VIEW": _view,
    "MATERIALIZED VIEW": _view,
    "SEQUENCE": _sequence,
    "TYPE": _type,
    "DOMAIN": _type,
    **dict.fromkeys(("FUNCTION", "PROCEDURE", "ROUTINE"), _function),
}
