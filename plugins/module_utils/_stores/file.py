# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`file://`: a store in a directory, with nothing but the standard library.

An object is a file. New content is written to `.partial/` on the same file system, synced, and then linked (create,
commit: fails where the name is taken) or renamed (replace) to its name; the directory is synced after that. Writers of
one host exclude each other in `replace` with flock on `.lock`. A network file system must support both.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import fcntl
import hashlib
import os
import tempfile
import time
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import sync_directory
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import (
    AlreadyExistsError,
    ChangedError,
    StoredObject,
    StoreError,
)
from ansible_collections.holdfast.webops.plugins.module_utils._stores.keys import check_key, folder_of

PIECE = 1 << 20
PARTIAL = ".partial"
LOCK = ".lock"
# A file that nobody has written to for so long belongs to a run that died.
ABANDONED_AFTER = 24 * 3600.0
NAMING_ATTEMPTS = 10

Names = t.List[str]  # `list` is a method in the class below


class FileStore:
    """The objects below one directory; it is made (mode 0700) when the first object is written."""

    def __init__(self, root: str) -> None:
        self._root = os.path.abspath(root)

    @property
    def url(self) -> str:
        return f"file://{self._root}"

    def create(self, key: str, data: bytes) -> str:
        upload = self.upload(key)
        try:
            upload.write(data)
            upload.commit()
        finally:
            upload.abort()
        return _digest(data)

    def replace(self, key: str, data: bytes, expected: str) -> str:
        path = self._path(key)
        with self._locked():
            try:
                found = self.read(key)[1]
            except NotFoundError as exc:
                raise ChangedError(f"{self.url}/{key} is gone; it was to be replaced.") from exc
            if found != expected:
                raise ChangedError(f"{self.url}/{key} was changed by somebody else in between.")
            upload = FileUpload(self, key, path, self._partial())
            try:
                upload.write(data)
                upload.publish(os.replace)
            finally:
                upload.abort()
        return _digest(data)

    def read(self, key: str) -> tuple[bytes, str]:
        with self._errors(key), open(self._path(key), "rb") as file:
            data = file.read()
        return data, _digest(data)

    def stream(self, key: str, start: int = 0, length: int | None = None) -> t.Iterator[bytes]:
        with self._errors(key), open(self._path(key), "rb") as file:
            file.seek(start)
            left = length
            while left is None or left > 0:
                piece = file.read(PIECE if left is None else min(PIECE, left))
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece

    def head(self, key: str) -> StoredObject | None:
        try:
            with self._errors(key):
                return stored_file(key, os.stat(self._path(key)))
        except NotFoundError:
            return None

    def list(self, prefix: str = "") -> t.Iterator[StoredObject]:
        found = [stored for stored in self._walk(folder_of(prefix)) if stored.key.startswith(prefix)]
        return iter(sorted(found, key=lambda stored: stored.key))

    def delete(self, key: str) -> bool:
        path = self._path(key)
        try:
            with self._errors(key):
                os.unlink(path)
        except NotFoundError:
            return False
        with contextlib.suppress(FileNotFoundError):  # somebody else took the empty folder away
            sync_directory(os.path.dirname(path))
        self._remove_empty(os.path.dirname(path))
        return True

    def upload(self, key: str, *, expected_size: int = 0) -> FileUpload:  # noqa: ARG002
        path = self._path(key)
        return FileUpload(self, key, path, self._partial())

    def probe_conditional(self) -> bool:
        """The kernel keeps the conditions; nothing to try out."""
        return True

    def protect(self, key: str) -> None:
        """A directory has no locks; its options cannot ask for one."""

    def protected_until(self, key: str) -> datetime.datetime | None:  # noqa: ARG002
        return None

    def sweep(self, prefix: str, before: datetime.datetime, *, dry: bool) -> Names:  # noqa: ARG002
        """All writers share one folder of unfinished files, whatever prefix they write to."""
        folder = os.path.join(self._root, PARTIAL)
        return _sweep(folder, before.timestamp(), dry=dry) if os.path.isdir(folder) else []

    def prepare_folder(self, path: str) -> None:
        """Make the directory of an object durable before the object is."""
        missing: list[str] = []
        while not os.path.isdir(path):
            missing.append(path)
            path = os.path.dirname(path)
        for folder in reversed(missing):
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, 0o700)
            sync_directory(os.path.dirname(folder))

    def _remove_empty(self, folder: str) -> None:
        """Folders are no objects: one that holds nothing any more is litter."""
        with contextlib.suppress(OSError):
            while folder != self._root:
                os.rmdir(folder)
                folder = os.path.dirname(folder)

    def _path(self, key: str) -> str:
        return os.path.join(self._root, *check_key(key).split("/"))

    def _partial(self) -> str:
        folder = os.path.join(self._root, PARTIAL)
        try:
            self.prepare_folder(folder)
            _sweep(folder, time.time() - ABANDONED_AFTER)
        except OSError as exc:
            raise StoreError(f"{self.url} cannot be written to: {exc.strerror}.", hint="Check the path, its owner and its mode.") from exc
        return folder

    def _walk(self, folder: str) -> t.Iterator[StoredObject]:
        top = os.path.join(self._root, *folder.split("/")) if folder else self._root
        for directory, folders, names in os.walk(top):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = os.path.join(directory, name)
                with contextlib.suppress(FileNotFoundError):
                    if not name.startswith("."):
                        yield stored_file(os.path.relpath(path, self._root), os.stat(path))

    @contextlib.contextmanager
    def _locked(self) -> t.Iterator[None]:
        self.prepare_folder(self._root)
        handle = os.open(os.path.join(self._root, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def _errors(self, key: str) -> t.Iterator[None]:
        try:
            yield
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as exc:
            # A store that is gone is no store without this object: who reads a lease there must not take it for free.
            if os.path.lexists(self._root) and not os.path.isdir(self._root):
                raise StoreError(f"{self.url} is no folder.", hint="Check the path; something else has taken its place.") from exc
            raise NotFoundError(f"{self.url} has no object '{key}'.") from exc
        except OSError as exc:
            raise StoreError(f"{self.url}/{key}: {exc.strerror}.") from exc


class FileUpload:
    """A file in `.partial/` that gets its name at the end."""

    def __init__(self, store: FileStore, key: str, path: str, partial: str) -> None:
        self._store = store
        self._key = key
        self._path = path
        handle, self._temporary = tempfile.mkstemp(prefix=f"{os.path.basename(path)}.", dir=partial)
        self._file = os.fdopen(handle, "wb", buffering=0)

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as exc:
            raise self._failed(exc) from exc

    def commit(self) -> StoredObject:
        self.publish(os.link)
        os.unlink(self._temporary)
        return stored_file(self._key, os.stat(self._path))

    def publish(self, put: t.Callable[[str, str], None]) -> None:
        """Sync the content and give it its name by link (fails where it is taken) or rename."""
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            self._name(put)
            sync_directory(os.path.dirname(self._path))
        except FileExistsError as exc:
            raise AlreadyExistsError(f"{self._store.url} already has an object '{self._key}'.") from exc
        except OSError as exc:
            raise self._failed(exc) from exc

    def _name(self, put: t.Callable[[str, str], None]) -> None:
        """Somebody who deletes the last object of a folder takes it away, and may do so in between."""
        for left in reversed(range(NAMING_ATTEMPTS)):
            try:
                self._store.prepare_folder(os.path.dirname(self._path))
                put(self._temporary, self._path)
                return
            except FileNotFoundError:
                if not left:
                    raise

    def abort(self) -> None:
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._temporary)

    def _failed(self, exc: OSError) -> StoreError:
        hint = "Free space there, or choose another place." if exc.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        return StoreError(f"{self._store.url}/{self._key} could not be written: {exc.strerror}.", hint=hint)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def stored_file(key: str, status: os.stat_result) -> StoredObject:
    """What the file system says of a file."""
    modified = datetime.datetime.fromtimestamp(status.st_mtime, datetime.timezone.utc)
    return StoredObject(key, status.st_size, modified, f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}")


def _sweep(folder: str, before: float, *, dry: bool = False) -> Names:
    """Remove what runs that died left behind: files that nobody has written to since a moment (seconds since 1970)."""
    found: Names = []
    for entry in os.scandir(folder):
        with contextlib.suppress(FileNotFoundError):
            if entry.stat().st_mtime < before:
                found.append(entry.name)
                if not dry:
                    os.unlink(entry.path)
    return sorted(found)
