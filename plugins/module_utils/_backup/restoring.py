# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put a backup in the place of a database: fill a new one beside it, compare, swap by rename, keep the old one."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.fetching import plain_archive
from ansible_collections.holdfast.webops.plugins.module_utils._backup.filling import (
    APPLICATION,
    Restored,
    drop_leftovers,
    restore_and_compare,
    scratch_name,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.session import RestoreRequest, Session
from ansible_collections.holdfast.webops.plugins.module_utils._backup.shown import described
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import (
    Shape,
    at_database,
    dress_database,
    drop_database,
    hold_lock,
    read_shape,
)
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.swap import swap, wait_until_idle
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.target import check_replacing_rights

# The end of a restored database's comment. Unlike a setting, a comment needs no more than owning the database.
_MARK = re.compile(r"(?P<comment>.*?) ?\[restored from backup (?P<id>\d{8}T\d{6}Z-[0-9a-f]{6})\]", re.DOTALL)


def restore(session: Session) -> Outcome:
    """Replace the database unless it was restored from this very backup already."""
    request, backup = session.request, session.backup
    shape = read_shape(session.admin, request.database)
    wanted = {"database": request.database, "content": f"backup {backup.id}"}
    if marked(shape)[1] == backup.id and not request.force:
        return _outcome(session, wanted, wanted)
    check_replacing_rights(session.target, backup.manifest, request.owner)
    before = {"database": request.database, "content": "absent" if shape is None else "live"}
    if session.call.check_mode:
        return _outcome(session, before, wanted)
    began = session.clock.monotonic()
    restored, replaced, warnings = _replace(session, shape)
    if marked(read_shape(session.admin, request.database))[1] != backup.id:
        raise WebopsError(f"Database {request.database} was replaced, but does not say that it holds backup {backup.id}.")
    session.call.log(f"database {request.database} restored from backup {backup.id}; the old one is {replaced}")
    duration = round(session.clock.monotonic() - began, 3)
    return _outcome(session, before, wanted, restored, {"replaced_database": replaced, "duration_s": duration}, tuple(warnings))


def marked(shape: Shape | None) -> tuple[str, str | None]:
    """A database's own comment, and the id of the backup it was restored from. Pure."""
    comment = (shape.comment if shape else None) or ""
    found = _MARK.fullmatch(comment)
    return (found["comment"], found["id"]) if found else (comment, None)


def with_mark(shape: Shape, backup_id: str) -> Shape:
    """The same shape with a comment that names the backup. Pure."""
    return dataclasses.replace(shape, comment=f"{marked(shape)[0]} [restored from backup {backup_id}]".strip())


def _replace(session: Session, old: Shape | None) -> tuple[Restored, str | None, list[str]]:
    """Returns what was restored, the name under which the old database is kept, and warnings."""
    request, admin, moment = session.request, session.admin, session.clock.now()
    hold_lock(admin, f"restoring database {request.database}")
    drop_leftovers(admin, request.database, "restore")
    shape = _shape(request, old, session.backup.manifest, session.target.roles)
    plan = session.plan(_ownership(request))
    name = scratch_name(request.database, "restore", moment)
    aside = None if old is None else scratch_name(request.database, "replaced", moment)
    try:
        with plain_archive(session.commands, session.backup, request.identity_file, request.scratch_dir) as archive:
            restored = restore_and_compare(plan, archive.path, name, shape)
        dress_database(admin, name, with_mark(shape, session.backup.id))
        _exchange(session, aside, name)
    finally:
        drop_database(admin, name)  # after the exchange there is none of that name
    warnings = list(archive.warnings)
    if not restored.schema_compared:
        warnings.append("The schema was not compared: the versions of server or pg_dump differ from those of the backup.")
    if aside is not None and not request.keep_replaced:
        drop_database(admin, aside)
        aside = None
    return restored, aside, warnings


def _exchange(session: Session, aside: str | None, name: str) -> None:
    request = session.request
    url = at_database(request.database_url, request.maintenance_database)
    with contextlib.closing(connect(url, application_name=APPLICATION)) as ending:
        if aside is not None:
            wait_until_idle(ending, request.database, clock=session.clock, seconds=request.drain_timeout)
        swap(session.admin, ending, live=request.database, aside=aside, fresh=name)


def _ownership(request: RestoreRequest) -> tuple[str, ...]:
    """Owners and privileges as in the source, or everything to one role."""
    return ("--no-owner", "--no-privileges", f"--role={request.owner}") if request.owner else ()


def _shape(request: RestoreRequest, old: Shape | None, manifest: t.Mapping[str, t.Any], roles: t.Collection[str]) -> Shape:
    """That of the database to be replaced; where there is none, what the manifest says of the source."""
    source = manifest["database"]
    owner = request.owner or (source["owner"] if source["owner"] in roles else None)
    if old is None:
        return Shape(owner, source["encoding"], source["collation"], source["character_type"])
    return dataclasses.replace(old, owner=request.owner or old.owner)


def _outcome(
    session: Session,
    before: dict[str, t.Any],
    after: dict[str, t.Any],
    restored: Restored | None = None,
    end: t.Mapping[str, t.Any] | None = None,
    warnings: tuple[str, ...] = (),
) -> Outcome:
    done = None
    if restored is not None:
        done = {
            "database": session.request.database,
            "tables": restored.tables,
            "rows": restored.rows,
            "bytes": restored.size,
            **(end or {}),
        }
    comparisons = [dataclasses.asdict(one) for one in restored.comparisons] if restored else []
    values = {"backup": described(session.backup), "proof": None, "restored": done, "comparisons": comparisons}
    return Outcome(before, after, values, warnings)
