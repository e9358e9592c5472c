# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put a backup in the place of a database: fill a new one beside it, compare, swap by rename, keep the old one."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.asking import RestoreRequest
from ansible_collections.holdfast.webops.plugins.module_utils._backup.filling import (
    APPLICATION,
    Restored,
    compared,
    drop_leftovers,
    restore_and_compare,
    scratch_name,
)
from ansible_collections.holdfast.webops.plugins.module_utils._backup.loading import fill_empty
from ansible_collections.holdfast.webops.plugins.module_utils._backup.session import Server, Session, shown_choice
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.libraries import need
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connect
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.databases import (
    Shape,
    at_database,
    dress_database,
    drop_database,
    hold_lock,
    read_shape,
    write_comment,
)
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.swap import swap, wait_until_idle
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.target import (
    check_empty,
    check_filling_rights,
    check_replacing_rights,
)

# The end of a restored database's comment. Unlike a setting, a comment needs no more than owning the database.
_MARK = re.compile(r"(?P<comment>.*?) ?\[restored from backup (?P<id>\d{8}T\d{6}Z-[0-9a-f]{6,10})\]", re.DOTALL)


def restore(session: Session) -> Outcome:
    """Restore unless the database was restored from this very backup already."""
    with session.server() as server:
        if session.request.into == "empty":
            return _fill_empty(session, server)
        return _replace_database(session, server)


def _replace_database(session: Session, server: Server) -> Outcome:
    request, chosen = session.request, session.chosen
    shape = read_shape(server.admin, request.database)
    before = {"database": request.database, "content": "absent" if shape is None else "live"}
    if marked(shape)[1] == chosen.id and not request.force:
        return _outcome(session, _wanted(session), _wanted(session))
    check_replacing_rights(server.target, chosen.manifest, request.owner)
    if session.call.check_mode:
        return _outcome(session, before, _wanted(session))
    restored, replaced, warnings = _replace(session, server, shape)
    if marked(read_shape(server.admin, request.database))[1] != chosen.id:
        raise WebopsError(f"Database {request.database} was replaced, but does not say that it holds backup {chosen.id}.")
    session.call.log(f"database {request.database} restored from backup {chosen.id}; the old one is {replaced}")
    return _outcome(session, before, _wanted(session), (restored, replaced, session.clock.monotonic() - server.began), tuple(warnings))


def _fill_empty(session: Session, server: Server) -> Outcome:
    """Into the database that is there, in one transaction: for servers on which nobody may make databases."""
    request, chosen, admin = session.request, session.chosen, server.admin
    shape = read_shape(admin, request.database)
    if marked(shape)[1] == chosen.id and not request.force:
        return _outcome(session, _wanted(session), _wanted(session))
    check_empty(admin, request.database)
    check_filling_rights(server.target, chosen.manifest, request.owner)
    before = {"database": request.database, "content": "empty"}
    if session.call.check_mode:
        return _outcome(session, before, _wanted(session))
    hold_lock(admin, f"restoring database {request.database}")
    plan = session.plan(server, _ownership(request))
    restored = compared(plan, request.database, *fill_empty(plan, request.database))
    _analyze(session, server, request.database)
    warnings = _warnings(session, restored)
    try:
        write_comment(admin, request.database, with_mark(shape, chosen.id) if shape else "")
    except need("psycopg.errors").InsufficientPrivilege:
        warnings.append("The role in database_url may not comment the database; running this again will find it not empty.")
    session.call.log(f"database {request.database} filled from backup {chosen.id}")
    return _outcome(session, before, _wanted(session), (restored, None, session.clock.monotonic() - server.began), tuple(warnings))


def _wanted(session: Session) -> dict[str, t.Any]:
    return {"database": session.request.database, "content": f"backup {session.chosen.id}"}


def marked(shape: Shape | None) -> tuple[str, str | None]:
    """A database's own comment, and the id of the backup it was restored from. Pure."""
    comment = (shape.comment if shape else None) or ""
    found = _MARK.fullmatch(comment)
    return (found["comment"], found["id"]) if found else (comment, None)


def with_mark(shape: Shape, backup_id: str) -> str:
    """The database's own comment, and which backup it holds. Pure."""
    return f"{marked(shape)[0]} [restored from backup {backup_id}]".strip()


def _replace(session: Session, server: Server, old: Shape | None) -> tuple[Restored, str | None, list[str]]:
    """Returns what was restored, the name under which the old database is kept, and warnings."""
    request, admin, moment = session.request, server.admin, session.clock.now()
    hold_lock(admin, f"restoring database {request.database}")
    drop_leftovers(admin, request.database, "restore")
    shape = _shape(request, old, session.manifest, server.target.roles)
    plan = session.plan(server, _ownership(request))
    name = scratch_name(request.database, "restore", moment)
    aside = None if old is None else scratch_name(request.database, "replaced", moment)
    try:
        restored = restore_and_compare(plan, name, shape)
        _analyze(session, server, name)
        dress_database(admin, name, dataclasses.replace(shape, comment=with_mark(shape, session.chosen.id)))
        _exchange(session, server, aside, name)
    finally:
        drop_database(admin, name)  # after the exchange there is none of that name
    if aside is not None and not request.keep_replaced:
        drop_database(admin, aside)
        aside = None
    return restored, aside, _warnings(session, restored)


def _warnings(session: Session, restored: Restored) -> list[str]:
    """What a person should know of a restore that worked."""
    warnings = list(restored.warnings)
    if session.manifest["schema"] is None:
        warnings.append("Nothing was compared with the source: the dump came without a manifest.")
    elif not restored.schema_compared:
        warnings.append("The schema was not compared: the versions of server or pg_dump differ from those of the backup.")
    if restored.tables and not restored.histories and session.chosen.backup is None:
        warnings.append(
            "The dump holds no history of migrations; tell the migration tool what is applied before it runs (state: baselined of"
            " supabase_migration and prisma_migration)."
        )
    return warnings


def _analyze(session: Session, server: Server, name: str) -> None:
    """A restored database has no statistics, and would answer its first users with the worst plans."""
    if session.request.analyze:
        session.call.progress.show(f"Analysing {name}")
        with contextlib.closing(connect(at_database(server.url, name), application_name=APPLICATION)) as connection:
            connection.execute("ANALYZE")


def _exchange(session: Session, server: Server, aside: str | None, name: str) -> None:
    request = session.request
    url = at_database(server.url, request.maintenance_database)
    with contextlib.closing(connect(url, application_name=APPLICATION)) as ending:
        if aside is not None:
            session.call.progress.show(f"Waiting for the transactions in {request.database}")
            wait_until_idle(ending, request.database, clock=session.clock, seconds=request.drain_timeout)
        swap(server.admin, ending, live=request.database, aside=aside, fresh=name)


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
    done: tuple[Restored, str | None, float] | None = None,
    warnings: tuple[str, ...] = (),
) -> Outcome:
    """`done`: what was restored, where the old database is kept, and the seconds it took."""
    shown = None
    if done is not None:
        restored, replaced, seconds = done
        shown = {
            "database": session.request.database,
            "replaced_database": replaced,
            "tables": restored.tables,
            "rows": restored.rows,
            "bytes": restored.size,
            "duration_s": round(seconds, 3),
            "migrations": [dataclasses.asdict(history) for history in restored.histories],
        }
    comparisons = [dataclasses.asdict(one) for one in done[0].comparisons] if done else []
    return Outcome(before, after, {**shown_choice(session), "proof": None, "restored": shown, "comparisons": comparisons}, warnings)
