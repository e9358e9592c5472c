# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of one SQL statement, and a reader that walks over them."""

from __future__ import annotations

import functools
import re
import string
import typing as t

# Comments and literals are gone already (Statement.plain); a literal left '' behind.
# Of words by what is not in them, as in scanning.py.
_WORD = re.compile(r""""(?:[^"]|"")*"|[^\x00-@\[-\^`{-\x7f][^\x00-#%-/:-@\[-\^`{-\x7f]*|\d[\w.]*|''|::|\S""")
_IDENTIFIER = re.compile(r'"(?:[^"]|"")*"|[^\x00-@\[-\^`{-\x7f][^\x00-#%-/:-@\[-\^`{-\x7f]*')
# PostgreSQL keeps this much of a name, and folds no letter beyond these.
_LONGEST_NAME = 63
_CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Name(t.NamedTuple):
    """The name of a relation as the catalog spells it; `schema` is empty where the search path decides."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


class Action(t.NamedTuple):
    """One thing that a statement does. `kind`: its form as PostgreSQL's manual writes it, also the key of its lock.

    `other` is a second relation, `column` a column or constraint of the first, `detail` the words that follow, in capitals.
    """

    kind: str
    table: Name | None
    other: Name | None = None
    column: str = ""
    detail: tuple[str, ...] = ()


def identifier(word: str) -> str:
    """The name that an identifier stands for: quotes removed, or folded to lower case."""
    plain = word[1:-1].replace('""', '"') if word.startswith('"') else word.translate(_SMALL)
    return plain.encode()[:_LONGEST_NAME].decode(errors="ignore")


def named(parts: t.Sequence[str]) -> Name | None:
    """The name that its parts make."""
    return Name(parts[-2] if len(parts) > 1 else "", parts[-1]) if parts else None


@functools.cache
def _split(phrase: str) -> tuple[str, ...]:
    return tuple(phrase.split())


class Words:
    """The words of a statement from left to right. Keywords are compared in capitals; quoted names are never keywords."""

    def __init__(self, words: t.Iterable[str]) -> None:
        self._words = tuple(words)
        self._position = 0

    @classmethod
    def of(cls, plain: str) -> Words:
        if '"' not in plain:
            return cls(_WORD.findall(plain.translate(_CAPITALS)))
        return cls(word if word.startswith('"') else word.translate(_CAPITALS) for word in _WORD.findall(plain))

    @property
    def next(self) -> str:
        """The next word, empty at the end."""
        return self._words[self._position] if self._position < len(self._words) else ""

    @property
    def rest(self) -> t.Sequence[str]:
        return self._words[self._position :]

    def skip(self) -> str:
        """The next word, which is then behind us."""
        word = self.next
        self._position += 1
        return word

    def accept(self, *phrases: str) -> str:
        """The first of the phrases that comes next, skipped; else nothing is skipped, and the answer is empty."""
        following = self.next
        for phrase in phrases:
            words = _split(phrase)
            if words[0] == following and self._words[self._position : self._position + len(words)] == words:
                self._position += len(words)
                return phrase
        return ""

    def dotted(self) -> list[str]:
        """The parts of a name, skipped."""
        parts = []
        while _IDENTIFIER.fullmatch(self.next):
            parts.append(identifier(self.skip()))
            if not self.accept("."):
                break
        return parts

    def name(self) -> Name | None:
        """The name of a relation, skipped with an ONLY before and a star after it; a database in front is left out."""
        in_parentheses = bool(self.accept("ONLY") and self.accept("("))
        parts = self.dotted()
        self.accept("*")
        if in_parentheses:
            self.accept(")")
        return named(parts)

    def names(self) -> list[Name]:
        """Names with commas between them."""
        found = []
        while True:
            name = self.name()
            if name is not None:
                found.append(name)
            if not self.accept(","):
                return found

    def group(self) -> Words:
        """What stands between the parentheses that begin here, which are skipped; nothing where none begin."""
        if self.next != "(":
            return Words(())
        start = self._position + 1
        end = self._closing()
        self._position = end + 1
        return Words(self._words[start:end])

    def _closing(self) -> int:
        depth = 0
        for position in range(self._position, len(self._words)):
            depth += {"(": 1, ")": -1}.get(self._words[position], 0)
            if depth == 0:
                return position
        return len(self._words)

    def parts(self) -> list[Words]:
        """What is left, cut at the commas that stand in no parentheses."""
        found: list[list[str]] = [[]]
        depth = 0
        for word in self.rest:
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(word, 0)
            if word == "," and depth == 0:
                found.append([])
            else:
                found[-1].append(word)
        return [Words(part) for part in found if part]

    def outside(self) -> list[str]:
        """What is left, without what stands in parentheses; these stay as an opening one."""
        found = []
        depth = 0
        for word in self.rest:
            if word == ")":
                depth -= 1
                continue
            if depth == 0:
                found.append(word)
            depth += word == "("
        return found

    def holds(self, phrase: str) -> bool:
        """Whether the phrase stands in what is left, in no parentheses."""
        return f" {phrase} " in f" {' '.join(self.outside())} "

    def after(self, *phrases: str) -> bool:
        """Go behind the first place, in no parentheses, where one of the phrases stands; False, and at the end, where none does."""
        if not any(_split(phrase)[0] in self.rest for phrase in phrases):
            self._position = len(self._words)
        while self.next:
            if self.accept(*phrases):
                return True
            if self.next == "(":
                self.group()
            else:
                self.skip()
        return False
