# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive as a stream: pg_dump's custom format out of its pipe, or a tar of the folder that its processes filled."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import tempfile
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import Sink, encrypt, read_pieces, widen
from ansible_collections.holdfast.webops.plugins.module_utils._backup.scratch import private_folder
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, failure, stop
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.dump import DumpPlan, RunningDump, dump_arguments
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client

TAR_END = 60.0  # seconds that tar may take after its last byte


@dataclasses.dataclass(frozen=True)
class Source:
    """What is dumped, by what, and for whom the archive is encrypted (`recipients` empty: for everybody)."""

    commands: Commands
    client: Client
    database_url: str
    plan: DumpPlan
    recipients: tuple[str, ...]
    scratch_dir: str | None


def produce(source: Source, snapshot: str, sink: Sink, deadline: Deadline) -> list[str]:
    """Give the stored bytes of the archive to `sink`; returns the warnings of a dump that ended well."""
    if not source.plan.directory:
        argv = dump_arguments(source.plan, source.client, snapshot)
        with _dumping(source, argv, deadline) as dump:
            store(source, dump.stdout, sink)
            return dump.finish()
    with private_folder(source.scratch_dir, "dump") as folder:
        target = os.path.join(folder, "dump")
        argv = dump_arguments(source.plan, source.client, snapshot, target)
        with _dumping(source, argv, deadline) as dump:
            dump.stdout.read()  # ends with the dump
            warnings = dump.finish()
        with _tar_of(source.commands, target) as tar:
            store(source, tar, sink)
        return warnings


def store(source: Source, stream: t.IO[bytes], sink: Sink) -> None:
    """Read a pipe or file to its end, encrypted if that is wanted."""
    if source.recipients:
        encrypt(source.commands, stream, sink, source.recipients)
    else:
        for piece in read_pieces(stream):
            sink(piece)


@contextlib.contextmanager
def _dumping(source: Source, argv: t.Sequence[str], deadline: Deadline) -> t.Iterator[RunningDump]:
    """A pg_dump that is ended when its time is over, and after the block."""
    dump = RunningDump(source.commands, argv, source.database_url)
    widen(dump.stdout)
    alarm = threading.Timer(deadline.remaining(), dump.stop)
    alarm.daemon = True
    alarm.start()
    try:
        yield dump
    finally:
        alarm.cancel()
        dump.end()


@contextlib.contextmanager
def _tar_of(commands: Commands, folder: str) -> t.Iterator[t.IO[bytes]]:
    """The pipe with a tar of the folder's content; CommandError after the block when it is not whole."""
    argv = ["tar", "--create", "--file=-", "--format=gnu", "--owner=0", "--group=0", "--numeric-owner", f"--directory={folder}", "."]
    with tempfile.TemporaryFile() as said:
        child = commands.start(argv, stdout=subprocess.PIPE, stderr=said)
        try:
            if child.stdout is not None:
                yield child.stdout
            child.wait(TAR_END)
        finally:
            if child.poll() is None:
                stop(child)
            if child.stdout is not None:
                child.stdout.close()
        if child.returncode != 0:
            said.seek(0)
            raise failure(argv, child.returncode, said.read())
