# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of pg_backup: read, plan, write, look again."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.checking import check_positive
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_recipients
from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import Pace
from ansible_collections.holdfast.webops.plugins.module_utils._backup.publishing import Written
from ansible_collections.holdfast.webops.plugins.module_utils._backup.shown import described
from ansible_collections.holdfast.webops.plugins.module_utils._backup.signature import signing_key
from ansible_collections.holdfast.webops.plugins.module_utils._backup.surveying import (
    Survey,
    distinct_stores,
    is_young,
    look_again,
    survey,
    warnings_of,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.writing import APPLICATION, BackupRequest, write_backup
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect, refuse_transaction_pooler
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.dump import (
    AUTO,
    DumpPlan,
    Scope,
    check_compression,
    check_table,
    settled,
)
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.histories import is_history
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client, can_use_zstd, client_for_dump, find_clients


def back_up(call: Call) -> Outcome:
    """Make a backup unless one that is young enough is complete in every destination."""
    clock, commands = SystemClock(), Commands()
    request = read_request(call.params, commands)
    client = _client(request, commands)
    request = dataclasses.replace(request, plan=settled(request.plan, client))
    before = survey(request.stores, request.require, request.portal)
    fresh = _fresh(request, before, clock.now())
    if fresh is not None:
        return _outcome(before, before.counts, fresh)
    if call.check_mode:
        return _outcome(before, {url: count + 1 for url, count in before.counts.items()}, None)
    request = dataclasses.replace(request, expected_size=_expected_size(request, before))
    written = write_backup(request, client, commands, clock, call.progress)
    call.log(f"backup {written.manifest['id']} of portal {request.portal} written")
    return _look(request, before, written)


def read_request(params: t.Mapping[str, t.Any], commands: Commands) -> BackupRequest:
    """Check every option; InputError before anything is touched."""
    stores = distinct_stores(params["destinations"])
    if not stores:
        raise InputError("destinations is empty.", hint="Name the stores that shall hold the backup.")
    if params["compression"] != AUTO:
        check_compression(params["compression"])
    for option in ("tables", "exclude_tables", "exclude_table_data"):
        for table in params[option]:
            check_table(table, option)
            if option != "tables" and is_history(table):
                raise InputError(
                    f"{option} names {table}, the history of migrations; what is restored without it cannot be migrated any more.",
                    hint="Leave it in: a restored database then knows which migrations it has.",
                )
    check_positive(params, "max_age", "wait_timeout", "lock_wait", "stall_timeout", "jobs")
    if params["spool_size"] < 0:
        raise InputError(f"spool_size is {params['spool_size']}.", hint="Give a number of MiB, 0 for no file on the disk.")
    if params["jobs"] > 1 and params["format"] != "directory":
        raise InputError(f"jobs is {params['jobs']}, but one stream is written by one process.", hint="Set format: directory.")
    refuse_transaction_pooler(params["database_url"])
    return BackupRequest(
        portal=naming.check_portal(params["portal"]),
        database_url=params["database_url"],
        stores=stores,
        require=params["require"],
        recipients=check_recipients(params["recipients"], params["encryption"]),
        plan=_plan(params),
        fingerprint=params["fingerprint"],
        with_globals=params["globals"],
        max_age=params["max_age"],
        wait_timeout=params["wait_timeout"],
        pg_bin_dir=params["pg_bin_dir"],
        scratch_dir=params["scratch_dir"],
        pace=Pace(params["spool_size"] << 20, params["spool_dir"], params["stall_timeout"]),
        signing_key=signing_key(commands, params),
    )


def _plan(params: t.Mapping[str, t.Any]) -> DumpPlan:
    names = ("exclude_table_data", "tables", "exclude_tables")
    scope = Scope(params["schema_only"], *(tuple(params[name]) for name in names))
    return DumpPlan(params["compression"], scope, params["lock_wait"], params["format"] == "directory", params["jobs"])


def _client(request: BackupRequest, commands: Commands) -> Client:
    """The pg_dump for this server; also shows that the server can be reached."""
    clients = find_clients(commands, request.pg_bin_dir)
    with contextlib.closing(connect(request.database_url, application_name=APPLICATION)) as connection:
        major = connection.info.server_version // 10000
    wanted = request.plan.compression
    zstd = can_use_zstd(clients, major) if wanted == AUTO else check_compression(wanted)
    return client_for_dump(clients, major, zstd=zstd)


def _expected_size(request: BackupRequest, before: Survey) -> int | None:
    """That of the newest archive in any store."""
    newest = max((one for ids in before.ids.values() for one in ids), default=None)
    if newest is None:
        return None
    readable = [store for store in request.stores if newest in before.ids.get(store.url, ())]
    found = read_catalog(readable[:1], request.portal, only=newest)
    return found[0].manifest["archive"]["size"] if found and found[0].sound else None


def _fresh(request: BackupRequest, before: Survey, now: datetime.datetime) -> Backup | None:
    """The newest backup that is complete everywhere, if it is not older than max_age."""
    if request.max_age is None or before.errors:
        return None
    everywhere = set.intersection(*before.ids.values())
    newest = max(everywhere, default=None)
    if newest is None:
        return None
    backup = read_catalog(request.stores, request.portal, only=newest)[0]
    return backup if backup.state == "complete" and is_young(backup, request.max_age, now) else None


def _look(request: BackupRequest, before: Survey, written: Written) -> Outcome:
    backup = look_again(request.stores, written)
    after = {url: count + (url not in written.failures) for url, count in before.counts.items()}
    return _outcome(before, after, backup, warnings_of(written))


def _outcome(before: Survey, after: dict[str, int], backup: Backup | None, warnings: tuple[str, ...] = ()) -> Outcome:
    return Outcome({"backups": before.counts}, {"backups": after}, {"backup": None if backup is None else described(backup)}, warnings)
