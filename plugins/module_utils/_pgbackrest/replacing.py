# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A data directory in the place of another: two renames while the server is down. The old one is kept under a dated name.

A kill between the two leaves no data directory; the name of the new one says that it was ready, and `finish` goes on.
"""

from __future__ import annotations

import datetime
import json
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import sync_directory, write_atomic
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster, control, halt, wait_for

MARKER = "holdfast_restore.json"
START = 300.0  # seconds


def aside(data_dir: str, now: datetime.datetime) -> str | None:
    """The name under which the old one is kept; None where there is none."""
    if not os.path.isdir(data_dir):
        return None
    return f"{data_dir}.before-{now.astimezone(datetime.timezone.utc):%Y%m%dT%H%M%SZ}"


def ready(place: str) -> str:
    """The name of a scratch cluster that was checked and shut down.

    The marker alone would not say so: backups hold those of earlier restores.
    """
    return f"{place}-ready"


def write_marker(place: str, content: t.Mapping[str, t.Any]) -> None:
    """Say in the new data directory what it is; it stays there, and a second run finds it."""
    path = os.path.join(place, MARKER)
    write_atomic(path, json.dumps(content, indent=2).encode() + b"\n", mode=0o600)
    owner = os.stat(place)
    os.chown(path, owner.st_uid, owner.st_gid)


def put_in_place(commands: Commands, cluster: Cluster, place: str, kept: str | None) -> None:
    """Stop, rename twice, start; where one of these fails, the old one comes back."""
    if kept:
        halt(commands, cluster)
    try:
        if kept:
            _rename(cluster.data_dir, kept)
        _rename(place, cluster.data_dir)
        _start(commands, cluster)
    except (WebopsError, OSError) as exc:
        _give_up(commands, cluster, place, kept, exc)


def finish(commands: Commands, cluster: Cluster, place: str) -> None:
    """What a killed run has left to do."""
    if not os.path.isdir(cluster.data_dir):
        _rename(place, cluster.data_dir)
    _start(commands, cluster)


def _start(commands: Commands, cluster: Cluster) -> None:
    control(commands, cluster, "start")
    wait_for(commands, cluster, START)


def _rename(place: str, name: str) -> None:
    os.rename(place, name)
    sync_directory(os.path.dirname(name))


def _give_up(commands: Commands, cluster: Cluster, place: str, kept: str | None, reason: Exception) -> t.NoReturn:
    if kept is None:
        raise WebopsError(f"The restored cluster did not start: {reason}", hint=f"It lies in {_lies(place, cluster.data_dir)}.") from reason
    failed = f"The restored cluster could not take the place of the old one: {reason}"
    try:
        _go_back(commands, cluster, place, kept)
    except (WebopsError, OSError) as exc:
        raise WebopsError(f"{failed} The old one does not run: {exc}", hint=f"It lies in {_lies(kept, cluster.data_dir)}.") from exc
    raise WebopsError(f"{failed} The old one runs again.", hint=f"The restored one lies in {place}.") from reason


def _lies(place: str, otherwise: str) -> str:
    return place if os.path.isdir(place) else otherwise


def _go_back(commands: Commands, cluster: Cluster, place: str, kept: str) -> None:
    """Undo what was done of the swap: neither of the renames, one, or both."""
    halt(commands, cluster)
    if not os.path.isdir(place):
        _rename(cluster.data_dir, place)
    if os.path.isdir(kept):
        _rename(kept, cluster.data_dir)
    _start(commands, cluster)
