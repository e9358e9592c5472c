# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration as a tar: the same content is the same bytes. Readable by `tar`, and checked by `sha256sum --check SHA256SUMS`."""

from __future__ import annotations

import hashlib
import json
import secrets
import tarfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import FILE, FOLDER, LINK, Entry, pieces_of

SUMS = "SHA256SUMS"
BLOCK, RECORD = 512, 10240  # bytes; the tar format's
_TYPES = {FILE: tarfile.REGTYPE, FOLDER: tarfile.DIRTYPE, LINK: tarfile.SYMTYPE}


def pack(entries: t.Sequence[Entry]) -> t.Iterator[bytes]:
    """The archive in pieces; the entries are sorted by their path. WebopsError when one is not any more what it was."""
    size = 0
    for piece in _members([sums_of(entries), *entries]):
        size += len(piece)
        yield piece
    yield bytes(2 * BLOCK + -(size + 2 * BLOCK) % RECORD)


def sums_of(entries: t.Sequence[Entry]) -> Entry:
    """The digests of all files, as sha256sum writes and reads them."""
    lines = [_sum(entry) for entry in entries if entry.type == FILE]
    content = "".join(f"{line}\n" for line in lines).encode("utf-8")
    return Entry(SUMS, FILE, 0o644, size=len(content), sha256=hashlib.sha256(content).hexdigest(), content=content)


def read_sums(content: bytes) -> dict[str, str]:
    """Path to digest. ValueError where it is no such list."""
    found: dict[str, str] = {}
    for line in content.decode("utf-8").splitlines():
        digest, _blanks, path = line.lstrip("\\").partition("  ")
        found[path.replace("\\\\", "\\") if line.startswith("\\") else path] = digest
    return found


def new_salt() -> str:
    return secrets.token_hex(16)


def mark_of(entries: t.Sequence[Entry], salt: str) -> str:
    """Tells equal contents from others, without times.

    It stands in the manifest, which is not encrypted, while some of what it covers is secret and may be short: so it is salted and
    slow (scrypt, RFC 7914), as a stored password is, and nobody finds a secret by trying out what gives the same mark.
    """
    told = [
        [entry.path, entry.type, entry.mode, entry.owner, entry.group, entry.size, entry.sha256, entry.target]
        for entry in sorted(entries, key=lambda entry: entry.path)
    ]
    return hashlib.scrypt(json.dumps(told).encode("utf-8"), salt=bytes.fromhex(salt), n=1 << 15, r=8, p=1, maxmem=1 << 26, dklen=32).hex()


def _sum(entry: Entry) -> str:
    if "\\" in entry.path:  # systemd's units have some; sha256sum's own way to write them
        escaped = entry.path.replace("\\", "\\\\")
        return f"\\{entry.sha256}  {escaped}"
    return f"{entry.sha256}  {entry.path}"


def _members(entries: t.Sequence[Entry]) -> t.Iterator[bytes]:
    for entry in entries:
        yield _header(entry)
        if entry.type == FILE:
            yield from pieces_of(entry)
            yield bytes(-entry.size % BLOCK)


def _header(entry: Entry) -> bytes:
    info = tarfile.TarInfo(entry.path)
    info.type, info.linkname, info.mode = _TYPES[entry.type], entry.target, entry.mode
    info.mtime, info.size = entry.mtime, entry.size
    info.uid, info.gid, info.uname, info.gname = entry.uid, entry.gid, entry.owner, entry.group
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
