# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On which timeline the cluster lived at a moment.

A cluster that went back to eight o'clock at nine has two of them for half past eight: what was written then lies on the one that it
has left, which PostgreSQL follows only when it is told to.
"""

from __future__ import annotations

import dataclasses
import datetime
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.chain import follow
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import Archived, PgBackRest
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import Commit, dump, name_of
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.window import Reach, folder_of, last_commit


def lived_on(at: datetime.datetime, archived: Archived, first_commit: t.Callable[[int], datetime.datetime | None]) -> int:
    """The number of the timeline. `first_commit`: when the first one on a timeline was. Pure but for that."""
    for number in sorted(archived.begun, reverse=True):
        # Its history may have waited for a repository that was away.
        written = None if archived.begun[number] <= at else first_commit(number)
        if archived.begun[number] <= at or (written and written <= at):
            return number
    return min((int(name[:8], 16) for name in archived.segments), default=0)


def reach_at(commands: Commands, cluster: Cluster, backrest: PgBackRest, reach: Reach, at: datetime.datetime) -> tuple[Reach, int | None]:
    """What the repository reaches by the way that was the present one at that moment, and its timeline where that was left since."""
    archived, repository = reach.archived, reach.repository
    if archived is None or all(begun <= at for begun in archived.begun.values()):
        return reach, None
    with folder_of(cluster) as folder:

        def first_commit(number: int) -> datetime.datetime | None:
            if reach.arrived:
                return None
            begins = backrest.history(repository, number, archived.begun)[-1].begins
            name = name_of(number, begins // reach.chain.size, reach.chain.size)
            if name not in archived.segments:
                return None
            path = backrest.fetch(repository.key, name, folder)
            commits = [one.at for one in dump(commands, cluster, path) if isinstance(one, Commit) and one.lsn >= begins]
            os.unlink(path)
            return commits[0] if commits else None

        number = lived_on(at, archived, first_commit)
        if number == archived.history[-1].number:
            return reach, None
        way = dataclasses.replace(archived, history=backrest.history(repository, number, archived.begun))
        chain = follow(repository.copies, way, reach.chain.size)
        last = None if reach.arrived else last_commit(commands, cluster, backrest, repository.key, chain, folder)
        return dataclasses.replace(reach, chain=chain, last_commit=last), number
