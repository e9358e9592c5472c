# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks of pg_restore, checked before anything is touched."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup import naming
from ansible_collections.holdfast.webops.plugins.module_utils._backup.checking import check_choice, check_positive
from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import check_identity_file
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import (
    connection_parameters,
    refuse_transaction_pooler,
)
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import Store

CHOICES = ("latest", "latest_proven")
OWN_DATABASE = "scratch"  # after which databases on a server of our own are named


@dataclasses.dataclass(frozen=True)
class RestoreRequest:
    """What a task asks for, checked. Durations in seconds; `database` is the one that database_url names, and `archive` a file
    that is restored instead of a backup in `stores`."""

    portal: str
    stores: tuple[Store, ...]
    backup: str
    archive: str | None
    database_url: str | None
    database: str
    maintenance_database: str
    into: str
    identity_file: str | None
    owner: str | None
    jobs: int
    force: bool
    keep_replaced: bool
    analyze: bool
    drain_timeout: float
    proof_max_age: float | None
    scratch_dir: str | None
    pg_bin_dir: str | None
    wait_timeout: float
    keep_for: float | None


def read_request(params: t.Mapping[str, t.Any]) -> RestoreRequest:
    """Check every option; InputError before anything is touched."""
    database = OWN_DATABASE if params["database_url"] is None else _database(params)
    if params["state"] == "restored":
        _check_target(params, database)
    _check_numbers(params)
    _check_what(params)
    if params["identity_file"] is not None:
        check_identity_file(params["identity_file"])
    same = {field.name: params[field.name] for field in dataclasses.fields(RestoreRequest) if field.name in params}
    return RestoreRequest(
        **{**same, "portal": naming.check_portal(params["portal"]) if params["portal"] is not None else ""},
        database=database,
        stores=tuple(open_destinations(params["destinations"] or [])),
    )


def _database(params: t.Mapping[str, t.Any]) -> str:
    refuse_transaction_pooler(params["database_url"])
    database = connection_parameters(params["database_url"]).get("dbname", "")
    if not database:
        raise InputError("database_url names no database.", hint="Its last part is the database: postgresql://user@host:5432/database.")
    if database == params["maintenance_database"] and params["into"] == "new":
        raise InputError(
            f"database_url names the database '{database}', which is also the maintenance_database.",
            hint="A database cannot be replaced from inside itself; name another maintenance_database.",
        )
    return database


def _check_target(params: t.Mapping[str, t.Any], database: str) -> None:
    if params["database_url"] is None:
        raise InputError("database_url is missing.", hint="Name the database to be replaced; only a proof can do without.")
    if params["confirm"] != database:
        given = f"'{params['confirm']}'" if params["confirm"] else "missing"
        raise InputError(
            f"confirm is {given}, the database to be replaced is '{database}'.",
            hint=f"If you mean it, set confirm to {database}; for the playbook restore: -e portal_restore_confirm={database}.",
        )


def _check_numbers(params: t.Mapping[str, t.Any]) -> None:
    check_positive(params, "jobs", "wait_timeout", "proof_max_age", "keep_for")
    if params["drain_timeout"] < 0:
        raise InputError(f"drain_timeout is {params['drain_timeout']}.", hint="Give a number of seconds, 0 to wait for nobody.")


def _check_what(params: t.Mapping[str, t.Any]) -> None:
    """A backup in stores, or a file; one of the two."""
    if params["archive"] is not None:
        if params["destinations"] or params["state"] != "restored":
            raise InputError(
                "archive names a file, which is restored instead of a backup in destinations, and has no place for a proof.",
                hint="Leave out either archive or destinations; prove what lies in a store.",
            )
        return
    if not params["destinations"]:
        raise InputError("destinations is empty.", hint="Name the stores that hold the backups, or a file in archive.")
    if params["portal"] is None:
        raise InputError("portal is missing.", hint="Name the portal whose backups are looked at.")
    check_choice(params["backup"], CHOICES)
