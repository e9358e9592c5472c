# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What belongs to a configuration: files, folders and links of this host, and documents that the task hands in.

Everything is looked at once, with a digest of each content. What is read again later, for an archive or for git, must still be that.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import glob
import grp
import hashlib
import json
import os
import pwd
import stat
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import PIECE
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError

FILE, FOLDER, LINK = "file", "directory", "link"
FILES, INVENTORIES, SETTINGS, SECRETS = "files", "inventories", "settings", "secrets"
OTHERS = {stat.S_IFSOCK: "a socket", stat.S_IFIFO: "a pipe", stat.S_IFBLK: "a device", stat.S_IFCHR: "a device"}


@dataclasses.dataclass(frozen=True)
class Entry:
    """One thing of a configuration. `path` is its place in the archive, `source` where it lies on this host.

    `size` and `sha256` are those of a file's content, `target` is what a link names, `content` what was handed in.
    """

    path: str
    type: str
    mode: int
    mtime: int = 0
    uid: int = 0
    gid: int = 0
    owner: str = "root"
    group: str = "root"
    size: int = 0
    sha256: str = ""
    target: str = ""
    source: str = ""
    content: bytes = dataclasses.field(default=b"", repr=False)

    @property
    def secret(self) -> bool:
        """Whether it was handed in as a secret, which no plain place may see."""
        return self.path.startswith(f"{SECRETS}/")

    def fits(self, patterns: t.Sequence[str]) -> bool:
        """Whether a pattern means it, by its place on the host or in the archive."""
        return fits(self.source or self.path, patterns) or fits(self.path, patterns)


def fits(path: str, patterns: t.Sequence[str]) -> bool:
    """Without a slash a pattern means a name anywhere in the path, with one the whole path or a folder above it."""
    for pattern in patterns:
        if "/" not in pattern:
            if any(fnmatch.fnmatchcase(part, pattern) for part in path.split("/")):
                return True
        elif fnmatch.fnmatchcase(path, pattern.rstrip("/")) or fnmatch.fnmatchcase(path, f"{pattern.rstrip('/')}/*"):
            return True
    return False


def document(folder: str, name: str, data: t.Any) -> Entry:
    """Plain data as a JSON file that people can read and compare line by line."""
    content = (json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")
    mode = 0o600 if folder == SECRETS else 0o644
    return Entry(f"{folder}/{name}.json", FILE, mode, size=len(content), sha256=hashlib.sha256(content).hexdigest(), content=content)


def expand(patterns: t.Sequence[str]) -> tuple[list[str], list[str]]:
    """The paths that the option `paths` means, and the patterns that mean nothing at the moment."""
    found: list[str] = []
    empty: list[str] = []
    for pattern in patterns:
        path = os.path.normpath(pattern)
        if os.path.lexists(path):
            found.append(path)
        elif glob.has_magic(pattern):
            meant = sorted(glob.glob(pattern, recursive=True))
            found += [os.path.normpath(one) for one in meant]
            empty += [] if meant else [pattern]
        else:
            raise InputError(f"paths names '{path}', which is not there.", hint="Take it out, or write a pattern if it may be missing.")
    return found, empty


def look(root: str, place: str, exclude: t.Sequence[str]) -> t.Iterator[Entry]:
    """A file, a link, or a folder with all that is in it; `place` is where `root` goes in the archive."""
    waiting = [(root, place)]
    while waiting:
        source, path = waiting.pop()
        if fits(source, exclude):
            continue
        entry = _look_at(source, path)
        yield entry
        if entry.type == FOLDER:
            with _reading(source):
                names = sorted(os.listdir(source), reverse=True)
            waiting += [(os.path.join(source, name), f"{path}/{name}") for name in names]


def pieces_of(entry: Entry) -> t.Iterator[bytes]:
    """The content of a file, in pieces. WebopsError at their end when it is not the one that was looked at."""
    digest, size = hashlib.sha256(), 0
    for piece in [entry.content] if not entry.source else _read(entry.source):
        digest.update(piece)
        size += len(piece)
        if size > entry.size:
            break
        yield piece
    if (size, digest.hexdigest()) != (entry.size, entry.sha256):
        raise changed(entry.source)


def content_of(entry: Entry) -> bytes:
    return b"".join(pieces_of(entry))


def changed(source: str) -> WebopsError:
    return WebopsError(
        f"'{source}' changed while it was read; nothing was stored.",
        hint="Run the task again, or exclude it if it is no configuration but a log or a cache.",
    )


def _look_at(source: str, path: str) -> Entry:
    _check_name(source, source)
    with _reading(source):
        status = os.lstat(source)
    kind = stat.S_IFMT(status.st_mode)
    about: dict[str, t.Any] = {
        "mode": stat.S_IMODE(status.st_mode),
        "mtime": int(status.st_mtime),
        "uid": status.st_uid,
        "gid": status.st_gid,
        "owner": _user(status.st_uid),
        "group": _group(status.st_gid),
        "source": source,
    }
    if kind == stat.S_IFDIR:
        return Entry(path, FOLDER, **about)
    if kind == stat.S_IFLNK:
        with _reading(source):
            target = os.readlink(source)
        _check_name(source, target)
        return Entry(path, LINK, **{**about, "mode": 0o777}, target=target)
    if kind != stat.S_IFREG:
        raise InputError(f"'{source}' is {OTHERS.get(kind, 'no file')}, which cannot be kept.", hint="Exclude it.")
    size, sha256 = _digest(source, status)
    return Entry(path, FILE, **about, size=size, sha256=sha256)


def _digest(source: str, before: os.stat_result) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for piece in _read(source):
        digest.update(piece)
        size += len(piece)
    with _reading(source):
        after = os.lstat(source)
    if _stamp(before) != _stamp(after) or size != after.st_size:
        raise changed(source)
    return size, digest.hexdigest()


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode, status.st_uid, status.st_gid)


def _read(source: str) -> t.Iterator[bytes]:
    with _reading(source):
        handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb", buffering=0) as file:
        while True:
            with _reading(source):
                piece = file.read(PIECE)
            if not piece:
                return
            yield piece


@contextlib.contextmanager
def _reading(source: str) -> t.Iterator[None]:
    """Turns what the system says about a path into a sentence."""
    try:
        yield
    except FileNotFoundError as exc:
        raise changed(source) from exc
    except OSError as exc:
        raise InputError(
            f"'{source}' cannot be read: {exc.strerror}. Nothing was stored.",
            hint="Run the task as a user who may read it (become), or exclude it.",
        ) from exc


def problem_of_name(name: str) -> str:
    """Why a name, or what a link names, cannot be kept; "" when it can."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "is not UTF-8"
    return "holds a control character" if any(ord(letter) < 32 or ord(letter) == 127 for letter in name) else ""


def _check_name(source: str, name: str) -> None:
    problem = problem_of_name(name)
    if problem:
        shown = os.fsencode(source).decode("utf-8", "backslashreplace")
        raise InputError(f"The name of {shown!r}, or what it links to, {problem}.", hint="Rename or exclude it.")


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
