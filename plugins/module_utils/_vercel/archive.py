# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many files as one: a gzipped tar in parts, as `vercel deploy --archive=tgz` sends it.

The same files give the same bytes: no times, no owners.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import tarfile
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.tree import LINK, PIECE, Entry, Tree, changed, open_file, stamp_of

# What one request of Vercel's API takes at most.
MOST_FILES = 15_000
# From here on one archive costs less than asking for each file; below, unchanged files need not be sent again.
MANY_FILES = 5_000
PART = 50 * 1024 * 1024
NAME = ".vercel/source.tgz.part{number}"
MODE = 0o666
LEVEL = 6


class Part(t.NamedTuple):
    """One piece of the archive in its file."""

    path: str
    offset: int
    size: int
    sha1: str


def wanted(choice: str, files: int) -> bool:
    """Whether to send an archive; `choice` is `auto`, `always` or `never`."""
    if choice == "never" and files > MOST_FILES:
        raise InputError(f"archive: {files} files are more than the {MOST_FILES} that Vercel takes one by one.", hint="Set archive: auto.")
    return choice == "always" or (choice == "auto" and files > MANY_FILES)


@contextlib.contextmanager
def pack(tree: Tree) -> t.Iterator[t.BinaryIO]:
    """The archive in a file without a name, which is gone afterwards."""
    with tempfile.TemporaryFile() as file:
        with contextlib.ExitStack() as opened:
            packed = opened.enter_context(gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=LEVEL, mtime=0))
            archive = opened.enter_context(tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT))
            for entry in sorted(tree.entries):
                _add(archive, tree, entry)
        yield t.cast(t.BinaryIO, file)


def parts_of(file: t.BinaryIO, size: int = PART) -> list[Part]:
    """The pieces of at most `size` bytes that the archive is sent in."""
    parts: list[Part] = []
    total = file.seek(0, os.SEEK_END)
    for offset in range(0, total, size):
        length = min(size, total - offset)
        name = NAME.format(number=len(parts) + 1)
        parts.append(Part(name, offset, length, _digest(file, offset, length)))
    return parts


def _digest(file: t.BinaryIO, offset: int, length: int) -> str:
    sha1 = hashlib.sha1(usedforsecurity=False)
    for at in range(offset, offset + length, PIECE):
        sha1.update(os.pread(file.fileno(), min(PIECE, offset + length - at), at))
    return sha1.hexdigest()


def _add(archive: tarfile.TarFile, tree: Tree, entry: Entry) -> None:
    info = tarfile.TarInfo(entry.path)
    info.mode = entry.mode & 0o777
    full = os.path.join(tree.root, entry.path)
    if entry.mode == LINK:
        info.type, info.linkname = tarfile.SYMTYPE, os.readlink(full)
        archive.addfile(info)
        return
    info.size = entry.size
    if entry.path in tree.laid:
        archive.addfile(info, io.BytesIO(tree.laid[entry.path]))
        return
    with open_file(full) as file:
        _refuse_changed(file, entry)
        try:
            archive.addfile(info, file)
        finally:  # also where it has become too short to be read as a whole
            _refuse_changed(file, entry)


def _refuse_changed(file: t.BinaryIO, entry: Entry) -> None:
    if stamp_of(file.fileno()) != entry.stamp:
        raise changed(entry.path)
