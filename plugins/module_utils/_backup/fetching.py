# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a backup to its plain archive, as a file without a name that is gone when the process is.

The whole ciphertext is compared with the manifest's SHA-256 before a byte of it is decrypted, and decryption ends before
a server is touched. Needs twice the archive's size in the scratch directory.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, Copy
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file, decrypt
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError


@dataclasses.dataclass(frozen=True)
class PlainArchive:
    """`path` can be opened by child processes while the block lasts; `warnings` name copies that could not be used."""

    path: str
    store: str
    warnings: tuple[str, ...]


@contextlib.contextmanager
def plain_archive(commands: Commands, backup: Backup, identity_file: str | None, scratch_dir: str | None) -> t.Iterator[PlainArchive]:
    """Fetch from the first copy that is whole, check, decrypt."""
    encrypted = backup.manifest["archive"]["encrypted"]
    key_file = check_identity_file(identity_file) if encrypted else ""
    _check_room(scratch_dir, backup.manifest["archive"]["size"] * (2 if encrypted else 1))
    with contextlib.ExitStack() as stack:
        stored = stack.enter_context(tempfile.TemporaryFile(dir=scratch_dir))
        copy, warnings = _download_any(backup, stored, scratch_dir)
        if encrypted:
            plain = stack.enter_context(tempfile.TemporaryFile(dir=scratch_dir))
            decrypt(commands, stored, _writer(plain, scratch_dir), key_file)
            with _full_disk_said(scratch_dir):
                plain.flush()
            stored.truncate(0)
            stored = plain
        yield PlainArchive(f"/proc/{os.getpid()}/fd/{stored.fileno()}", copy.store.url, tuple(warnings))


def _download_any(backup: Backup, file: t.IO[bytes], scratch_dir: str | None) -> tuple[Copy, list[str]]:
    errors: list[str] = []
    for copy in backup.sound:
        try:
            _download(copy, backup, file, scratch_dir)
        except WebopsError as exc:
            errors.append(str(exc))
        else:
            return copy, errors
    raise WebopsError(f"No copy of backup {backup.id} can be used. {' '.join(errors)}", hint="Choose another backup; nothing was touched.")


def _download(copy: Copy, backup: Backup, file: t.IO[bytes], scratch_dir: str | None) -> None:
    archive, digest = backup.manifest["archive"], hashlib.sha256()
    key = naming.folder(backup.manifest["portal"], backup.id) + archive["name"]
    file.seek(0)
    file.truncate()
    with _full_disk_said(scratch_dir):
        for piece in copy.store.stream(key):
            digest.update(piece)
            file.write(piece)
        file.flush()
    file.seek(0)
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # a child that inherits the file starts where the kernel says
    if digest.hexdigest() != archive["sha256"]:
        raise WebopsError(f"{copy.store.url}/{key} is not what was written: its SHA-256 is {digest.hexdigest()}, not {archive['sha256']}.")


def _writer(file: t.IO[bytes], scratch_dir: str | None) -> t.Callable[[bytes], None]:
    def write(data: bytes) -> None:
        with _full_disk_said(scratch_dir):
            file.write(data)

    return write


def _check_room(scratch_dir: str | None, size: int) -> None:
    folder = scratch_dir or tempfile.gettempdir()
    try:
        status = os.statvfs(folder)
    except OSError as exc:
        raise WebopsError(f"scratch_dir '{folder}' cannot be used: {exc.strerror}.", hint="Name a directory that exists.") from exc
    free = status.f_bavail * status.f_frsize
    if free < size:
        raise WebopsError(
            f"'{folder}' has {free} bytes free, {size} are needed to restore.", hint="Set scratch_dir to a place with more room."
        )


@contextlib.contextmanager
def _full_disk_said(scratch_dir: str | None) -> t.Iterator[None]:
    try:
        yield
    except OSError as exc:
        folder = scratch_dir or tempfile.gettempdir()
        raise WebopsError(
            f"The archive could not be written to '{folder}': {exc.strerror}.", hint="Set scratch_dir to a place with more room."
        ) from exc
