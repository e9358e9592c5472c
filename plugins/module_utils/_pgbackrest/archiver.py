# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the server gets rid of its WAL: what it says of its archiver, judged."""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, DeadlineError
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster, ask

# A segment that waits longer than this for a working archive_command is stuck. Uploads to far places take seconds.
PATIENCE = 300.0
_SQL = """
SELECT json_build_object(
  'now', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'mode', current_setting('archive_mode'),
  'command', current_setting('archive_command'),
  'timeout', (SELECT setting::int FROM pg_settings WHERE name = 'archive_timeout'),
  'last_archived', last_archived_wal,
  'archived_since_failure', coalesce(last_archived_time >= last_failed_time, last_failed_time IS NULL),
  'last_archived_at', to_char(last_archived_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'last_failed', last_failed_wal,
  'failed_count', failed_count,
  'waiting', (SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name ~ '[.]ready$'),
  'waits', (SELECT extract(epoch FROM clock_timestamp() - min(modification)) FROM pg_ls_archive_statusdir() WHERE name ~ '[.]ready$')
) FROM pg_stat_archiver
"""


@dataclasses.dataclass(frozen=True)
class Archiver:
    """`state` is ok, failing, off, or unknown where the server does not answer; `claims` the last segment it calls archived."""

    now: datetime.datetime
    state: str
    problems: tuple[str, ...] = ()
    timeout: int | None = None
    last_archived: str | None = None
    failed_count: int | None = None
    waiting: int | None = None
    claims: str | None = None

    @property
    def answers(self) -> bool:
        return self.state != "unknown"


def look_at_archiver(commands: Commands, cluster: Cluster) -> Archiver:
    """What the server says; `now` is by its clock, which also stamps its commits."""
    try:
        return judge(ask(commands, cluster, _SQL))
    except (CommandError, DeadlineError) as exc:
        return Archiver(SystemClock().now(), "unknown", (f"The server does not answer, so only what is archived counts: {exc}",))


def judge(told: t.Mapping[str, t.Any]) -> Archiver:
    """Pure."""
    problems = list(_problems(told))
    failing = told["mode"] != "off" and any(stops for _said, stops in problems)
    return Archiver(
        now=parse_iso(told["now"]),
        state="off" if told["mode"] == "off" else "failing" if failing else "ok",
        problems=tuple(said for said, _stops in problems),
        timeout=told["timeout"],
        last_archived=told["last_archived_at"],
        failed_count=told["failed_count"],
        waiting=told["waiting"],
        claims=_segment(told["last_archived"]),
    )


def _problems(told: t.Mapping[str, t.Any]) -> t.Iterator[tuple[str, bool]]:
    """Sentences, and whether the archive stands still because of it."""
    if told["mode"] == "off":
        yield "archive_mode is off: no WAL is archived.", True
        return
    if not told["command"]:
        yield "archive_command is empty: WAL is kept on the server and not archived.", True
    if not told["archived_since_failure"]:
        yield f"The archiver fails: {told['last_failed']} could not be archived, {told['failed_count']} attempts failed.", True
    elif told["waits"] is not None and float(told["waits"]) > PATIENCE:
        yield f"{told['waiting']} segments wait to be archived, the oldest for {float(told['waits']):.0f} s.", True
    if not told["timeout"]:
        yield "archive_timeout is 0: a quiet server archives nothing until 16 MB are full.", False


def _segment(name: str | None) -> str | None:
    """Backup labels and histories are archived by the same way."""
    return name if name and len(name) == 24 else None
