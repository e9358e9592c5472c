# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is restored, wherever it lies: a backup in stores, or a dump in a file."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import queue
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, Copy
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import Sink, WrongKeyError, decrypt, decrypt_into, widen
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errands import Errand
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

AHEAD = 2  # pieces; those of a store are up to 8 MiB
CUSTOM, DIRECTORY, SQL, SQL_GZIP = "custom", "directory", "sql", "sql.gz"


class EnoughError(WebopsError):
    """Raised by a sink that wants no more; not a fault."""


@dataclasses.dataclass(frozen=True)
class Origin:
    """One copy of the stored bytes. `open` begins reading them anew."""

    name: str
    open: t.Callable[[], t.Iterator[bytes]]


@dataclasses.dataclass
class Meter:
    """Stored bytes that have been read of the present copy, for who watches; and whether the others are wanted at all."""

    count: int = 0
    wanted: bool = True


@dataclasses.dataclass(frozen=True)
class Supply:
    """Stored bytes: `size` and `sha256` of them (None where nobody wrote it down), `key_file` "" when they are not encrypted."""

    format: str
    size: int
    sha256: str | None
    key_file: str
    origins: tuple[Origin, ...]
    meter: Meter = dataclasses.field(default_factory=Meter)


def of_backup(backup: Backup, key_file: str) -> Supply:
    """The sound copies of a backup."""
    archive = backup.manifest["archive"]
    origins = tuple(Origin(copy.store.url, _opener(copy, backup)) for copy in backup.sound)
    return Supply(archive.get("format", CUSTOM), archive["size"], archive["sha256"], key_file if archive["encrypted"] else "", origins)


def _opener(copy: Copy, backup: Backup) -> t.Callable[[], t.Iterator[bytes]]:
    key = naming.folder_of(backup.manifest) + backup.manifest["archive"]["name"]
    return lambda: copy.store.stream(key)


def pour(commands: Commands, supply: Supply, origin: Origin, sink: Sink) -> None:
    """Give the plain bytes to `sink`. WebopsError when the copy cannot be read, is not what was written, or needs another key.

    What arrived before the error is to be thrown away.
    """
    _pour(supply, origin, sink, lambda source: decrypt(commands, source, sink, supply.key_file))


def pour_into(commands: Commands, supply: Supply, origin: Origin, file: t.IO[bytes]) -> None:
    """As `pour`, into a file. OSError where its disk takes no more."""
    if file.seek(0, os.SEEK_END):  # what another copy left; after truncating even an empty file, ext4 writes it to the disk on closing
        file.seek(0)
        file.truncate()
    write = t.cast(Sink, file.write)
    _pour(supply, origin, write, lambda source: decrypt_into(commands, source, file, supply.key_file))
    file.flush()


def _pour(supply: Supply, origin: Origin, sink: Sink, decrypt_from: t.Callable[[t.IO[bytes]], None]) -> None:
    """`sink` takes what is not encrypted; what is, `decrypt_from` reads from a pipe."""
    pieces = _checked(supply, origin)
    if not supply.key_file:
        for piece in pieces:
            sink(piece)
        return
    feeder = Feeder(pieces)
    try:
        decrypt_from(feeder.source)
    except (WrongKeyError, EnoughError, OSError):
        feeder.give_up()
        raise
    except WebopsError:
        feeder.finish()  # reads to the end: a wrong digest tells more than that it cannot be decrypted
        raise
    feeder.finish()


def _checked(supply: Supply, origin: Origin) -> t.Iterator[bytes]:
    digest = hashlib.sha256()
    supply.meter.count = 0
    for piece in _ahead(origin.open()):
        if not supply.meter.wanted:
            raise EnoughError("Nobody wants the rest.")
        digest.update(piece)
        supply.meter.count += len(piece)
        yield piece
    if supply.sha256 not in (None, digest.hexdigest()):
        raise WebopsError(f"{origin.name} is not what was written: its SHA-256 is {digest.hexdigest()}, not {supply.sha256}.")


def _ahead(pieces: t.Iterator[bytes]) -> t.Iterator[bytes]:
    """The same pieces, the next of them fetched while this one is worked on."""

    def fetch(sink: Sink) -> None:
        for piece in pieces:
            sink(piece)

    return pulled(fetch)


def pulled(push: t.Callable[[Sink], None]) -> t.Iterator[bytes]:
    """What a function gives to its sink, as an iterator; its error comes where the pieces end."""
    waiting: queue.Queue[bytes | None] = queue.Queue(AHEAD)
    over = threading.Event()

    def offer(piece: bytes | None) -> None:
        while not over.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(piece, timeout=0.2)
                return

    def sink(piece: bytes) -> None:
        offer(piece)
        if over.is_set():
            raise EnoughError("Nobody wants the rest.")

    def run() -> None:
        try:
            push(sink)
        finally:
            offer(None)

    errand = Errand("pull", run)
    try:
        yield from iter(waiting.get, None)
    finally:
        over.set()
    errand.finish()


class Feeder:
    """Turns pieces into a pipe, in a thread of its own."""

    def __init__(self, pieces: t.Iterator[bytes]) -> None:
        self._pieces = pieces
        self._wanted = True
        reading, self._writing = os.pipe()
        self.source = os.fdopen(reading, "rb")
        widen(self.source)
        self._errand = Errand("feed", self._write_all)

    def finish(self) -> None:
        """Wait until the pieces have ended; raises what ended them."""
        self.source.close()
        self._errand.finish()

    def give_up(self) -> None:
        """Nobody wants the rest."""
        self._wanted = False
        self.source.close()
        self._errand.wait()

    def _write_all(self) -> None:
        try:
            with os.fdopen(self._writing, "wb", buffering=0) as pipe:
                for piece in self._pieces:
                    left = memoryview(piece)
                    while left:
                        left = left[pipe.write(left) :]
        except BrokenPipeError:
            while self._wanted and next(self._pieces, None) is not None:
                continue
