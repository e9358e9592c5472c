# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the archive of a configuration back to files. What it says is not trusted: nothing leaves the folder that it is unpacked into."""

from __future__ import annotations

import contextlib
import dataclasses
import grp
import hashlib
import os
import pwd
import stat
import tarfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import (
    FILE,
    FILES,
    FOLDER,
    INVENTORIES,
    LINK,
    SECRETS,
    SETTINGS,
    Entry,
    look,
    problem_of_name,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.packing import SUMS, read_sums
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import read_pieces
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

TOP = {SUMS, FILES, INVENTORIES, SETTINGS, SECRETS}
ORDINARY = 0o777  # what a user may set without asking; the special bits let programs act as their owner


def read_archive(path: str) -> list[Entry]:
    """All that is in it but the list of digests, looked at to the last byte. WebopsError when it is not what config_backup writes."""
    entries: list[Entry] = []
    sums: dict[str, str] = {}
    places = _Places()
    with _archive(path) as archive:
        for info in archive:
            places.add(info.name, is_folder=info.isdir())
            entry = _entry(archive, info)
            if entry.path == SUMS:
                sums = _sums(archive, info)
            else:
                entries.append(entry)
    wrong = [entry.path for entry in entries if entry.type == FILE and sums.pop(entry.path, None) != entry.sha256] + sorted(sums)
    if wrong:
        raise WebopsError(f"'{wrong[0]}' in the archive is not what {SUMS} in it says.", hint="Choose another backup.")
    return entries


def extract(path: str, folder: str, *, same_owner: bool) -> None:
    """Unpack into a folder that is empty and that nobody else can enter."""
    places = _Places()
    folders: list[tarfile.TarInfo] = []
    with _archive(path) as archive:
        for info in archive:
            places.add(info.name, is_folder=info.isdir())
            target = os.path.join(folder, info.name)
            os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
            if info.isdir():
                os.makedirs(target, mode=0o700, exist_ok=True)
                folders.append(info)
                continue
            _extract(archive, info, target)
            _settle(info, target, same_owner=same_owner)
    for info in reversed(folders):  # a folder that nobody may write to, or its time, comes after what is in it
        _settle(info, os.path.join(folder, info.name), same_owner=same_owner)


def is_same(folder: str, entries: t.Sequence[Entry], *, same_owner: bool) -> bool:
    """Whether a folder holds just these; times do not count."""
    found = [entry for entry in look(folder, "", ()) if entry.path]
    there = {entry.path.lstrip("/"): entry for entry in found}
    there.pop(SUMS, None)
    wanted = {entry.path: entry for entry in entries}
    for path in list(there):
        if path not in wanted and there[path].type == FOLDER and any(other.startswith(f"{path}/") for other in wanted):
            del there[path]  # a folder that only leads to others
    if set(there) != set(wanted):
        return False
    return all(_told(there[path], same_owner) == _told(wanted[path], same_owner) for path in wanted)


def _told(entry: Entry, same_owner: bool) -> tuple[t.Any, ...]:
    mode = entry.mode if same_owner else entry.mode & ORDINARY
    owners = (entry.owner, entry.group) if same_owner else ()
    return (entry.type, mode if entry.type != LINK else 0, entry.sha256, entry.target, owners)


class _Places:
    """Which places an archive has named so far; refuses one that is outside, taken, or behind something that is no folder."""

    def __init__(self) -> None:
        self._taken: dict[str, bool] = {}  # path -> whether it is a folder

    def add(self, name: str, *, is_folder: bool) -> None:
        parts = name.split("/")
        if problem_of_name(name):
            raise _refused(name, f"has a name that {problem_of_name(name)}")
        if any(part in ("", ".", "..") for part in parts):
            raise _refused(name, "would leave the folder")
        for number in range(1, len(parts)):
            if not self._taken.setdefault("/".join(parts[:number]), True):
                raise _refused(name, "goes through something that is no folder")
        if name in self._taken and not (is_folder and self._taken[name]):
            raise _refused(name, "is in it twice")
        self._taken[name] = is_folder


def _refused(name: str, why: str) -> WebopsError:
    return WebopsError(f"{name!r} in the archive {why}; nothing was unpacked.", hint="It was not made by config_backup: find out who did.")


@contextlib.contextmanager
def _archive(path: str) -> t.Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as archive:
            yield archive
    except (tarfile.TarError, EOFError, UnicodeError) as exc:
        raise WebopsError(f"The archive cannot be read: {exc}.", hint="It is damaged, or not whole; choose another backup.") from exc


def _entry(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Entry:
    kind = FOLDER if info.isdir() else LINK if info.issym() else FILE if info.type in (tarfile.REGTYPE, tarfile.AREGTYPE) else ""
    if not kind:
        raise _refused(info.name, "is neither file nor folder nor link")
    entry = Entry(
        info.name, kind, info.mode & 0o7777, int(info.mtime), info.uid, info.gid, info.uname or str(info.uid), info.gname or str(info.gid)
    )
    if kind == LINK:
        return dataclasses.replace(entry, target=info.linkname)
    return dataclasses.replace(entry, size=info.size, sha256=_digest(archive, info)) if kind == FILE else entry


def _content(archive: tarfile.TarFile, info: tarfile.TarInfo) -> t.Iterator[bytes]:
    file = archive.extractfile(info)
    if file is None:
        raise _refused(info.name, "has no content")
    with file:
        yield from read_pieces(file)


def _digest(archive: tarfile.TarFile, info: tarfile.TarInfo) -> str:
    digest = hashlib.sha256()
    for piece in _content(archive, info):
        digest.update(piece)
    return digest.hexdigest()


def _sums(archive: tarfile.TarFile, info: tarfile.TarInfo) -> dict[str, str]:
    return read_sums(b"".join(_content(archive, info)))


def _extract(archive: tarfile.TarFile, info: tarfile.TarInfo, target: str) -> None:
    if info.issym():
        os.symlink(info.linkname, target)
        return
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        for piece in _content(archive, info):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _settle(info: tarfile.TarInfo, target: str, *, same_owner: bool) -> None:
    """Owner, mode and time; those of what is never followed by a link."""
    if same_owner:
        os.chown(target, *_owner(info), follow_symlinks=False)
    if not info.issym():
        os.chmod(target, stat.S_IMODE(info.mode) if same_owner else info.mode & ORDINARY)
    os.utime(target, (info.mtime, info.mtime), follow_symlinks=False)


def _owner(info: tarfile.TarInfo) -> tuple[int, int]:
    """By name where this host knows it, else by number, as tar does."""
    uid, gid = info.uid, info.gid
    with contextlib.suppress(KeyError):
        uid = pwd.getpwnam(info.uname).pw_uid
    with contextlib.suppress(KeyError):
        gid = grp.getgrnam(info.gname).gr_gid
    return uid, gid
