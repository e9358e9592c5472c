# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files of a directory stay here: Vercel's own list, the project's .vercelignore, and files of secrets."""

from __future__ import annotations

import os
import posixpath
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need

# What Vercel's CLI leaves out, in the order of its documentation (https://vercel.com/docs/deployments/vercel-ignore).
ALWAYS = (
    *(".hg", ".git", ".gitmodules", ".svn", ".cache", ".next", ".now", ".vercel", ".npmignore", ".dockerignore", ".gitignore"),
    *(".*.swp", ".DS_Store", ".wafpicke-*", ".lock-wscript", ".env.local", ".env.*.local", ".venv", ".yarn/cache", ".pnp*"),
    *("npm-debug.log", "config.gypi", "node_modules", "__pycache__", "venv", "CVS"),
)
OWN_FILES = (".vercelignore", ".nowignore")


class Rules:
    """Judges paths relative to the root, with `/` between their parts; those of directories end with `/`."""

    def __init__(self, lines: t.Iterable[str], allowed_env: t.Iterable[str]) -> None:
        spec = need("pathspec").GitIgnoreSpec
        self._ignored = spec.from_lines(lines)
        self._allowed = spec.from_lines(allowed_env)

    def ignores(self, path: str) -> bool:
        """Whether the rules leave it out."""
        return bool(self._ignored.match_file(path))

    def withholds(self, path: str) -> bool:
        """Whether it is a file of secrets (`.env*`) that nobody allowed."""
        name = posixpath.basename(path.rstrip("/"))
        return name.startswith(".env") and not self._allowed.match_file(path)


def rules_of(root: str, allowed_env: t.Sequence[str]) -> Rules:
    """The rules for a source tree. An allowed file of secrets is only left out by the project's own rules."""
    rust = ["/target"] if os.path.exists(os.path.join(root, "Cargo.toml")) else []
    return Rules([*ALWAYS, *rust, *(f"!{pattern}" for pattern in allowed_env), *own_lines(root)], allowed_env)


def rules_of_output(root: str, allowed_env: t.Sequence[str]) -> Rules:
    """The rules for files that a prebuilt output refers to: the project's own alone."""
    return Rules(own_lines(root), allowed_env)


def own_lines(root: str) -> list[str]:
    """The lines of the project's own file; InputError when there are two of them."""
    found = [name for name in OWN_FILES if os.path.exists(os.path.join(root, name))]
    if len(found) > 1:
        raise InputError(f"path: {root} holds both {' and '.join(found)}.", hint="Remove .nowignore, the older one.")
    if not found:
        return []
    try:
        with open(os.path.join(root, found[0]), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"path: {found[0]} cannot be read: {exc}.") from exc
    return [line[2:] if line.startswith("./") else line for line in lines]
