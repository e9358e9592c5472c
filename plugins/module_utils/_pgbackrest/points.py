# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The use case of pg_recovery_points: what pgBackRest reaches, beside the logical backups."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.boundary import Call
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import SystemClock
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.outcome import Outcome
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest import client, cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.window import Reach, Window, measure
from ansible_collections.holdfast.webops.plugins.module_utils._recovery.ways import age, iso_or_none, sound_moments, together

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
    logical = sound_moments(call.params["backups"])
    if call.params["stanza"] is not None:
        commands = Commands()
        server = cluster.find_cluster(commands, call.params)
        window = measure(commands, server, client.PgBackRest(commands, server, call.params["stanza"], call.params["config_file"]))
        physical, now = shown(window, call.params["stanza"], server.name), window.now
    values = together(physical, logical, call.params["backups"], now)
    return Outcome({}, {}, {"recovery_points": values}, tuple(values["problems"]))


def shown(window: Window, stanza: str, name: str) -> dict[str, t.Any]:
    """The documented value `physical`."""
    archiver = window.archiver
    return {
        "stanza": stanza,
        "cluster": name or None,
        "provable": True,
        "oldest": iso_or_none(window.oldest),
        "newest": iso_or_none(window.newest),
        "rpo_seconds": age(window.newest, window.now),
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
        "oldest": iso_or_none(min((copy.at for copy in chain.copies), default=None)),
        "newest_segment": chain.segments[0] if chain.segments else None,
        "last_commit": iso_or_none(reach.last_commit.at) if reach.last_commit else None,
        "cut_off": [copy.label for copy in chain.cut_off],
        "problem": reach.problem or None,
    }
