# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a DO block runs: the SQL statements in its PL/pgSQL body, as far as they can be read without running it."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._migrations.scanning import Token, scan, tokens
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Statement

_KEYWORDS = "ALTER|ANALYZE|CLUSTER|COMMENT|COPY|CREATE|DELETE|DROP|INSERT|LOCK|MERGE|REFRESH|REINDEX|TRUNCATE|UPDATE|WITH"
_BEGINS = re.compile(rf"(?:\A|\b(?:BEGIN|THEN|ELSE|LOOP)\s+)(?=(?:{_KEYWORDS})\b)", re.IGNORECASE)
# What is put together while it runs, or stands elsewhere.
_HIDDEN = re.compile(r"(?:\A|\b(?:BEGIN|THEN|ELSE|LOOP)\s+)(?:EXECUTE|CALL)\b", re.IGNORECASE)
_DO = re.compile(r"DO\b")
_OTHER_LANGUAGE = re.compile(r"\bLANGUAGE (?!PLPGSQL\b)\S")


class Body(t.NamedTuple):
    """`statements`: each with its place in the file; `hidden`: whether more runs than can be read."""

    statements: tuple[Statement, ...] = ()
    hidden: bool = False


def body_of(statement: Statement) -> Body | None:
    """Of a DO its body, of a CALL that it is hidden; None for any other statement."""
    if statement.words.startswith("CALL "):
        return Body(hidden=True)
    if not _DO.match(statement.words):
        return None
    literal = next((token for token in tokens(statement.text) if token.kind in ("dollar", "string", "escaped")), None)
    if literal is None or _OTHER_LANGUAGE.search(statement.words):
        return Body(hidden=True)
    return _read(statement, literal)


def _read(statement: Statement, literal: Token) -> Body:
    text = statement.text[literal.start : literal.end]
    quote = len(text[: text.index("$", 1) + 1]) if literal.kind == "dollar" else text.index("'") + 1
    body = text[quote : len(text) - (quote if literal.kind == "dollar" else 1)]
    found, hidden = [], False
    for piece in scan(body).pieces:
        plain = " ".join(piece.words.split())
        begins = _BEGINS.search(plain)
        hidden = hidden or _HIDDEN.search(plain) is not None
        if begins is not None:
            # In the text itself a comment may stand in between; then the line is that of the control word.
            exact = _BEGINS.search(body[piece.code : piece.start + len(piece.text)])
            offset = statement.start + literal.start + quote + piece.code + (exact.end() if exact else 0)
            found.append(Statement(piece.text, offset, offset, plain[begins.end() :]))
    return Body(tuple(found), hidden)
