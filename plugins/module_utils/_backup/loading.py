# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From stored bytes into an empty database: by several processes from a plain archive, or by one from the stream itself."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t
import zlib

from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import PIECE, Sink
from ansible_collections.holdfast.webops.plugins.module_utils._backup.feeding import run_fed
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fetching import (
    Arriving,
    first_that_works,
    plain_archive,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import (
    CUSTOM,
    DIRECTORY,
    SQL,
    SQL_GZIP,
    Origin,
    Supply,
    pour,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.telling import Teller
from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration, as_transfer
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import libpq_environment
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.dump import Scope
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.restore import restore_archive, restore_arguments, script_arguments

if t.TYPE_CHECKING:
    from psycopg import Connection


@dataclasses.dataclass(frozen=True)
class RestorePlan:
    """How an archive goes into a server, and what its manifest says of it.

    `admin` is a connection to another database of that server, `ownership` are pg_restore's options about owners. `began` is when
    the work did, by the monotonic clock; `arriving` is the archive that is being fetched since, None where that waits for the server.
    """

    commands: Commands
    clock: Clock
    admin: Connection[t.Any]
    manifest: t.Mapping[str, t.Any]
    supply: Supply
    database_url: str
    client: Client
    jobs: int
    scratch_dir: str | None
    ownership: tuple[str, ...]
    deadline: Deadline
    teller: Teller
    began: float
    arriving: Arriving | None

    @property
    def scope(self) -> Scope:
        return Scope.from_plain(self.manifest["scope"])


def is_streamed(format_name: str, jobs: int) -> bool:
    """Whether the archive goes from the store into the server without a place on a disk of ours."""
    return format_name in (SQL, SQL_GZIP) or (format_name == CUSTOM and jobs == 1)


def fill(plan: RestorePlan, database: str, make_anew: t.Callable[[], None]) -> tuple[str, tuple[str, ...]]:
    """Restore into a database that `make_anew` makes; returns which copy was read, and what was wrong with others.

    Before a plain archive is used, all of it was fetched and checked. A stream is checked at its end: a copy that is found to
    be damaged is followed by the next one, into a database made anew.
    """
    with plan.teller.saying(lambda seconds: sentence(plan.supply, database, seconds)):
        if is_streamed(plan.supply.format, plan.jobs):
            return first_that_works(plan.supply, lambda origin: _load(plan, origin, database, make_anew))
        with contextlib.ExitStack() as stack:
            fetched = plain_archive(plan.commands, plan.supply, plan.scratch_dir, plan.deadline)
            archive = plan.arriving() if plan.arriving is not None else stack.enter_context(fetched)
            make_anew()
            argv = restore_arguments(plan.client, archive.path, database, jobs=plan.jobs, ownership=plan.ownership)
            restore_archive(plan.commands, argv, plan.database_url, timeout=max(plan.deadline.remaining(), 1.0))
        return archive.store, archive.warnings


def fill_empty(plan: RestorePlan, database: str) -> tuple[str, tuple[str, ...]]:
    """Restore into a database that is there and empty: in one transaction, all or nothing."""
    with plan.teller.saying(lambda seconds: sentence(plan.supply, database, seconds)):
        if plan.supply.format != DIRECTORY:
            return first_that_works(plan.supply, lambda origin: load_stream(plan, origin, database, in_one_transaction=True))
        with plain_archive(plan.commands, plan.supply, plan.scratch_dir, plan.deadline) as archive:
            argv = restore_arguments(plan.client, archive.path, database, jobs=1, ownership=plan.ownership, in_one_transaction=True)
            restore_archive(plan.commands, argv, plan.database_url, timeout=max(plan.deadline.remaining(), 1.0))
        return archive.store, archive.warnings


def read_through(commands: Commands, client: Client, supply: Supply, origin: Origin, scratch_dir: str | None, deadline: Deadline) -> None:
    """Decrypt one copy and read all of its archive, as a restore would, to nowhere. WebopsError when it is not whole."""
    argv = [client.program("pg_restore"), "--file=/dev/null"]
    if supply.format == DIRECTORY:
        one = dataclasses.replace(supply, origins=(origin,))
        with plain_archive(commands, one, scratch_dir, deadline) as archive:
            commands.check([*argv, archive.path], timeout=max(deadline.remaining(), 1.0))
        return
    run_fed(commands, argv, lambda sink: pour(commands, supply, origin, sink), deadline)


def sentence(supply: Supply, database: str, seconds: float) -> str:
    """How far it is, for who watches. Pure."""
    if supply.meter.count < supply.size:
        return f"Fetching the archive: {as_transfer(supply.meter.count, supply.size, seconds)}"
    return f"Restoring into {database}, {as_duration(round(seconds))}"


def _load(plan: RestorePlan, origin: Origin, database: str, make_anew: t.Callable[[], None]) -> None:
    make_anew()
    load_stream(plan, origin, database, in_one_transaction=False)


def load_stream(plan: RestorePlan, origin: Origin, database: str, *, in_one_transaction: bool) -> None:
    """From the store through the decryption into the program that restores."""
    supply = plan.supply
    if supply.format == CUSTOM:
        argv = restore_arguments(plan.client, None, database, jobs=1, ownership=plan.ownership, in_one_transaction=in_one_transaction)
    else:
        argv = script_arguments(plan.client, database, in_one_transaction=in_one_transaction)

    def feed(sink: Sink) -> None:
        pour(plan.commands, supply, origin, unzipping(sink) if supply.format == SQL_GZIP else sink)

    run_fed(plan.commands, argv, feed, plan.deadline, env=libpq_environment(plan.database_url))


def unzipping(sink: Sink) -> Sink:
    """A sink for gzip's format, in bounded memory."""
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    def write(data: bytes) -> None:
        try:
            while data:
                sink(unzip.decompress(data, PIECE))
                data = unzip.unconsumed_tail
        except zlib.error as exc:
            raise WebopsError(f"The dump cannot be decompressed: {exc}.", hint="It is damaged, or not whole.") from exc

    return write
