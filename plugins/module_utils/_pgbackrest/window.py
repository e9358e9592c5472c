# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From when to when a cluster can be restored, measured: by the records in the archived WAL and in that which is not archived yet."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import os
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.archiver import Archiver, look_at_archiver
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.chain import Chain, follow
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.client import OK, Archived, Copy, PgBackRest, Repository
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import SEGMENT_SIZE, Commit, Record, dump, name_of, number_of

# Segments that are looked through for the last commit. In more of them without one nothing happened but housekeeping.
LOOK_BACK = 16


@dataclasses.dataclass(frozen=True)
class Reach:
    """How far one repository reaches. `last_commit` is the newest one in its archive, None where none was found.

    Without the data directory pgBackRest hands out no WAL: then `arrived`, the time of the newest segment, is all that is known.
    """

    repository: Repository
    chain: Chain
    last_commit: Commit | None = None
    problem: str = ""
    arrived: datetime.datetime | None = None
    archived: Archived | None = None

    @property
    def newest(self) -> datetime.datetime:
        """The newest moment that the archive alone shows."""
        taken = self.chain.copies[-1].at
        return max(taken, self.last_commit.at if self.last_commit else self.arrived or taken)


@dataclasses.dataclass(frozen=True)
class Window:
    """`oldest` and `newest` are the first and the last moment that can be restored, None where nothing can be."""

    now: datetime.datetime
    oldest: datetime.datetime | None
    newest: datetime.datetime | None
    archiver: Archiver
    reaches: tuple[Reach, ...]
    problems: tuple[str, ...]

    @property
    def copies(self) -> tuple[Copy, ...]:
        """The backups that lead to the present, oldest first."""
        return tuple(sorted((copy for reach in self.reaches for copy in reach.chain.copies), key=lambda copy: copy.at))


@contextlib.contextmanager
def folder_of(cluster: Cluster) -> t.Iterator[str]:
    """A folder for files in passing that the owner of the cluster, and nobody else, can enter."""
    with tempfile.TemporaryDirectory(prefix="holdfast-wal-") as folder:
        if cluster.prefix:
            owner = os.stat(cluster.data_dir if os.path.isdir(cluster.data_dir) else cluster.config_dir)
            os.chown(folder, owner.st_uid, owner.st_gid)
        yield folder


def measure(commands: Commands, cluster: Cluster, backrest: PgBackRest) -> Window:
    """Look at everything; changes nothing. A server that is down, and a repository that is away, are findings."""
    # The order matters: what the server calls archived before must be found in the listing after.
    archiver = look_at_archiver(commands, cluster)
    repositories = backrest.repositories()
    with folder_of(cluster) as folder:
        reaches = tuple(_reach(commands, cluster, backrest, one, folder) for one in repositories)
    best = max((reach for reach in reaches if reach.chain.copies), key=_last, default=None)
    lost = first_unarchived(commands, cluster, best.chain) if best and archiver.answers else None
    return weigh(archiver, reaches, lost)


def weigh(archiver: Archiver, reaches: t.Sequence[Reach], lost: Commit | None) -> Window:
    """What was found, put together. `lost` is the first commit that is in no archive. Pure."""
    problems = [*archiver.problems, *(reach.problem for reach in reaches if reach.problem)]
    lacking = [reach for reach in reaches if archiver.claims and archiver.claims not in reach.chain.segments]
    # What one that cannot be read would hold, nobody knows.
    for key in (reach.repository.key for reach in lacking if not reach.problem):
        problems.append(f"Repository {key} lacks {archiver.claims}, which the server took for archived: look at its archive_command.")
    usable = [reach for reach in reaches if reach.chain.copies]
    if not usable:
        said = "There is no physical backup from which the archived WAL leads to the present."
        return Window(archiver.now, None, None, archiver, tuple(reaches), (*problems, said))
    oldest = min(copy.at for reach in usable for copy in reach.chain.copies)
    # Without a word of the server, or when it does not get rid of its WAL, only what lies in the archive counts.
    trusted = archiver.state == "ok" and len(lacking) < len(reaches)
    newest = min(archiver.now, lost.at if lost else archiver.now) if trusted else max(reach.newest for reach in usable)
    return Window(archiver.now, oldest, max(newest, oldest), archiver, tuple(reaches), tuple(problems))


def _last(reach: Reach) -> int:
    return number_of(reach.chain.segments[0], reach.chain.size)


def _reach(commands: Commands, cluster: Cluster, backrest: PgBackRest, repository: Repository, folder: str) -> Reach:
    nothing = Chain((), (), repository.copies)
    if repository.code != OK or not repository.archive:
        return Reach(repository, nothing, problem=f"Repository {repository.key}: {repository.said}.")
    try:
        archived = backrest.archived(repository)
        if not os.path.exists(os.path.join(cluster.data_dir, "global", "pg_control")):
            chain = follow(repository.copies, archived)
            arrived = archived.segments[chain.segments[0]] if chain.segments else None
            return Reach(repository, chain, None, _gap(repository, chain), arrived, archived)
        sample = backrest.fetch(repository.key, max(archived.segments), folder) if archived.segments else ""
        chain = follow(repository.copies, archived, os.path.getsize(sample) if sample else SEGMENT_SIZE)
        last = last_commit(commands, cluster, backrest, repository.key, chain, folder)
    except CommandError as exc:
        return Reach(repository, nothing, problem=f"Repository {repository.key} cannot be read: {exc}")
    return Reach(repository, chain, last, _gap(repository, chain), archived=archived)


def _gap(repository: Repository, chain: Chain) -> str:
    broken = [copy.label for copy in chain.cut_off]
    if not broken:
        return ""
    return f"Repository {repository.key}: WAL that leads from {', '.join(broken)} to the present is missing."


def last_commit(commands: Commands, cluster: Cluster, backrest: PgBackRest, repository: int, chain: Chain, folder: str) -> Commit | None:
    """The newest one of a chain, None where there is none in its newest segments."""
    records = backwards(commands, cluster, backrest, repository, chain, folder, LOOK_BACK)
    return next((one for one in records if isinstance(one, Commit)), None)


def backwards(
    commands: Commands, cluster: Cluster, backrest: PgBackRest, repository: int, chain: Chain, folder: str, segments: int
) -> t.Iterator[Record]:
    """Commits and restore points in the newest `segments` of an archive, the newest first."""
    for name in chain.segments[:segments]:
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            backrest.fetch(repository, name, folder)
        yield from reversed(list(dump(commands, cluster, path)))
        os.unlink(path)


def first_unarchived(commands: Commands, cluster: Cluster, chain: Chain) -> Commit | None:
    """The oldest commit on the server's disk that comes after the archive: all that a loss of that disk would cost, from then on."""
    folder = os.path.join(cluster.data_dir, "pg_wal")
    newest = chain.segments[0]
    timeline = max((int(name[:8], 16) for name in os.listdir(folder) if len(name) == 24), default=int(newest[:8], 16))
    number = number_of(newest, chain.size) + 1
    while True:
        path = os.path.join(folder, name_of(timeline, number, chain.size))
        # A name that is there may be an old segment, renamed to be used again; it holds no record that would be read.
        found = next((one for one in dump(commands, cluster, path) if isinstance(one, Commit)), None) if os.path.exists(path) else None
        if found or not os.path.exists(path):
            return found
        number += 1
