# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory as a bucket. It has no attributes beside content, and no object whose name is a folder of another one."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import sync_directory
from ansible_collections.holdfast.webops.plugins.module_utils._stores.buckets import Attributes, Fetched
from ansible_collections.holdfast.webops.plugins.module_utils._stores.file import PIECE, stored_file
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import ChangedError, StoredObject, StoreError

UNFINISHED = ".holdfast-"  # how the names of files begin that are being written


class FileBucket:
    """The regular files below a directory, of which symbolic links are none."""

    keeps_attributes = False

    def __init__(self, root: str) -> None:
        self._root = os.path.abspath(root)

    @property
    def url(self) -> str:
        return f"file://{self._root}"

    def list(self) -> t.Iterator[StoredObject]:
        if not os.path.isdir(self._root):
            raise NotFoundError(f"{self.url} is no directory.", hint="Check the path, and whether its file system is mounted.")
        return iter(sorted(self._walk(), key=lambda stored: stored.key))

    def look(self, key: str) -> StoredObject | None:
        path = self._path(key)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), self._errors(key):
            status = os.lstat(path)
            if stat.S_ISREG(status.st_mode):
                return stored_file(key, status)
        return None

    def fetch(self, seen: StoredObject) -> Fetched:
        try:
            with self._errors(seen.key):
                handle = os.open(self._path(seen.key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError as exc:
            raise NotFoundError(f"{self.url} has no object '{seen.key}'.") from exc
        return Fetched({}, self._pieces(seen, handle))

    def _pieces(self, seen: StoredObject, handle: int) -> t.Iterator[bytes]:
        with os.fdopen(handle, "rb", buffering=0) as file, self._errors(seen.key):
            piece = file.read(PIECE)
            while piece:
                yield piece
                piece = file.read(PIECE)
            if stored_file(seen.key, os.fstat(file.fileno())).version != seen.version:
                raise ChangedError(f"{self.url}/{seen.key} was changed while it was read.")

    def put(self, key: str, pieces: t.Iterator[bytes], size: int, attributes: Attributes) -> None:  # noqa: ARG002
        path = self._path(key)
        folder = os.path.dirname(path)
        temporary = os.path.join(folder, UNFINISHED + secrets.token_hex(8))
        try:
            with self._errors(key):
                os.makedirs(folder, mode=0o700, exist_ok=True)
                self._write(temporary, pieces)
                os.replace(temporary, path)
                sync_directory(folder)
        except FileNotFoundError as exc:
            raise StoreError(f"{self.url}/{key} could not be written: its folder was removed meanwhile.") from exc
        finally:
            with contextlib.suppress(OSError):
                os.unlink(temporary)

    def remove(self, key: str) -> None:
        path = self._path(key)
        with contextlib.suppress(FileNotFoundError), self._errors(key):
            os.unlink(path)
        with contextlib.suppress(OSError):  # a folder that still holds something
            while os.path.dirname(path) != self._root:
                path = os.path.dirname(path)
                os.rmdir(path)

    @staticmethod
    def _write(path: str, pieces: t.Iterator[bytes]) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb", buffering=0) as file:
            for piece in pieces:
                left = memoryview(piece)
                while left:
                    left = left[file.write(left) :]
            os.fsync(file.fileno())

    def _walk(self) -> t.Iterator[StoredObject]:
        for directory, _folders, names in os.walk(self._root, onerror=self._refuse):
            for name in names:
                path = os.path.join(directory, name)
                with contextlib.suppress(FileNotFoundError):
                    status = os.lstat(path)
                    if stat.S_ISREG(status.st_mode) and not name.startswith(UNFINISHED):
                        yield stored_file(_named(os.path.relpath(path, self._root)), status)

    def _refuse(self, exc: OSError) -> None:
        raise StoreError(f"{self.url} cannot be read: {exc.strerror} ({exc.filename}).", hint="Check the owner and the mode.") from exc

    def _path(self, key: str) -> str:
        parts = key.split("/")
        if any(part in ("", ".", "..") for part in parts) or "\x00" in key:
            raise StoreError(f"{key!r} cannot be the name of a file in {self.url}.", hint="Name a bucket of an object store as the target.")
        return os.path.join(self._root, *parts)

    @contextlib.contextmanager
    def _errors(self, key: str) -> t.Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as exc:
            hint = (
                "A directory cannot hold a name that is also the folder of another one."
                if isinstance(exc, (NotADirectoryError, IsADirectoryError, FileExistsError))
                else ""
            )
            raise StoreError(f"{self.url}/{key}: {exc.strerror}.", hint=hint) from exc


def _named(path: str) -> str:
    try:
        path.encode()
    except UnicodeEncodeError as exc:
        raise StoreError(f"{path!r} is no name in UTF-8.", hint="Rename it; what is left out silently is no backup.") from exc
    return path
