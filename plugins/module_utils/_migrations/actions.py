# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one SQL statement does to which relations: enough for its locks and for the lint, and no more.

Not seen: what functions, procedures and triggers do, and what is only read. For DO see bodies.py.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.alterations import ALTERATIONS
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Statement
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.words import Action, Name, Words, identifier, named

# Where a statement goes on with data instead of with what it does.
_HEAD_CHARACTERS = 500
_SEARCH_PATH = re.compile(r"SET\s+(?:SESSION\s+|LOCAL\s+)?search_path\s*(?:=|\sTO\s)\s*(?P<schemas>[^;]*)", re.IGNORECASE)
_DML = ("INSERT INTO", "UPDATE", "DELETE FROM", "MERGE INTO")
TEMPORARY = "pg_temp"

Reader = t.Callable[[Words], t.Iterator[Action]]


def actions_of(statement: Statement) -> list[Action]:
    """What a statement does, in the order of its parts; nothing for a statement that is not known."""
    plain = statement.plain
    words = Words.of(plain[:_HEAD_CHARACTERS] if plain[:6].upper() in ("INSERT", "VALUES") else plain)
    if words.accept("SET SEARCH_PATH", "SET LOCAL SEARCH_PATH", "SET SESSION SEARCH_PATH"):
        return [_search_path(statement.text)]
    reader = _READERS.get(words.skip())
    return list(reader(words)) if reader is not None else []


def _search_path(text: str) -> Action:
    """Schemas may be literals here, so this one looks at the text itself."""
    found = _SEARCH_PATH.search(text)
    schemas = found["schemas"].split(",") if found else []
    return Action("SET SEARCH PATH", None, detail=tuple(identifier(schema.strip().strip("'")) for schema in schemas))


def _create(words: Words) -> t.Iterator[Action]:
    replace = words.accept("OR REPLACE")
    words.accept("GLOBAL", "LOCAL")
    temporary = words.accept("TEMPORARY", "TEMP")
    words.accept("UNLOGGED")
    what = words.accept(*_CREATIONS)
    if what in ("TABLE", "FOREIGN TABLE"):
        yield from _create_table(words, temporary=bool(temporary))
    elif what.endswith("VIEW"):
        kind = "CREATE OR REPLACE VIEW" if replace else f"CREATE {what.replace('RECURSIVE ', '')}"
        guarded = words.accept("IF NOT EXISTS")
        yield Action(kind, words.name(), detail=tuple(guarded.split()))
    elif what.endswith("INDEX"):
        yield from _create_index(words)
    elif what:
        yield from _CREATIONS[what](words)


def _create_table(words: Words, *, temporary: bool) -> t.Iterator[Action]:
    guarded = words.accept("IF NOT EXISTS")
    name = words.name()
    if name is None:
        return
    yield Action("CREATE TABLE", Name(TEMPORARY, name.name) if temporary else name, detail=tuple(guarded.split()))
    if words.accept("PARTITION OF"):
        yield Action("CREATE TABLE PARTITION OF", words.name())
    definition = words.group()
    if "REFERENCES" in definition.rest:
        for part in definition.parts():
            if part.after("REFERENCES"):
                yield Action("REFERENCES", part.name())
    if words.accept("INHERITS"):
        for parent in words.group().names():
            yield Action("CREATE TABLE INHERITS", parent)


def _create_index(words: Words) -> t.Iterator[Action]:
    concurrently = words.accept("CONCURRENTLY")
    guarded = words.accept("IF NOT EXISTS")
    index = words.name() if words.next != "ON" else None
    if words.accept("ON"):
        only = words.next if words.next == "ONLY" else ""
        kind = f"CREATE INDEX {concurrently}".strip()
        yield Action(kind, words.name(), other=index, detail=(*guarded.split(), *only.split()))


def _on_table(kind: str, *before: str) -> Reader:
    """For statements that name the table after one of the words `before`, behind the name of the thing itself."""

    def read(words: Words) -> t.Iterator[Action]:
        words.accept("IF EXISTS")
        words.name()
        if words.after(*before):
            yield Action(kind, words.name(), detail=tuple(words.rest))

    return read


def _named(kind: str) -> Reader:
    """For statements that name one thing."""

    def read(words: Words) -> t.Iterator[Action]:
        words.accept("IF NOT EXISTS")
        yield Action(kind, words.name())

    return read


def _tables_of_publication(words: Words) -> t.Iterator[Action]:
    words.name()
    if words.after("TABLE"):
        for part in words.parts():
            yield Action("PUBLICATION TABLE", part.name())


_CREATIONS: dict[str, Reader] = {
    **dict.fromkeys(("TABLE", "FOREIGN TABLE", "VIEW", "RECURSIVE VIEW", "MATERIALIZED VIEW", "INDEX", "UNIQUE INDEX"), _named("CREATE")),
    **dict.fromkeys(("CONSTRAINT TRIGGER", "TRIGGER"), _on_table("CREATE TRIGGER", "ON")),
    "RULE": _on_table("CREATE RULE", "TO"),
    "POLICY": _on_table("CREATE POLICY", "ON"),
    "STATISTICS": _on_table("CREATE STATISTICS", "FROM"),
    "PUBLICATION": _tables_of_publication,
    **dict.fromkeys(("TYPE", "DOMAIN"), _named("CREATE TYPE")),
    "SCHEMA": _named("CREATE SCHEMA"),
    **dict.fromkeys(("FUNCTION", "PROCEDURE"), _named("CREATE FUNCTION")),
}


def _alter(words: Words) -> t.Iterator[Action]:
    what = words.accept(*_ALTERED)
    if what == "PUBLICATION":
        yield from _tables_of_publication(words)
    elif what in ("POLICY", "TRIGGER", "RULE"):
        yield from _on_table(f"ALTER {what}", "ON")(words)
    elif what:
        yield from ALTERATIONS[what](words)


_ALTERED = (*ALTERATIONS, "PUBLICATION", "POLICY", "TRIGGER", "RULE")


def _drop(words: Words) -> t.Iterator[Action]:
    what = words.accept(*_DROPPED)
    if not what:
        what = words.accept("TRIGGER", "RULE", "POLICY")
        yield from _on_table(f"DROP {what}", "ON")(words) if what else ()
        return
    concurrently = words.accept("CONCURRENTLY")
    words.accept("IF EXISTS")
    for part in words.parts():
        yield Action(f"DROP {_DROPPED[what]} {concurrently}".strip(), part.name())


# And what each counts as.
_DROPPED = {
    **{what: what for what in ("TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "INDEX", "TYPE", "SCHEMA", "FUNCTION")},
    "FOREIGN TABLE": "TABLE",
    "DOMAIN": "TYPE",
    "PROCEDURE": "FUNCTION",
    "ROUTINE": "FUNCTION",
}


def _update(words: Words) -> t.Iterator[Action]:
    yield _data_change("UPDATE", words)


def _delete(words: Words) -> t.Iterator[Action]:
    words.accept("FROM")
    yield _data_change("DELETE", words)


def _data_change(kind: str, words: Words) -> Action:
    table = words.name()
    return Action(kind, table, detail=tuple(words.rest) if words.after("WHERE") else ())


def _insert(words: Words) -> t.Iterator[Action]:
    words.accept("INTO")
    yield Action("INSERT", words.name())


def _merge(words: Words) -> t.Iterator[Action]:
    words.accept("INTO")
    yield Action("MERGE", words.name())


def _with(words: Words) -> t.Iterator[Action]:
    """The statement after the common table expressions, and those among them that write."""
    while words.next:
        if words.next == "(":
            inner = words.group()
            if inner.next in _READERS and inner.next not in ("SELECT", "WITH"):
                yield from _READERS[inner.skip()](inner)
        elif words.next in ("INSERT", "UPDATE", "DELETE", "MERGE"):
            yield from _READERS[words.skip()](words)
            return
        else:
            words.skip()


def _select(words: Words) -> t.Iterator[Action]:
    """SELECT ... INTO makes a table."""
    if words.holds("INTO") and words.after("INTO"):
        temporary = words.accept("TEMPORARY", "TEMP")
        words.accept("UNLOGGED")
        words.accept("TABLE")
        name = words.name()
        if name is not None:
            yield Action("CREATE TABLE", Name(TEMPORARY, name.name) if temporary else name)


def _copy(words: Words) -> t.Iterator[Action]:
    table = words.name()
    words.group()
    if table is not None and words.accept("FROM"):
        yield Action("COPY FROM", table)


def _truncate(words: Words) -> t.Iterator[Action]:
    words.accept("TABLE")
    for name in words.names():
        yield Action("TRUNCATE", name)


def _lock(words: Words) -> t.Iterator[Action]:
    words.accept("TABLE")
    names = words.names()
    mode = tuple(word for word in words.rest if word not in ("IN", "MODE", "NOWAIT")) or ("ACCESS", "EXCLUSIVE")
    for name in names:
        yield Action("LOCK TABLE", name, detail=mode)


def _vacuum(words: Words) -> t.Iterator[Action]:
    options = words.group().parts()
    full = any(option.next == "FULL" and option.rest[-1] not in ("FALSE", "OFF", "0") for option in options)
    while words.next in ("FULL", "FREEZE", "VERBOSE", "ANALYZE"):
        full = words.skip() == "FULL" or full
    yield from _each_table("VACUUM FULL" if full else "VACUUM", words)


def _analyze(words: Words) -> t.Iterator[Action]:
    words.group()
    words.accept("VERBOSE")
    yield from _each_table("ANALYZE", words)


def _each_table(kind: str, words: Words) -> t.Iterator[Action]:
    tables = [part.name() for part in words.parts()]
    for table in tables or [None]:
        yield Action(kind, table)


def _cluster(words: Words) -> t.Iterator[Action]:
    words.group()
    words.accept("VERBOSE")
    table = words.name()
    yield Action("CLUSTER", words.name() if words.accept("ON") else table)


def _reindex(words: Words) -> t.Iterator[Action]:
    options = words.group().parts()
    what = words.accept("TABLE", "INDEX", "SCHEMA", "DATABASE", "SYSTEM")
    concurrently = words.accept("CONCURRENTLY") or any(option.next == "CONCURRENTLY" for option in options)
    kind = f"REINDEX {what if what in ('TABLE', 'INDEX') else 'DATABASE'}"
    table = words.name() if what in ("TABLE", "INDEX") else None
    yield Action(f"{kind} CONCURRENTLY" if concurrently else kind, table)


def _refresh(words: Words) -> t.Iterator[Action]:
    words.accept("MATERIALIZED VIEW")
    concurrently = words.accept("CONCURRENTLY")
    yield Action(f"REFRESH MATERIALIZED VIEW {concurrently}".strip(), words.name())


def _comment(words: Words) -> t.Iterator[Action]:
    words.accept("ON")
    what = words.accept("TABLE", "COLUMN", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "INDEX", "SEQUENCE")
    if what == "COLUMN":
        yield Action("COMMENT", named(words.dotted()[:-1]))
    elif what:
        yield Action("COMMENT", words.name())


_READERS: dict[str, Reader] = {
    "CREATE": _create,
    "ALTER": _alter,
    "DROP": _drop,
    "UPDATE": _update,
    "DELETE": _delete,
    "INSERT": _insert,
    "MERGE": _merge,
    "WITH": _with,
    "SELECT": _select,
    "COPY": _copy,
    "TRUNCATE": _truncate,
    "LOCK": _lock,
    "VACUUM": _vacuum,
    "ANALYZE": _analyze,
    "ANALYSE": _analyze,
    "CLUSTER": _cluster,
    "REINDEX": _reindex,
    "REFRESH": _refresh,
    "COMMENT": _comment,
}
