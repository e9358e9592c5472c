# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is what is stored what was written? By its digests, or by decrypting it and reading the archive to its end.

That a restore is equal to its source is more than this, and is what proving.py shows.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, Copy
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import WrongKeyError
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import parts_of
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import (
    DeadlineError,
    InputError,
    NotFoundError,
    WebopsError,
)

READERS = 8

# Reads the plain archive of a backup with one copy; WebopsError when it cannot be read to its end.
ReadArchive = t.Callable[[Backup], None]


def verify_digests(backup: Backup) -> Backup:
    """Read all parts of all copies and compare their SHA-256 with the manifest; a copy that differs is damaged."""
    with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
        return dataclasses.replace(backup, copies=tuple(pool.map(_digested, backup.copies)))


def verify_archives(backup: Backup, read: ReadArchive) -> Backup:
    """Decrypt the archive of each copy whose digests are right, and read it; a copy where that fails is damaged."""
    return dataclasses.replace(backup, copies=tuple(_read_through(backup, copy, read) for copy in verify_digests(backup).copies))


def _digested(copy: Copy) -> Copy:
    if copy.damage:
        return copy
    folder = naming.folder_of(copy.manifest)
    try:
        problems = [_digest_problem(copy, folder, part) for part in parts_of(copy.manifest)]
    except WebopsError as exc:
        problems = [str(exc)]
    return dataclasses.replace(copy, damage=next((problem for problem in problems if problem), ""))


def _digest_problem(copy: Copy, folder: str, part: t.Mapping[str, t.Any]) -> str:
    digest = hashlib.sha256()
    for piece in copy.store.stream(folder + part["name"]):
        digest.update(piece)
    if digest.hexdigest() == part["sha256"]:
        return ""
    return f"{part['name']} has SHA-256 {digest.hexdigest()}, {part['sha256']} was written."


def _read_through(backup: Backup, copy: Copy, read: ReadArchive) -> Copy:
    if copy.damage:
        return copy
    try:
        read(dataclasses.replace(backup, copies=(copy,)))
    except (WrongKeyError, InputError, NotFoundError, DeadlineError):  # says nothing about the copy
        raise
    except WebopsError as exc:
        return dataclasses.replace(copy, damage=f"its archive cannot be read: {exc.message}")
    return copy
