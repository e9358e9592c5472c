# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a database to a new archive in every destination, and to the facts that its manifest states."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import datetime
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import encrypt, read_pieces
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut
from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import FORMAT, canonical, restore_by_hand
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.dump import DumpPlan, RunningDump, dump_arguments, schema_digest
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
    max_age: float | None
    wait_timeout: float
    pg_bin_dir: str | None


@dataclasses.dataclass(frozen=True)
class Written:
    """A new backup: its manifest as written, and what each destination that failed said."""

    manifest: dict[str, t.Any]
    failures: dict[str, str]


@dataclasses.dataclass(frozen=True)
class _Archived:
    fingerprint: Fingerprint
    schema: str
    warnings: list[str]


def write_backup(request: BackupRequest, client: Client, commands: Commands, clock: Clock) -> Written:
    """Make one backup. Nothing that looks like one is left anywhere when this raises."""
    backup_id, started, deadline = naming.new_id(clock.now()), clock.monotonic(), Deadline(clock, request.wait_timeout)
    key = naming.folder(request.portal, backup_id) + naming.archive_name(encrypted=bool(request.recipients))
    fan = FanOut(request.stores, request.require)
    try:
        with snapshot_of(request.database_url) as (connection, snapshot):
            facts = read_facts(connection)
            fan.open(key, facts.size)
            archived = _archive(request, client, commands, fan, connection, snapshot, deadline)
        fan.commit()
        manifest = _manifest(request, client, backup_id, facts, archived, fan)
        manifest["finished_at"] = iso(clock.now())
        manifest["durations"] = {"total": round(clock.monotonic() - started, 3)}
        fan.publish(naming.folder(request.portal, backup_id) + naming.MANIFEST, canonical(manifest))
    finally:
        fan.abort()
    return Written(manifest, {one.store.url: one.error for one in fan.destinations if one.error})


@contextlib.contextmanager
def snapshot_of(database_url: str) -> t.Iterator[tuple[Connection[t.Any], str]]:
    """A connection in a read-only transaction, and the name under which pg_dump can see exactly what it sees."""
    with server_errors("to be backed up"), contextlib.closing(connect(database_url, application_name=APPLICATION)) as connection:
        pin_settings(connection)
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield connection, str(row[0]) if row else ""


def _archive(
    request: BackupRequest,
    client: Client,
    commands: Commands,
    fan: FanOut,
    connection: Connection[t.Any],
    snapshot: str,
    deadline: Deadline,
) -> _Archived:
    """Dump and fingerprint at the same time, from one snapshot."""
    sequences = read_sequences(connection)
    digest = schema_digest(commands, client, request.database_url, snapshot=snapshot, timeout=max(deadline.remaining(), 1.0))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        mark = pool.submit(_fingerprint, request, connection, sequences)
        try:
            warnings = _pump(request, commands, dump_arguments(request.plan, client, snapshot), fan, deadline)
            fingerprint = mark.result(deadline.remaining() + 1.0)
        except concurrent.futures.TimeoutError as exc:
            raise _too_late(request) from exc
        finally:
            while not mark.done():  # one query after the other, so one cancellation may hit none
                connection.cancel()
                concurrent.futures.wait([mark], CANCEL_INTERVAL)
    return _Archived(fingerprint, digest, warnings)


def _fingerprint(request: BackupRequest, connection: Connection[t.Any], sequences: t.Mapping[str, SequenceMark]) -> Fingerprint:
    if request.plan.schema_only:
        return NO_CONTENT
    return take_fingerprint(connection, request.fingerprint, sequences, without=request.plan.excluded)


def _pump(request: BackupRequest, commands: Commands, argv: list[str], fan: FanOut, deadline: Deadline) -> list[str]:
    """pg_dump, encryption and uploads as one stream; returns the warnings of a dump that ended well."""
    dump = RunningDump(commands, argv, request.database_url)
    alarm = threading.Timer(deadline.remaining(), dump.stop)
    alarm.daemon = True
    alarm.start()
    try:
        if request.recipients:
            encrypt(commands, dump.stdout, fan.write, request.recipients)
        else:
            for piece in read_pieces(dump.stdout):
                fan.write(piece)
        return dump.finish()
    except WebopsError as exc:
        if deadline.expired:
            raise _too_late(request) from exc
        raise
    finally:
        alarm.cancel()
        dump.end()


def _too_late(request: BackupRequest) -> DeadlineError:
    return DeadlineError(
        f"The backup was not complete after {request.wait_timeout:g} s and was given up.",
        hint="Raise wait_timeout, or see what slows it down.",
    )


def _manifest(
    request: BackupRequest, client: Client, backup_id: str, facts: DatabaseFacts, archived: _Archived, fan: FanOut
) -> dict[str, t.Any]:
    """Everything but the times of the end; see manifest.py for the schema."""
    name = naming.archive_name(encrypted=bool(request.recipients))
    at = facts.at.astimezone(datetime.timezone.utc)
    return {
        "format": FORMAT,
        "id": backup_id,
        "portal": request.portal,
        "at": iso(at),
        "archive": {
            "name": name,
            "size": fan.size,
            "sha256": fan.sha256,
            "encrypted": bool(request.recipients),
            "recipients": list(request.recipients),
            "compression": request.plan.compression,
        },
        "database": {
            "name": facts.name,
            "owner": facts.owner,
            "encoding": facts.encoding,
            "collation": facts.collation,
            "character_type": facts.character_type,
            "size": facts.size,
        },
        "server": {"version": facts.server_version, "major": facts.server_major, "lsn": facts.lsn, "standby": facts.standby},
        "client": {"version": client.version, "major": client.major},
        "extensions": facts.extensions,
        "roles": list(facts.roles),
        "owners": list(facts.owners),
        "scope": {"schema_only": request.plan.schema_only, "excluded": list(request.plan.excluded)},
        "fingerprint": archived.fingerprint.as_plain(),
        "schema": {"sha256": archived.schema},
        "destinations": [store.url for store in request.stores],
        "warnings": archived.warnings,
        "restore_by_hand": restore_by_hand(name),
    }
