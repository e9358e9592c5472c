# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An archive restored into a database of its own and compared with what the manifest says of the source."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.loading import RestorePlan, fill
from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import new_id
from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_duration
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import (
    LONGEST_NAME,
    Shape,
    at_database,
    create_database,
    drop_database,
)
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.dump import Scope, schema_digest
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.fingerprint import (
    NO_CONTENT,
    Comparison,
    Fingerprint,
    compare,
    pin_settings,
    read_sequences,
    take_fingerprint,
)
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.histories import History, read_histories

if t.TYPE_CHECKING:
    from psycopg import Connection

APPLICATION = "holdfast pg_restore"
SHOWN_DIFFERENCES = 5
_SIZE = """
SELECT pg_database_size(current_database()),
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
"""


@dataclasses.dataclass(frozen=True)
class Restored:
    """A database that holds the backup's content. `size` in bytes on the server, durations in seconds; `store` names the copy
    that was read, `warnings` those that could not be."""

    database: str
    size: int
    tables: int
    rows: int
    comparisons: tuple[Comparison, ...]
    schema_compared: bool
    histories: tuple[History, ...]
    restore_s: float
    compare_s: float
    store: str
    warnings: tuple[str, ...]


def scratch_name(database: str, kind: str, moment: datetime.datetime) -> str:
    """`orders_proof_20261121t223000z_1a2b3c`: the name is cut, never the end that makes it ours."""
    end = f"_{kind}_{new_id(moment).lower().replace('-', '_')}"
    return database.encode()[: LONGEST_NAME - len(end)].decode("utf-8", "ignore") + end


def drop_leftovers(connection: Connection[t.Any], database: str, kind: str) -> None:
    """Remove what a run of this kind left when it died. The caller holds the lock that says that none is running."""
    length = len(f"_{kind}_20261121t223000z_1a2b3c")
    start = database.encode()[: LONGEST_NAME - length].decode("utf-8", "ignore")
    ours = re.compile(re.escape(f"{start}_{kind}_") + r"\d{8}t\d{6}z_[0-9a-f]{6}(?:[0-9a-f]{4})?")
    for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
        if ours.fullmatch(name):
            drop_database(connection, name)


def restore_and_compare(plan: RestorePlan, name: str, shape: Shape) -> Restored:
    """Make the database `name`, fill it, compare it; WebopsError when anything is not as it was in the source.

    Removing the database is up to the caller, also after an error.
    """

    def make_anew() -> None:
        drop_database(plan.admin, name)
        create_database(plan.admin, name, shape)
        _prepare(plan, name)

    store, warnings = fill(plan, name, make_anew)
    plan.admin.execute(need("psycopg.sql").SQL("ALTER DATABASE {} RESET ALL").format(need("psycopg.sql").Identifier(name)))
    return compared(plan, name, store, warnings)


def compared(plan: RestorePlan, name: str, store: str, warnings: tuple[str, ...]) -> Restored:
    """What is in a database that was filled; WebopsError unless it is what the manifest says."""
    filled = plan.clock.monotonic()
    with plan.teller.saying(lambda seconds: f"Comparing with the source, {as_duration(round(seconds))}"):
        found = _look_into(plan, name)
    _require_equal(found.comparisons)
    seconds = (round(filled - plan.began, 3), round(plan.clock.monotonic() - filled, 3))
    return Restored(
        name,
        found.size,
        found.tables,
        found.fingerprint.rows,
        found.comparisons,
        found.schema_compared,
        found.histories,
        *seconds,
        store,
        warnings,
    )


def _prepare(plan: RestorePlan, name: str) -> None:
    """A setting that makes loading quicker and is taken back after it, and the schemas that a choice of tables lacks."""
    sql, errors = need("psycopg.sql"), need("psycopg.errors")
    with contextlib.suppress(errors.InsufficientPrivilege):  # it loads without it too
        # What was committed without waiting for the disk is on it after the next commit that waits.
        plan.admin.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
    schemas = sorted({table.partition(".")[0] for table in plan.scope.tables} - {"public"})
    if schemas:
        with contextlib.closing(connect(at_database(plan.database_url, name), application_name=APPLICATION)) as connection:
            for schema in schemas:
                connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))


@dataclasses.dataclass(frozen=True)
class _Found:
    size: int
    tables: int
    fingerprint: Fingerprint
    comparisons: tuple[Comparison, ...]
    schema_compared: bool
    histories: tuple[History, ...]


def _look_into(plan: RestorePlan, name: str) -> _Found:
    """Size, content, the comparison with the source, and whether it included the schema."""
    url, manifest = at_database(plan.database_url, name), plan.manifest
    source = Fingerprint.from_plain(manifest["fingerprint"])
    with contextlib.closing(connect(url, application_name=APPLICATION)) as connection:
        pin_settings(connection)
        found = _fingerprint(connection, source, plan.scope)
        size, tables = connection.execute(_SIZE).fetchall()[0]
        histories = read_histories(connection)
        server_major = connection.info.server_version // 10000
    # Of a file without a manifest nobody knows what was in its source.
    comparisons = compare(source, found) if manifest["schema"] else []
    # Two majors of pg_dump, or of the server, write the same schema in different words.
    schema_compared = (manifest["client"]["major"], manifest["server"]["major"]) == (plan.client.major, server_major)
    schema_compared = schema_compared and bool(manifest["schema"])
    if schema_compared:
        timeout = max(plan.deadline.remaining(), 1.0)
        digest = schema_digest(plan.commands, plan.client, url, plan.scope, snapshot=None, timeout=timeout)
        comparisons.append(Comparison("schema", "all", manifest["schema"]["sha256"], digest, digest == manifest["schema"]["sha256"]))
    return _Found(int(size), int(tables), found, tuple(comparisons), schema_compared, histories)


def _fingerprint(connection: Connection[t.Any], source: Fingerprint, scope: Scope) -> Fingerprint:
    if scope.schema_only:
        return NO_CONTENT
    return take_fingerprint(connection, source.level, read_sequences(connection, scope), scope)


def _require_equal(comparisons: t.Sequence[Comparison]) -> None:
    different = [one for one in comparisons if not one.equal]
    if different:
        shown = "; ".join(
            f"{one.what} {one.name}: {one.source} in the source, {one.restored} restored" for one in different[:SHOWN_DIFFERENCES]
        )
        raise WebopsError(
            f"What was restored is not what was backed up: {len(different)} of {len(comparisons)} comparisons differ ({shown}).",
            hint="The target was not replaced. Choose another backup, and find out what happened to this one.",
            differences=[dataclasses.asdict(one) for one in different],
        )
