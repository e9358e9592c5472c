# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract `recovery_points`: what can be restored, by whatever way, and what would be lost now."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock, iso, parse_iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest import client, cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.window import Reach, Window, measure

ARGUMENTS: t.Final[dict[str, t.Any]] = {
    **cluster.ARGUMENTS,
    **cluster.PLACE_ARGUMENTS,
    "stanza": {"type": "str"},
    "config_file": {"type": "path"},
    "backups": {"type": "list", "elements": "dict", "default": []},
}


def look(call: Call) -> Outcome:
    """Measure and put together; changes nothing."""
    physical, now = None, SystemClock().now()
    logical = _moments(call.params["backups"])
    if call.params["stanza"] is not None:
        commands = Commands()
        server = cluster.find_cluster(commands, call.params)
        window = measure(commands, server, client.PgBackRest(commands, server, call.params["stanza"], call.params["config_file"]))
        physical, now = shown(window, call.params["stanza"], server.name), window.now
    values = together(physical, logical, call.params["backups"], now)
    return Outcome({}, {}, {"recovery_points": values}, tuple(values["problems"]))


def _moments(backups: t.Sequence[t.Mapping[str, t.Any]]) -> list[datetime.datetime]:
    """When the logical backups were taken of which at least one copy is undamaged."""
    for backup in backups:
        if not {"at", "state"} <= set(backup):
            raise InputError("backups: an entry has no 'at' or no 'state'.", hint="Give what holdfast.webops.pg_backup_info returned.")
    return [parse_iso(str(backup["at"])) for backup in backups if backup["state"] != "damaged"]


def shown(window: Window, stanza: str, name: str) -> dict[str, t.Any]:
    """The documented value `physical`."""
    archiver = window.archiver
    return {
        "stanza": stanza,
        "cluster": name or None,
        "oldest": _iso(window.oldest),
        "newest": _iso(window.newest),
        "rpo_seconds": _age(window.newest, window.now),
        "archiving": archiver.state,
        "archive_timeout": archiver.timeout,
        "last_archived": archiver.last_archived,
        "failed_count": archiver.failed_count,
        "waiting": archiver.waiting,
        "backups": [copy.shown() for copy in reversed(window.copies)],
        "repositories": [_repository(reach) for reach in window.reaches],
        "problems": list(window.problems),
    }


def _repository(reach: Reach) -> dict[str, t.Any]:
    chain = reach.chain
    return {
        "repository": reach.repository.key,
        "oldest": _iso(min((copy.at for copy in chain.copies), default=None)),
        "newest_segment": chain.segments[0] if chain.segments else None,
        "last_commit": _iso(reach.last_commit.at) if reach.last_commit else None,
        "cut_off": [copy.label for copy in chain.cut_off],
        "problem": reach.problem or None,
    }


def together(
    physical: t.Mapping[str, t.Any] | None,
    logical: t.Sequence[datetime.datetime],
    backups: t.Sequence[t.Mapping[str, t.Any]],
    now: datetime.datetime,
) -> dict[str, t.Any]:
    """The contract. Pure. The youngest restorable moment of all ways counts, and the way that has it."""
    # A host whose clock is ahead made nothing in the future.
    ways = [("logical", min(max(logical), now), min(logical))] if logical else []
    if physical and physical["newest"]:
        ways.append(("physical", parse_iso(physical["newest"]), parse_iso(physical["oldest"])))
    method, newest, _oldest = max(ways, key=lambda way: way[1], default=(None, None, None))
    problems = list(physical["problems"]) if physical else []
    if not ways:
        problems.append("Nothing can be restored: there is no backup.")
    return {
        "newest": _iso(newest),
        "oldest": _iso(min((oldest for _method, _newest, oldest in ways), default=None)),
        "rpo_seconds": physical["rpo_seconds"] if physical and method == "physical" else _age(newest, now),
        "method": method,
        "healthy": not problems,
        "problems": problems,
        "backups": list(backups),
        "physical": dict(physical) if physical else None,
    }


def _iso(moment: datetime.datetime | None) -> str | None:
    return iso(moment) if moment else None


def _age(moment: datetime.datetime | None, now: datetime.datetime) -> float | None:
    return round(max((now - moment).total_seconds(), 0.0), 1) if moment else None
