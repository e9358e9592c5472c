# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a directory, as they are sent: path, kind, permission to execute, size and SHA-1.

Symbolic links stay links. Modes are those that git knows, so that the umask of a checkout does not change the digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import stat
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.ignoring import Rules, rules_of, rules_of_output

FILE, PROGRAM, LINK = 0o100644, 0o100755, 0o120777
OUTPUT = ".vercel/output"
FUNCTION_CONFIG = ".vc-config.json"
PIECE = 1024 * 1024
# Of files that cannot be used, so many are named.
NAMED = 5
Stamp = tuple[int, int, int]


class Entry(t.NamedTuple):
    """One file or link. `stamp` tells whether it is still the one that was hashed."""

    path: str
    mode: int
    size: int
    sha1: str
    stamp: Stamp


class Tree(t.NamedTuple):
    """What a directory holds for Vercel. `withheld` are files of secrets that stay here, `laid` are contents that are not on the disk."""

    root: str
    entries: list[Entry]
    withheld: list[str]
    laid: t.Mapping[str, bytes] = {}

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.entries)

    def digest(self) -> str:
        """SHA-256 of all paths, modes and contents, whatever their order on the disk."""
        lines = (f"{entry.mode:o} {entry.sha1} {entry.path}\0" for entry in sorted(self.entries))
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def read_tree(path: str, *, prebuilt: bool, allowed_env: t.Sequence[str], largest: int) -> Tree:
    """Find and hash all files; InputError names those that cannot be sent. `largest` is in bytes."""
    root = os.path.realpath(path)
    if not os.path.isdir(root):
        raise InputError(f"path: {path} is no directory.", hint="Give the directory of the project.")
    withheld: list[str] = []
    paths = _output_paths(root, allowed_env, withheld) if prebuilt else list(_walk(root, "", rules_of(root, allowed_env), withheld))
    entries = _hashed(root, paths, largest)
    if not entries:
        raise InputError(f"path: {path} holds no file to deploy.", hint="Look at .vercelignore, and whether the build has run.")
    return Tree(root, entries, sorted(withheld))


def _walk(root: str, under: str, rules: t.Optional[Rules], withheld: list[str], env: t.Optional[Rules] = None) -> t.Iterator[str]:
    """Paths of files and links below `under`, sorted. Without `rules` nothing but secrets is left out."""
    judge = env or rules
    try:
        found = sorted(os.scandir(os.path.join(root, under)), key=lambda entry: entry.name)
    except OSError as exc:
        raise InputError(
            f"path: the directory {under or root} cannot be read: {exc.strerror}.",
            hint="Nothing was sent. Mend it, or name it in .vercelignore.",
        ) from exc
    for item in found:
        path = f"{under}/{item.name}" if under else item.name
        is_directory = item.is_dir(follow_symlinks=False)
        marked = f"{path}/" if is_directory else path
        if rules is not None and rules.ignores(marked):
            continue
        if judge is not None and judge.withholds(marked):
            withheld.append(marked)
        elif is_directory:
            yield from _walk(root, path, rules, withheld, env)
        else:
            yield path


def _output_paths(root: str, allowed_env: t.Sequence[str], withheld: list[str]) -> list[str]:
    """What `vercel build` wrote, and the files beside it that its functions name."""
    if not os.path.isfile(os.path.join(root, OUTPUT, "config.json")):
        raise InputError(f"path: {root} holds no {OUTPUT}/config.json.", hint="Run 'vercel build' first, or set prebuilt: false.")
    rules = rules_of_output(root, allowed_env)
    paths = list(_walk(root, OUTPUT, None, withheld, rules))
    for config in [path for path in paths if posixpath.basename(path) == FUNCTION_CONFIG]:
        paths += [path for path in _referred(root, config) if _may_go(path, rules, withheld)]
    return sorted(set(paths))


def _may_go(path: str, rules: Rules, withheld: list[str]) -> bool:
    if rules.withholds(path):
        withheld.append(path)
        return False
    return not rules.ignores(path)


def _referred(root: str, config: str) -> list[str]:
    """The files that a function's configuration names, relative to the root; none may lie outside."""
    try:
        with open(os.path.join(root, config), encoding="utf-8") as file:
            named = (json.load(file).get("filePathMap") or {}).values()
    except (OSError, ValueError, AttributeError) as exc:
        raise InputError(f"path: {config} cannot be read: {exc}.", hint="Run 'vercel build' again.") from exc
    paths = [posixpath.normpath(str(path)) for path in named]
    for path in paths:
        real = os.path.realpath(os.path.join(root, path))
        if posixpath.isabs(path) or os.path.commonpath([root, real]) != root:
            raise InputError(f"path: {config} names {path}, which lies outside of {root}.", hint="Run 'vercel build' from the root.")
    return paths


def _hashed(root: str, paths: t.Sequence[str], largest: int) -> list[Entry]:
    """An entry for each path; all that cannot be sent are named in one error."""
    entries, wrong = [], []
    for path in paths:
        try:
            entry = _entry(root, path)
            if entry.size > largest:
                wrong.append(f"{path} has {entry.size} bytes, more than max_file_size ({largest})")
            entries.append(entry)
        except OSError as exc:
            wrong.append(f"{path} cannot be read ({exc.strerror or exc})")
        except ValueError as exc:
            wrong.append(f"{path!r} {exc}")
    if wrong:
        more = f"; and {len(wrong) - NAMED} more" if len(wrong) > NAMED else ""
        raise InputError(f"path: {'; '.join(wrong[:NAMED])}{more}.", hint="Nothing was sent. Mend it, or name it in .vercelignore.")
    return entries


def _entry(root: str, path: str) -> Entry:
    """ValueError completes the sentence that begins with the path."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("has a name that is not UTF-8") from None
    full = os.path.join(root, path)
    kind = os.lstat(full).st_mode
    if stat.S_ISLNK(kind):
        return _link(full, path)
    if not stat.S_ISREG(kind):
        raise ValueError("is neither a file nor a link")
    with open_file(full) as file:
        before = stamp_of(file.fileno())
        sha1 = hashlib.sha1(usedforsecurity=False)
        size = 0
        for piece in iter(lambda: file.read(PIECE), b""):
            sha1.update(piece)
            size += len(piece)
        if stamp_of(file.fileno()) != before or size != before[0]:
            raise changed(path)
    return Entry(path, PROGRAM if kind & stat.S_IXUSR else FILE, size, sha1.hexdigest(), before)


def _link(full: str, path: str) -> Entry:
    text = os.readlink(full)
    points_to = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
    if posixpath.isabs(text) or points_to == ".." or points_to.startswith("../"):
        raise ValueError(f"is a link to {text}, which leaves the directory")
    content = os.fsencode(text)
    return Entry(path, LINK, len(content), hashlib.sha1(content, usedforsecurity=False).hexdigest(), (0, 0, 0))


def open_file(full: str) -> t.BinaryIO:
    """A file for reading, never what a link points to, and never waiting for the other end of a pipe."""
    handle = os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    return os.fdopen(handle, "rb", buffering=0)


def content_of(tree: Tree, entry: Entry) -> bytes:
    """All of a file, as it is now. OSError where it cannot be read."""
    if entry.path in tree.laid:
        return tree.laid[entry.path]
    with open_file(os.path.join(tree.root, entry.path)) as file:
        return file.read()


def stamp_of(handle: int) -> Stamp:
    found = os.fstat(handle)
    return (found.st_size, found.st_mtime_ns, found.st_ino)


def changed(path: str) -> ConflictError:
    return ConflictError(
        f"path: {path} changed while it was read, so that nothing was deployed.",
        hint="Deploy from a directory that nobody writes to: let the build end first.",
    )
