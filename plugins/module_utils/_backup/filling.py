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

from ansible_collections.holdfast.webops.plugins.module_utils._backup.naming import new_id
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import (
    LONGEST_NAME,
    Shape,
    at_database,
    create_database,
    drop_database,
)
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.dump import schema_digest
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.fingerprint import (
    NO_CONTENT,
    Comparison,
    Fingerprint,
    compare,
    pin_settings,
    read_sequences,
    take_fingerprint,
)
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import Client
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.restore import restore_archive, restore_arguments

if t.TYPE_CHECKING:
    from psycopg import Connection

APPLICATION = "holdfast pg_restore"
SHOWN_DIFFERENCES = 5
_SIZE = "SELECT pg_database_size(current_database())"


@dataclasses.dataclass(frozen=True)
class Restored:
    """A database that holds the backup's content. `size` in bytes on the server, durations in seconds."""

    database: str
    size: int
    tables: int
    rows: int
    comparisons: tuple[Comparison, ...]
    schema_compared: bool
    restore_s: float
    compare_s: float


@dataclasses.dataclass(frozen=True)
class RestorePlan:
    """How an archive goes into a server, and what its manifest says of it.

    `admin` is a connection to another database of that server, `ownership` are pg_restore's options about owners.
    """

    commands: Commands
    clock: Clock
    admin: Connection[t.Any]
    manifest: t.Mapping[str, t.Any]
    database_url: str
    client: Client
    jobs: int
    ownership: tuple[str, ...]
    deadline: Deadline


def scratch_name(database: str, kind: str, moment: datetime.datetime) -> str:
    """`orders_proof_20261121t223000z_1a2b3c`: the name is cut, never the end that makes it ours."""
    end = f"_{kind}_{new_id(moment).lower().replace('-', '_')}"
    return database.encode()[: LONGEST_NAME - len(end)].decode("utf-8", "ignore") + end


def drop_leftovers(connection: Connection[t.Any], database: str, kind: str) -> None:
    """Remove what a run of this kind left when it died. The caller holds the lock that says that none is running."""
    length = len(f"_{kind}_20261121t223000z_1a2b3c")
    start = database.encode()[: LONGEST_NAME - length].decode("utf-8", "ignore")
    ours = re.compile(re.escape(f"{start}_{kind}_") + r"\d{8}t\d{6}z_[0-9a-f]{6}")
    for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
        if ours.fullmatch(name):
            drop_database(connection, name)


def restore_and_compare(plan: RestorePlan, archive: str, name: str, shape: Shape) -> Restored:
    """Make the database `name`, fill it, compare it; WebopsError when anything is not as it was in the source.

    Removing the database is up to the caller, also after an error.
    """
    create_database(plan.admin, name, shape)
    began = plan.clock.monotonic()
    argv = restore_arguments(plan.client, archive, name, jobs=plan.jobs, ownership=plan.ownership)
    restore_archive(plan.commands, argv, plan.database_url, timeout=max(plan.deadline.remaining(), 1.0))
    filled = plan.clock.monotonic()
    size, found, comparisons, schema_compared = _look_into(plan, name)
    _require_equal(comparisons)
    seconds = (round(filled - began, 3), round(plan.clock.monotonic() - filled, 3))
    return Restored(name, size, len(found.tables), found.rows, tuple(comparisons), schema_compared, *seconds)


def _look_into(plan: RestorePlan, name: str) -> tuple[int, Fingerprint, list[Comparison], bool]:
    """Size, content, the comparison with the source, and whether it included the schema."""
    url, manifest = at_database(plan.database_url, name), plan.manifest
    source = Fingerprint.from_plain(manifest["fingerprint"])
    with contextlib.closing(connect(url, application_name=APPLICATION)) as connection:
        pin_settings(connection)
        found = _fingerprint(connection, source, manifest["scope"])
        row = connection.execute(_SIZE).fetchone()
        server_major = connection.info.server_version // 10000
    comparisons = compare(source, found)
    # Two majors of pg_dump, or of the server, write the same schema in different words.
    schema_compared = (manifest["client"]["major"], manifest["server"]["major"]) == (plan.client.major, server_major)
    if schema_compared:
        digest = schema_digest(plan.commands, plan.client, url, snapshot=None, timeout=max(plan.deadline.remaining(), 1.0))
        comparisons.append(Comparison("schema", "all", manifest["schema"]["sha256"], digest, digest == manifest["schema"]["sha256"]))
    return int(row[0]) if row else 0, found, comparisons, schema_compared


def _fingerprint(connection: Connection[t.Any], source: Fingerprint, scope: t.Mapping[str, t.Any]) -> Fingerprint:
    if scope["schema_only"]:
        return NO_CONTENT
    return take_fingerprint(connection, source.level, read_sequences(connection), without=scope["excluded"])


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
