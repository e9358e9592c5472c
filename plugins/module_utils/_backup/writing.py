# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a database to a new backup in every destination: one snapshot, one read, and a manifest at the end."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import io
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut, Pace
from ansible_collections.holdfast.webops.plugins.module_utils._backup.producing import Source, produce, store
from ansible_collections.holdfast.webops.plugins.module_utils._backup.publishing import Written, publish
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import SigningKey
from ansible_collections.holdfast.webops.plugins.module_utils._backup.stating import Marks, archive_name, manifest_of
from ansible_collections.holdfast.webops.plugins.module_utils._backup.telling import Teller
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import Progress
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.dump import DumpPlan, dump_globals, schema_digest
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.facts import DatabaseFacts, read_facts
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.failures import server_errors
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.fingerprint import (
    NO_CONTENT,
    Fingerprint,
    SequenceMark,
    pin_settings,
    read_sequences,
    take_fingerprint,
)
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

if t.TYPE_CHECKING:
    from psycopg import Connection

APPLICATION = "holdfast pg_backup"
CANCEL_INTERVAL = 0.2  # seconds


@dataclasses.dataclass(frozen=True)
class BackupRequest:
    """What a task asks for, checked. `max_age` and `wait_timeout` in seconds; `recipients` is empty without encryption."""

    portal: str
    database_url: str
    stores: tuple[Store, ...]
    require: str
    recipients: tuple[str, ...]
    plan: DumpPlan
    fingerprint: str
    with_globals: bool
    max_age: float | None
    wait_timeout: float
    pg_bin_dir: str | None
    scratch_dir: str | None
    pace: Pace
    signing_key: SigningKey | None
    expected_size: int | None = None  # of the archive, by the one before; only progress is told by it

    def source(self, client: Client, commands: Commands) -> Source:
        return Source(commands, client, self.database_url, self.plan, self.recipients, self.scratch_dir)


def write_backup(request: BackupRequest, client: Client, commands: Commands, clock: Clock, progress: Progress) -> Written:
    """Make one backup. Nothing that looks like one is left anywhere when this raises."""
    backup_id, started, deadline = naming.new_id(clock.now()), clock.monotonic(), Deadline(clock, request.wait_timeout)
    source, folder = request.source(client, commands), naming.folder(request.portal, backup_id)
    fan = FanOut(request.stores, request.require, deadline, _pace_within(request))
    try:
        marks = _write_archive(request, source, fan, folder, deadline, Teller(progress, clock))
        manifest = manifest_of(source, request.portal, backup_id, marks, fan)
        manifest["finished_at"] = iso(clock.now())
        manifest["durations"] = {"total": round(clock.monotonic() - started, 3)}
        progress.show("Writing the manifest")
        return publish(fan, manifest, request.signing_key, commands)
    finally:
        fan.abort()


@contextlib.contextmanager
def snapshot_of(database_url: str) -> t.Iterator[tuple[Connection[t.Any], str]]:
    """A connection in a read-only transaction, and the name under which pg_dump can see exactly what it sees."""
    with server_errors("to be backed up"), contextlib.closing(connect(database_url, application_name=APPLICATION)) as connection:
        pin_settings(connection)
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield connection, str(row[0]) if row else ""


def _pace_within(request: BackupRequest) -> Pace:
    """Nobody is waited for longer than the whole backup may take."""
    return dataclasses.replace(request.pace, stall_timeout=min(request.pace.stall_timeout, request.wait_timeout))


def _write_archive(request: BackupRequest, source: Source, fan: FanOut, folder: str, deadline: Deadline, teller: Teller) -> Marks:
    """Everything but the manifest, complete in the stores."""
    with snapshot_of(request.database_url) as (connection, snapshot):
        facts = read_facts(connection)
        fan.open(folder + archive_name(source), facts.size)
        with teller.watching(fan, request.expected_size):
            try:
                fingerprint, schema, warnings = _archive(request, source, fan, connection, snapshot, deadline)
            except WebopsError as exc:
                if deadline.expired:
                    raise _too_late(request) from exc
                raise
    with teller.watching(fan, fan.size):
        fan.commit()
    described = _add_globals(source, fan, folder, facts, deadline) if request.with_globals else None
    return Marks(facts, fingerprint, schema, warnings, described)


def _archive(
    request: BackupRequest, source: Source, fan: FanOut, connection: Connection[t.Any], snapshot: str, deadline: Deadline
) -> tuple[Fingerprint, str, list[str]]:
    """Dump and fingerprint at the same time, from one snapshot."""
    sequences = read_sequences(connection, source.plan.scope)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        mark = pool.submit(_look_at_source, request, source, connection, snapshot, sequences, deadline)
        try:
            warnings = produce(source, snapshot, fan.write, deadline)
            fingerprint, schema = mark.result(deadline.remaining() + 1.0)
        except concurrent.futures.TimeoutError as exc:
            raise _too_late(request) from exc
        finally:
            while not mark.done():  # one query after the other, so one cancellation may hit none
                connection.cancel()
                concurrent.futures.wait([mark], CANCEL_INTERVAL)
    return fingerprint, schema, warnings


def _look_at_source(
    request: BackupRequest,
    source: Source,
    connection: Connection[t.Any],
    snapshot: str,
    sequences: t.Mapping[str, SequenceMark],
    deadline: Deadline,
) -> tuple[Fingerprint, str]:
    """What a restore is compared with: the content as numbers, the schema as a digest."""
    scope, timeout = source.plan.scope, max(deadline.remaining(), 1.0)
    schema = schema_digest(
        source.commands, source.client, request.database_url, scope, snapshot=snapshot, timeout=timeout, lock_wait=source.plan.lock_wait
    )
    if scope.schema_only:
        return NO_CONTENT, schema
    return take_fingerprint(connection, request.fingerprint, sequences, scope), schema


def _add_globals(source: Source, fan: FanOut, folder: str, facts: DatabaseFacts, deadline: Deadline) -> dict[str, t.Any]:
    """Store the roles and other globals of the server beside the archive; returns what the manifest says of them."""
    sql = dump_globals(
        source.commands, source.client, source.database_url, with_passwords=facts.superuser, timeout=max(deadline.remaining(), 1.0)
    )
    stored = io.BytesIO()
    with os.fdopen(os.memfd_create("globals"), "w+b") as plain:  # a file without a disk: it holds hashes of passwords
        plain.write(sql)
        plain.seek(0)
        store(source, plain, lambda piece: t.cast(None, stored.write(piece)))
    name, content = naming.globals_name(encrypted=bool(source.recipients)), stored.getvalue()
    fan.add(folder + name, content)
    return {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "with_passwords": facts.superuser}


def _too_late(request: BackupRequest) -> DeadlineError:
    return DeadlineError(
        f"The backup was not complete after {request.wait_timeout:g} s and was given up.",
        hint="Raise wait_timeout, or see what slows it down.",
    )
