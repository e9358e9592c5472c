# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where one SQL statement ends and the next begins.

The pieces are those that the Supabase CLI 3.1.0 stores in `supabase_migrations.schema_migrations.statements`. It differs
from the CLI in one place, where the CLI cuts a statement in two and fails: a semicolon after nested parentheses.
"""

from __future__ import annotations

import re
import typing as t

# What JavaScript's String.trim() removes; Python's strip() knows other characters.
BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"

_WORD = r"[A-Za-z0-9_$\x80-\U0010ffff]"
_ESCAPED = r"[^'\\]*(?:(?:\\.|'')[^'\\]*)*'(?!')"
# Two E'' strings with nothing but a line break between them are one string, and both know backslashes.
_NEXT_LINE = r"[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'"
_TOKEN = re.compile(
    "|".join(
        (
            r"(?P<comment>--[^\n\r]*)",
            rf"(?P<escaped>(?<!{_WORD})[eE]'{_ESCAPED}(?:{_NEXT_LINE}{_ESCAPED})*(?!{_NEXT_LINE}))",
            rf"(?P<unclosed>(?<!{_WORD})[eE]')",
            r"(?P<string>'[^']*(?:''[^']*)*'(?!'))",
            r'(?P<identifier>"[^"]*(?:""[^"]*)*"(?!"))',
            rf"(?P<dollar>(?<!{_WORD})\$(?:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?\$)",
            r"(?P<block>/\*)",
            rf"(?P<atomic>(?<!{_WORD})[bB][eE][gG][iI][nN]\s+[aA][tT][oO][mM][iI][cC](?!{_WORD}))",
            rf"(?P<end>(?<!{_WORD})[eE][nN][dD](?!{_WORD}))",
            r"(?P<open>\()",
            r"(?P<close>\))",
            r"(?P<semicolon>;)",
            r"(?P<backslash>\\)",
            r"(?P<quote>['\"])",
        )
    ),
    re.DOTALL,
)
_COMMENT_MARK = re.compile(r"/\*|\*/")
# What stands for a token when only the words of a statement matter.
_MASKS = {"comment": " ", "escaped": "''", "string": "''", "dollar": "''"}
# Tokens of which the expression finds only how they begin.
_OPENINGS = frozenset(("dollar", "block", "unclosed", "quote"))
_UNCLOSED = {"'": "quoted string", '"': "quoted identifier", "e": "quoted string", "$": "dollar-quoted string", "/": "comment"}


class Token(t.NamedTuple):
    """A stretch of text that is more than ordinary characters; `closed` is False when the text ends inside it."""

    kind: str
    start: int
    end: int
    closed: bool = True


class Piece(t.NamedTuple):
    """One statement without its semicolon; `words` is its text without comments and literals.

    `start` is its offset in the file, `code` that of its first character after leading comments.
    """

    text: str
    start: int
    code: int
    words: str


class Scan(t.NamedTuple):
    """The statements of a file. `unclosed` and `backslash` are (offset, what) and offset of what makes it unreadable, or None."""

    pieces: tuple[Piece, ...]
    unclosed: tuple[int, str] | None
    backslash: int | None


def tokens(text: str) -> t.Iterator[Token]:
    """Quoted things, comments, parentheses, semicolons, backslashes, BEGIN ATOMIC and END, in order. Linear in the text."""
    position = 0
    while True:
        match = _TOKEN.search(text, position)
        if match is None:
            return
        kind = t.cast(str, match.lastgroup)
        start, end = match.span()
        token = _completed(text, kind, start, end) if kind in _OPENINGS else Token(kind, start, end)
        yield token
        position = token.end


def _completed(text: str, kind: str, start: int, end: int) -> Token:
    """The token whose first characters are `text[start:end]`."""
    if kind == "dollar":
        tag = text[start:end]
        close = text.find(tag, end)
        return Token(kind, start, close + len(tag)) if close >= 0 else Token(kind, start, len(text), closed=False)
    if kind == "block":
        return _block_comment(text, start, end)
    return Token("string", start, len(text), closed=False)


def _block_comment(text: str, start: int, end: int) -> Token:
    depth = 1
    for mark in _COMMENT_MARK.finditer(text, end):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return Token("comment", start, mark.end())
    return Token("comment", start, len(text), closed=False)


class _Splitter:
    """Walks over the tokens of a file and cuts it where a statement ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[Piece] = []
        self.unclosed: tuple[int, str] | None = None
        self.backslash: int | None = None
        self._begin(0)

    def _begin(self, position: int) -> None:
        self._start = self._copied = self._lead = position
        self._words: list[str] = []
        self._depth = 0
        self._atomic = False
        # In a BEGIN ATOMIC body: how many of the words come before its current statement; None once that has an END in it.
        self._before: int | None = None

    def run(self) -> Scan:
        for token in tokens(self.text):
            self._take(token)
        self._cut(len(self.text))
        return Scan(tuple(self.pieces), self.unclosed, self.backslash)

    def _take(self, token: Token) -> None:
        self._note(token)
        if token.kind == "open":
            self._depth += 1
        elif token.kind == "close":
            self._depth = max(self._depth - 1, 0)
        elif self._depth == 0 and token.kind == "semicolon" and not self._atomic:
            self._cut(token.end)
        elif self._depth == 0 and (token.kind == "atomic" or (token.kind == "semicolon" and self._atomic)):
            self._atomic = True
            self._copy(token.end)
            self._before = len(self._words)
        elif self._depth == 0 and token.kind == "end" and self._before is not None:
            # END closes the body where a statement could begin; elsewhere it closes a CASE.
            self._atomic = bool(("".join(self._words[self._before :]) + self.text[self._copied : token.start]).strip())
            self._before = None

    def _copy(self, end: int) -> None:
        self._words.append(self.text[self._copied : end])
        self._copied = end

    def _note(self, token: Token) -> None:
        if token.kind == "comment" and self._lead == self._copied and not self.text[self._lead : token.start].strip(BLANKS):
            self._lead = token.end
        mask = _MASKS.get(token.kind)
        if mask is not None:
            self._copy(token.start)
            self._words.append(mask)
            self._copied = token.end
        if not token.closed and self.unclosed is None:
            self.unclosed = (token.start, _UNCLOSED[self.text[token.start].lower()])
        if token.kind == "backslash" and self.backslash is None:
            self.backslash = token.start

    def _cut(self, end: int) -> None:
        raw = self.text[self._start : end]
        text = raw.rstrip(";").strip(BLANKS)
        if text:
            words = "".join(self._words) + self.text[self._copied : end]
            start = self._start + raw.index(text)
            code = end - len(self.text[self._lead : end].lstrip(BLANKS))
            self.pieces.append(Piece(text, start, max(code, start), words.rstrip(";").strip(BLANKS)))
        self._begin(end)


def scan(text: str) -> Scan:
    """Split a file into its statements, comment-only ones included (their `words` are empty)."""
    return _Splitter(text).run()
