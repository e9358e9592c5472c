# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A dump in a file: a backup that was downloaded, with its manifest beside it, or whatever pg_dump has written somewhere.

Read are pg_dump's custom format and its SQL, also through gzip, each also encrypted by age. Without a manifest nobody knows
what the source held, so that nothing can be compared after the restore.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import Sink, check_identity_file, read_pieces
from ansible_collections.holdfast.webops.plugins.module_utils._backup.feeding import run_fed
from ansible_collections.holdfast.webops.plugins.module_utils._backup.loading import unzipping
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import parse_manifest
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import CUSTOM, SQL, SQL_GZIP, EnoughError, Origin, Supply, pour
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.dump import EVERYTHING
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.fingerprint import NO_CONTENT
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client

AGE, PG_CUSTOM, GZIP = b"age-encryption.org/v1\n", b"PGDMP", b"\x1f\x8b"
HEAD = 64 * 1024  # bytes that tell the format
_SERVER = re.compile(r"[Dd]umped from database version:? (\d+)")
_CLIENT = re.compile(r"[Dd]umped by pg_dump version:? (\d+)")
_EXTENSION = re.compile(r"^\d+; 3079 \d+ EXTENSION - (\S+) ", re.MULTILINE)
_OWNER = re.compile(r"^\d+; \d+ \d+ .* (\S+)$", re.MULTILINE)
_SCRIPT = re.compile(r"\s*(--|/\*|\\|(SET|CREATE|INSERT|BEGIN|START|SELECT|DROP|ALTER|TRUNCATE)\s)", re.IGNORECASE)


def read_file(
    path: str, identity_file: str | None, commands: Commands, clients: t.Sequence[Client], deadline: Deadline
) -> tuple[dict[str, t.Any], Supply]:
    """What is known of a dump or of the backup that a manifest describes, and how to read it."""
    folder = os.path.dirname(os.path.abspath(path))
    manifest = _manifest_beside(path, folder)
    if manifest is not None:
        archive = manifest["archive"]
        stored = os.path.join(folder, archive["name"])
        key_file = check_identity_file(identity_file) if archive["encrypted"] else ""
        return manifest, Supply(archive["format"], _size(stored), archive["sha256"], key_file, (_origin(stored),))
    encrypted = _starts_with(path, AGE)
    raw = Supply(CUSTOM, _size(path), None, check_identity_file(identity_file) if encrypted else "", (_origin(path),))
    head = _head(commands, raw)
    if head.startswith(PG_CUSTOM):
        listing = _listing(commands, clients[-1], raw, deadline)
        return _stand_in(path, raw, listing, _EXTENSION.findall(listing), _owners(listing)), raw
    kind = SQL_GZIP if head.startswith(GZIP) else SQL
    text = (_unzipped(head) if kind == SQL_GZIP else head).decode("utf-8", "replace")
    if not _SCRIPT.match(text):
        raise InputError(
            f"archive '{path}' is no dump that can be restored.",
            hint="It must be pg_dump's custom format or SQL (also .gz, also encrypted by age), or a manifest.json beside its archive.",
        )
    supply = Supply(kind, raw.size, None, raw.key_file, raw.origins)
    return _stand_in(path, supply, text, [], set()), supply


def _manifest_beside(path: str, folder: str) -> dict[str, t.Any] | None:
    """The manifest that is named, or the one that describes the file that is."""
    where = os.path.join(folder, naming.MANIFEST)
    _size(path)
    if not os.path.exists(where):
        return None
    with open(where, "rb") as file:
        manifest = parse_manifest(file.read(), where)
    named = os.path.basename(path)
    return manifest if named in (naming.MANIFEST, manifest["archive"]["name"]) else None


def _stand_in(path: str, supply: Supply, text: str, extensions: t.Sequence[str], owners: t.Collection[str]) -> dict[str, t.Any]:
    """What a manifest would say, as far as the dump itself tells."""
    server, client = _SERVER.search(text), _CLIENT.search(text)
    status = os.stat(path)
    moment = datetime.datetime.fromtimestamp(status.st_mtime, datetime.timezone.utc)
    digest = hashlib.sha256(f"{os.path.realpath(path)} {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()
    return {
        "id": f"{moment:%Y%m%dT%H%M%SZ}-{digest[:6]}",
        "portal": "",
        "at": iso(moment),
        "archive": {
            "name": os.path.basename(path),
            "format": supply.format,
            "size": supply.size,
            "sha256": None,
            "encrypted": bool(supply.key_file),
        },
        "database": {"name": None, "owner": None, "encoding": "UTF8", "collation": None, "character_type": None, "size": 0},
        "server": {"version": None, "major": int(server.group(1)) if server else None},
        "client": {"version": None, "major": int(client.group(1)) if client else None},
        "extensions": dict.fromkeys(extensions, ""),
        "roles": sorted(owners),
        "owners": sorted(owners),
        "scope": EVERYTHING.as_plain(),
        "fingerprint": NO_CONTENT.as_plain(),
        "schema": None,
        "durations": {},
        "restore_by_hand": [],
    }


def _owners(listing: str) -> set[str]:
    """The last word of a line; comments begin with a semicolon."""
    return set(_OWNER.findall(listing)) - {"-"}


def _listing(commands: Commands, client: Client, raw: Supply, deadline: Deadline) -> str:
    argv = [client.program("pg_restore"), "--list"]
    return run_fed(commands, argv, lambda sink: pour(commands, raw, raw.origins[0], sink), deadline, to_the_end=False).decode()


def _head(commands: Commands, supply: Supply) -> bytes:
    """The first plain bytes."""
    head = bytearray()

    def write(data: bytes) -> None:
        head.extend(data)
        if len(head) >= HEAD:
            raise EnoughError("The head is enough.")

    try:
        pour(commands, supply, supply.origins[0], write)
    except EnoughError:
        return bytes(head)
    return bytes(head)


def _unzipped(head: bytes) -> bytes:
    plain = bytearray()
    write: Sink = unzipping(plain.extend)
    write(head)
    return bytes(plain)


def _origin(path: str) -> Origin:
    def pieces() -> t.Iterator[bytes]:
        try:
            with open(path, "rb") as file:
                yield from read_pieces(file)
        except OSError as exc:
            raise _unreadable(path, exc) from exc

    return Origin(path, pieces)


def _starts_with(path: str, magic: bytes) -> bool:
    with open(path, "rb") as file:
        return file.read(len(magic)) == magic


def _size(path: str) -> int:
    try:
        with open(path, "rb"):
            return os.stat(path).st_size
    except OSError as exc:
        raise _unreadable(path, exc) from exc


def _unreadable(path: str, exc: OSError) -> InputError:
    return InputError(f"archive '{path}' cannot be read: {exc.strerror}.", hint="Name a file on the target host.")
