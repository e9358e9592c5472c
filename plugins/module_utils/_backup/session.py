# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use cases of pg_restore: put a backup in the place of a database, or prove that it could be."""

from __future__ import annotations

import contextlib
import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.catalog import Backup, choose, read_catalog
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file
from ansible_collections.holdfast.webops.plugins.module_utils._backup.filling import APPLICATION, RestorePlan
from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline, SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import (
    connect,
    connection_parameters,
    refuse_transaction_pooler,
)
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import at_database
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.failures import server_errors
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client, client_for_restore, find_clients
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.target import Target, check_contents, read_target
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

if t.TYPE_CHECKING:
    from psycopg import Connection


@dataclasses.dataclass(frozen=True)
class RestoreRequest:
    """What a task asks for, checked. Durations in seconds; `database` is the one that database_url names."""

    portal: str
    stores: tuple[Store, ...]
    backup: str
    database_url: str
    database: str
    maintenance_database: str
    identity_file: str | None
    owner: str | None
    jobs: int
    force: bool
    keep_replaced: bool
    drain_timeout: float
    proof_max_age: float | None
    scratch_dir: str | None
    pg_bin_dir: str | None
    wait_timeout: float


@dataclasses.dataclass
class Session:
    """All that a use case needs at hand: the chosen backup, the server, and what may be asked of it."""

    call: Call
    request: RestoreRequest
    clock: Clock
    commands: Commands
    deadline: Deadline
    admin: Connection[t.Any]
    backup: Backup
    target: Target
    client: Client

    def plan(self, ownership: tuple[str, ...]) -> RestorePlan:
        """How its archive goes into the server."""
        request = self.request
        return RestorePlan(
            self.commands,
            self.clock,
            self.admin,
            self.backup.manifest,
            request.database_url,
            self.client,
            request.jobs,
            ownership,
            self.deadline,
        )


def read_request(params: t.Mapping[str, t.Any]) -> RestoreRequest:
    """Check every option; InputError before anything is touched."""
    refuse_transaction_pooler(params["database_url"])
    database = connection_parameters(params["database_url"]).get("dbname", "")
    _check_target(params, database)
    wanted = params["backup"]
    if wanted not in ("latest", "latest_proven") and not naming.is_id(wanted):
        raise InputError(
            f"backup '{wanted}' is no backup's name.", hint="Write latest, latest_proven, or an id such as 20261121T223000Z-1a2b3c."
        )
    for name in ("jobs", "wait_timeout", "proof_max_age"):
        if params[name] is not None and params[name] <= 0:
            raise InputError(f"{name} is {params[name]}.", hint="Give a number above 0.")
    if params["drain_timeout"] < 0:
        raise InputError(f"drain_timeout is {params['drain_timeout']}.", hint="Give a number of seconds, 0 to wait for nobody.")
    if not params["destinations"]:
        raise InputError("destinations is empty.", hint="Name the stores that hold the backups.")
    if params["identity_file"] is not None:
        check_identity_file(params["identity_file"])
    same = {field.name: params[field.name] for field in dataclasses.fields(RestoreRequest) if field.name in params}
    return RestoreRequest(
        **{**same, "portal": naming.check_portal(params["portal"])},
        database=database,
        stores=tuple(open_destinations(params["destinations"])),
    )


def _check_target(params: t.Mapping[str, t.Any], database: str) -> None:
    if not database:
        raise InputError("database_url names no database.", hint="Its last part is the database: postgresql://user@host:5432/database.")
    if database == params["maintenance_database"]:
        raise InputError(
            f"database_url names the database '{database}', which is also the maintenance_database.",
            hint="A database cannot be replaced from inside itself; name another maintenance_database.",
        )
    if params["state"] == "restored" and params["confirm"] != database:
        given = f"'{params['confirm']}'" if params["confirm"] else "missing"
        raise InputError(
            f"confirm is {given}, the database to be replaced is '{database}'.",
            hint=f"If you mean it, set confirm to {database}; for the playbook restore: -e portal_restore_confirm={database}.",
        )


@contextlib.contextmanager
def session_for(call: Call) -> t.Iterator[Session]:
    """Check the input, choose the backup, connect, and refuse what could not be finished."""
    clock, commands = SystemClock(), Commands()
    request = read_request(call.params)
    backup = choose(read_catalog(request.stores, request.portal), request.backup)
    manifest = backup.manifest
    if manifest["archive"]["encrypted"]:
        check_identity_file(request.identity_file)
    clients = find_clients(commands, request.pg_bin_dir)
    url = at_database(request.database_url, request.maintenance_database)
    with server_errors("what a restore needs"), contextlib.closing(connect(url, application_name=APPLICATION)) as admin:
        target = read_target(admin, request.database, manifest["owners"])
        check_contents(target, manifest)
        client = client_for_restore(clients, manifest["client"]["major"], target.server_major)
        yield Session(call, request, clock, commands, Deadline(clock, request.wait_timeout), admin, backup, target, client)
