# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The patterns of a vercel.json's `functions`, as far as one can tell whether a path matches one.

They are those of minimatch. gitignore's, which pathspec knows, find files at any depth and have no braces.
"""

from __future__ import annotations

import re
import typing as t

# Any of several, none of several: too seldom to be judged, so that what has them counts as matching.
EXTENDED = re.compile(r"[@!?+*]\(")
TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]/]+\]|\{[^{}]*\}|.", re.DOTALL)
PLAIN = {"**/": r"(?:[^/]+/)*", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}


def matches_any(pattern: str, paths: t.Collection[str]) -> bool:
    """Whether one of the paths is meant. Brackets in a name, as Next.js has them, mean themselves too."""
    if pattern in paths or EXTENDED.search(pattern):
        return True
    expression = re.compile(translated(pattern))
    return any(expression.fullmatch(path) for path in paths)


def translated(pattern: str) -> str:
    """The regular expression of a pattern."""
    return "".join(_token(token) for token in TOKEN.findall(pattern))


def _token(token: str) -> str:
    if token in PLAIN:
        return PLAIN[token]
    if len(token) > 1 and token[0] == "{":
        return f"(?:{'|'.join(translated(choice) for choice in token[1:-1].split(','))})"
    letters = _letters(token[1:-1]) if len(token) > 1 else None
    return letters or re.escape(token)


def _letters(inside: str) -> t.Optional[str]:
    """One of these letters, or none of them; None where they are no such thing, as in `[user-id]`."""
    negated = inside[0] in "!^"
    plain = re.sub(r"([\\\[\]^&~|])", r"\\\1", inside[1:] if negated else inside)
    try:
        return re.compile(f"[{'^' if negated else ''}{plain}]").pattern
    except re.error:
        return None
