# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run at a time per database: an advisory lock, taken by polling in the migrating session.

Waiting inside pg_advisory_lock() would hold a snapshot that CREATE INDEX CONCURRENTLY of the holder waits for: a deadlock.
"""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.redact import without_passwords
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database, History

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.session import Session
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.watching import Observer

POLL_SECONDS = 0.5

_TRY = "SELECT pg_catalog.pg_try_advisory_lock(%s)"
_RELEASE = "SELECT pg_catalog.pg_advisory_unlock(%s)"
_HOLDERS = """
SELECT pid FROM pg_catalog.pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = %s
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
"""
_BLOCKERS = "SELECT unnest(pg_catalog.pg_blocking_pids(%s))"
_ACTIVITY = """
SELECT p.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''), coalesce(a.state, ''),
       coalesce(extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.query_start, a.backend_start)), 0)::integer,
       coalesce(left(a.query, 300), '')
FROM unnest(%s::integer[]) AS p(pid) LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = p.pid
"""


def take_lock(database: Database, key: int, *, lock_wait: float, clock: Clock) -> None:
    """Take the lock for the life of the session, or raise ConflictError after `lock_wait` seconds, naming who holds it."""
    deadline = Deadline(clock, lock_wait)
    while not database.rows(_TRY, (key,))[0][0]:
        if deadline.expired:
            holders = _sessions(database, _HOLDERS, key)
            raise ConflictError(
                f"Another run migrates this database; waited {lock_wait:g} s for it: {'; '.join(holders) or 'it has just ended'}.",
                hint="Let it finish and run again, or raise lock_wait. An orphan is ended with SELECT pg_terminate_backend(pid).",
                blockers=holders,
            )
        clock.sleep(min(POLL_SECONDS, deadline.remaining()))


def refuse_shared_session(session: Session, observe: t.Callable[[], Observer]) -> None:
    """Raises InputError where a pooler lends the backend of an idle session to another one: no lock and no setting would last there."""
    with observe() as other:
        other.rows("BEGIN")
        borrowed = other.rows("SELECT pg_catalog.pg_backend_pid()")[0][0] == session.pid
        other.rows("ROLLBACK")
    if borrowed:
        raise InputError(
            "The connection leads to a pooler in transaction mode, which gives every transaction another session: no lock would last.",
            hint="Connect to the server itself, or to a pooler in session mode; PostgreSQL and Supabase's session pooler use port 5432.",
        )


def release_lock(database: Database, key: int) -> None:
    """Let go of a lock; nothing happens when the session does not hold it."""
    database.rows(_RELEASE, (key,))


def take_all_locks(database: Database, history: History, *, lock_wait: float, clock: Clock) -> None:
    """Hold the locks that a run needs, each once, also where some are held already."""
    database.rows("SELECT pg_catalog.pg_advisory_unlock_all()")
    for key in (history.lock_key, history.foreign_lock_key):
        if key is not None:
            take_lock(database, key, lock_wait=lock_wait, clock=clock)


def blockers_of(database: Database, pid: int) -> list[str]:
    """Who keeps a backend waiting, in words; empty when it waits for nobody."""
    return _sessions(database, _BLOCKERS, pid)


def _sessions(database: Database, query: str, given: int) -> list[str]:
    """The sessions whose process ids the query finds, in words."""
    pids = [row[0] for row in database.rows(query, (given,))]
    return described(database.rows(_ACTIVITY, (pids,))) if pids else []


def described(activity: t.Iterable[tuple[t.Any, ...]]) -> list[str]:
    """Sessions as a person would name them: pid, program, user, state, age, query."""
    return [_described(*row) for row in activity]


def _described(pid: int, application: str, user: str, state: str, age: int, query: str) -> str:
    if not pid:
        return "a prepared transaction (see pg_prepared_xacts)"
    # What a run of ours sends between two statements says nothing to a person.
    doing = "" if query.startswith(("SET ", "RESET ")) else f": {without_passwords(' '.join(query.split()))}"
    who = f"pid {pid} ({application or 'unnamed program'}{f', user {user}' if user else ''})"
    return f"{who}, {state or 'state unknown'} since {age} s{doing}"
