# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vercel.json from the inventory, laid over the one of a directory: sent instead of it, and never written there."""

from __future__ import annotations

import hashlib
import json
import posixpath
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import configuration, patterns
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.tree import FILE, Entry, Tree, content_of

NAME = "vercel.json"
# Other ways to write the same file, of which Vercel takes one.
OTHERS = ("now.json", "vercel.ts", "vercel.mts", "vercel.js", "vercel.mjs", "vercel.cjs", "vercel.toml")
Plain = t.Mapping[str, t.Any]


def laid_over(tree: Tree, wanted: Plain, folder: t.Optional[str]) -> Tree:
    """The tree with `wanted` in its vercel.json, key by key. `folder` is the project's root directory in the tree."""
    name = (folder or "").strip("/")
    under = f"{name}/" if name.strip(".") else ""
    paths = {entry.path[len(under) :] for entry in tree.entries if entry.path.startswith(under)}
    _refuse_others(paths, under)
    _check_patterns(wanted, paths, under)
    path = posixpath.join(under, NAME)
    whole = {**_own(tree, path), **wanted}
    configuration.check_together(whole)
    content = f"{json.dumps(whole, indent=2, ensure_ascii=False)}\n".encode()
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    entries = [entry for entry in tree.entries if entry.path != path]
    return tree._replace(entries=sorted([*entries, Entry(path, FILE, len(content), sha1, (0, 0, 0))]), laid={path: content})


def _refuse_others(paths: t.Collection[str], under: str) -> None:
    for name in OTHERS:
        if name in paths:
            raise InputError(
                f"configuration: the directory holds {under}{name}, and Vercel takes no vercel.json beside it.",
                hint="Name it in .vercelignore, or leave the configuration to it.",
            )


def _check_patterns(wanted: Plain, paths: t.Collection[str], under: str) -> None:
    for pattern in wanted.get("functions") or {}:
        if not patterns.matches_any(pattern, paths):
            where = f" below {under}" if under else ""
            raise InputError(
                f"configuration: functions['{pattern}'] matches no file that is sent{where}; Vercel would refuse the build.",
                hint="Patterns are paths in the source, such as api/*.ts or app/**/route.ts. Look at .vercelignore, too.",
            )


def _own(tree: Tree, path: str) -> dict[str, t.Any]:
    """What the directory's own file says; nothing where it is not sent."""
    entry = next((entry for entry in tree.entries if entry.path == path), None)
    if entry is None:
        return {}
    try:
        found = json.loads(content_of(tree, entry))
    except (OSError, ValueError) as exc:
        raise InputError(f"path: {path} cannot be read: {exc}.", hint="Mend it, or name it in .vercelignore.") from exc
    if not isinstance(found, dict):
        raise InputError(f"path: {path} holds {configuration.shown(found)}, not a mapping.", hint="Mend it, or name it in .vercelignore.")
    return found
