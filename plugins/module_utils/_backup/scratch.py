# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders for what must be on a disk for a while. What a run that was killed left there is removed by the next one."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os
import shutil
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

_LOCK = ".in-use"


@contextlib.contextmanager
def private_folder(parent: str | None, purpose: str) -> t.Iterator[str]:
    """A new folder that only we can enter, gone after the block; abandoned ones of the same purpose are removed first."""
    place = parent or tempfile.gettempdir()
    start = os.path.join(place, f"holdfast-{purpose}-")
    for path in glob.glob(glob.escape(start) + "*"):
        _remove_if_abandoned(path)
    try:
        folder = tempfile.mkdtemp(prefix=os.path.basename(start), dir=place)
    except OSError as exc:
        raise WebopsError(f"scratch_dir '{place}' cannot be used: {exc.strerror}.", hint="Name a directory that exists.") from exc
    handle = _lock(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def free_room(folder: str | None) -> int:
    """Bytes that an ordinary user may still write in a folder (None: the system's for temporary files)."""
    folder = folder or tempfile.gettempdir()
    try:
        status = os.statvfs(folder)
    except OSError as exc:
        raise WebopsError(f"scratch_dir '{folder}' cannot be used: {exc.strerror}.", hint="Name a directory that exists.") from exc
    return status.f_bavail * status.f_frsize


def _lock(folder: str) -> int:
    """It gets its name when it is locked: nobody finds it free."""
    unnamed = os.path.join(folder, ".new")
    handle = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    os.rename(unnamed, os.path.join(folder, _LOCK))
    return handle


def _remove_if_abandoned(folder: str) -> None:
    """The kernel gives the lock of a dead process back, so whoever gets it is alone."""
    try:
        handle = os.open(os.path.join(folder, _LOCK), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    else:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)
