# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where one SQL statement ends and the next begins.

The pieces are those that the Supabase CLI 3.1.0 stores in `supabase_migrations.schema_migrations.statements`. It differs
from the CLI in one place, where the CLI cuts a statement in two and fails: a semicolon after nested parentheses.
"""

from __future__ import annotations

import functools
import re
import typing as t

# What JavaScript's String.trim() removes; Python's strip() knows other characters.
BLANKS = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"

# [A-Za-z0-9_$\x80-\U0010ffff] and so on, but by what it is not: `re` compiles a set up to the last character fifty times as slowly.
_WORD = r"[^\x00-#%-/:-@\[-\^`{-\x7f]"
_TAG_BEGINS = r"[^\x00-@\[-\^`{-\x7f]"
_TAG_GOES_ON = r"[^\x00-/:-@\[-\^`{-\x7f]"
_ESCAPED = r"[^'\\]*(?:(?:\\.|'')[^'\\]*)*'(?!')"
# Two E'' strings with nothing but a line break between them are one string, and both know backslashes.
_NEXT_LINE = r"[ \t\f\v]*(?:--[^\n\r]*)?[\n\r][ \t\n\r\f\v]*(?:--[^\n\r]*[\n\r][ \t\n\r\f\v]*)*'"
_E_STRING = rf"(?<=[eE]')(?<!{_WORD}[eE]')"
# Each looks back at the first character of its token, which the expression as a whole has already taken.
_KINDS = (
    r"(?P<group>(?<=\()[^-'\"$/();\\]*\))",
    r"(?P<open>(?<=\())",
    r"(?P<close>(?<=\)))",
    r"(?P<semicolon>(?<=;);*)",
    rf"(?P<escaped>{_E_STRING}{_ESCAPED}(?:{_NEXT_LINE}{_ESCAPED})*(?!{_NEXT_LINE}))",
    rf"(?P<unclosed>{_E_STRING})",
    r"(?P<string>(?<=')[^']*(?:''[^']*)*'(?!'))",
    r'(?P<identifier>(?<=")[^"]*(?:""[^"]*)*"(?!"))',
    r"(?P<comment>(?<=-)-[^\n\r]*)",
    rf"(?P<dollar>(?<=\$)(?<!{_WORD}\$)(?:{_TAG_BEGINS}{_TAG_GOES_ON}*)?\$)",
    r"(?P<block>(?<=/)\*)",
    r"(?P<backslash>(?<=\\))",
    r"(?P<quote>(?<=['\"]))",
)
_WORDS = (
    rf"(?P<atomic>(?<=[bB])(?<!{_WORD}[bB])[eE][gG][iI][nN]\s+[aA][tT][oO][mM][iI][cC](?!{_WORD}))",
    rf"(?P<end>(?<=[eE])(?<!{_WORD}[eE])[nN][dD](?!{_WORD}))",
)
_ATOMIC = re.compile(r"[aA][tT][oO][mM][iI][cC]")
_COMMENT_MARK = re.compile(r"/\*|\*/")
# Tokens of which the expression does not find the beginning or the end.
_PARTIAL = frozenset(("escaped", "dollar", "block", "unclosed", "quote"))
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


@functools.cache
def _expression(with_words: bool) -> re.Pattern[str]:
    """Compiled when it is needed, because a run with nothing to do does not need it and the compiling takes 20 ms.

    Python's `re` looks for the first character of a set very fast, for the alternatives of such an expression slowly; so
    letters, which are everywhere, are in the set only where words are looked for.
    """
    first, kinds = ("bBeE", (*_KINDS, *_WORDS)) if with_words else ("", _KINDS)
    return re.compile(rf"[-'\"$/();\\{first}](?:{'|'.join(kinds)})", re.DOTALL)


def tokens(text: str) -> t.Iterator[Token]:
    """Quoted things, comments, parentheses, semicolons, backslashes, BEGIN ATOMIC and END, in order. Linear in the text.

    A `group` is a pair of parentheses with nothing of these between them. BEGIN ATOMIC and END are left out of a text without
    an ATOMIC.
    """
    search = _expression(_ATOMIC.search(text) is not None).search
    match = search(text)
    while match is not None:
        kind = t.cast(str, match.lastgroup)
        token = _completed(text, kind, *match.span()) if kind in _PARTIAL else Token(kind, *match.span())
        yield token
        match = search(text, token.end)


def _completed(text: str, kind: str, start: int, end: int) -> Token:
    """The whole token of which the expression found `text[start:end]`."""
    if kind == "escaped":
        return Token(kind, start - 1, end)
    if kind == "dollar":
        tag = text[start:end]
        close = text.find(tag, end)
        return Token(kind, start, close + len(tag)) if close >= 0 else Token(kind, start, len(text), closed=False)
    if kind == "block":
        return _block_comment(text, start, end)
    return Token("string", start - (kind == "unclosed"), len(text), closed=False)


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
        take: dict[str, t.Callable[[Token], None]] = {
            **dict.fromkeys(("string", "escaped", "dollar"), self._literal),
            "comment": self._comment,
            "open": self._open,
            "close": self._close,
            "semicolon": self._semicolon,
            "atomic": self._body,
            "end": self._end,
            "backslash": self._stray,
        }
        for token in tokens(self.text):
            action = take.get(token.kind)
            if action is not None:
                action(token)
            if not token.closed:
                self.unclosed = (token.start, _UNCLOSED[self.text[token.start].lower()])
        self._cut(len(self.text))
        return Scan(tuple(self.pieces), self.unclosed, self.backslash)

    def _open(self, _token: Token) -> None:
        self._depth += 1

    def _close(self, _token: Token) -> None:
        self._depth = max(self._depth - 1, 0)

    def _semicolon(self, token: Token) -> None:
        if self._depth:
            return
        if self._atomic:
            self._body(token)
        else:
            self._cut(token.end)

    def _body(self, token: Token) -> None:
        """A statement of a BEGIN ATOMIC body begins."""
        if self._depth == 0:
            self._atomic = True
            self._copy(token.end)
            self._before = len(self._words)

    def _end(self, token: Token) -> None:
        """END closes the body where a statement could begin; elsewhere it closes a CASE."""
        if self._depth == 0 and self._before is not None:
            self._atomic = bool(("".join(self._words[self._before :]) + self.text[self._copied : token.start]).strip())
            self._before = None

    def _comment(self, token: Token) -> None:
        if self._lead == self._copied and not self.text[self._lead : token.start].strip(BLANKS):
            self._lead = token.end
        self._mask(token, " ")

    def _literal(self, token: Token) -> None:
        self._mask(token, "''")

    def _stray(self, token: Token) -> None:
        if self.backslash is None:
            self.backslash = token.start

    def _mask(self, token: Token, mask: str) -> None:
        """Leave a token out of the words."""
        self._copy(token.start)
        self._words.append(mask)
        self._copied = token.end

    def _copy(self, end: int) -> None:
        self._words.append(self.text[self._copied : end])
        self._copied = end

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
