# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pgBackRest tells of its repositories, read from its JSON. It decides nothing.

Formats: https://pgbackrest.org/command.html#command-info and #command-repo-ls
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import iso
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, Finished, failure, find_program
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.cluster import Cluster
from ansible_collections.holdfast.webops.plugins.module_utils._pgbackrest.wal import Timeline, lsn, read_history

QUICK = 300.0  # seconds; repositories may be far away
OK, MISSING = 0, (1, 3)  # of a stanza in one repository: nothing there, or no files of it; 2 is: no backup yet
_STANZA = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
_SEGMENT = re.compile(r"(?:^|/)([0-9A-F]{24})-[0-9a-f]{40}(?:\.\w+)?$")
_HISTORY = re.compile(r"^([0-9A-F]{8})\.history$")
ARGUMENTS: t.Final[dict[str, t.Any]] = {"stanza": {"type": "str", "required": True}, "config_file": {"type": "path"}}


@dataclasses.dataclass(frozen=True)
class Copy:
    """A physical backup. Moments are aware; `size` is that of the cluster, `stored_size` what its files take in the repository."""

    label: str
    type: str
    repository: int
    archive: str  # id of the archive that it needs, such as 15-1
    started: datetime.datetime
    at: datetime.datetime
    first_segment: str
    stop_lsn: int
    timeline: int
    size: int
    stored_size: int
    sound: bool

    def shown(self) -> dict[str, t.Any]:
        """The documented value."""
        return {
            "label": self.label,
            "type": self.type,
            "repository": self.repository,
            "started": iso(self.started),
            "at": iso(self.at),
            "size": self.size,
            "stored_size": self.stored_size,
            "sound": self.sound,
        }


@dataclasses.dataclass(frozen=True)
class Repository:
    """One repository of a stanza. `code` and `said` are pgBackRest's own; `copies` are those of the newest archive, oldest first."""

    key: int
    code: int
    said: str
    archive: str
    copies: tuple[Copy, ...]


@dataclasses.dataclass(frozen=True)
class Archived:
    """The WAL in one repository: names of segments and when they arrived, and the history of its newest timeline.

    `begun` has when the history of each later timeline arrived: when the cluster had gone back to the past.
    """

    segments: t.Mapping[str, datetime.datetime]
    history: tuple[Timeline, ...]
    begun: t.Mapping[int, datetime.datetime] = dataclasses.field(default_factory=dict)


def check_stanza(name: str) -> str:
    """The name, when pgBackRest and a file name can hold it."""
    if not _STANZA.fullmatch(name):
        raise InputError(f"stanza is '{name}', which cannot be one.", hint="Use letters, digits, - _ and .")
    return name


class PgBackRest:
    """The program, for one stanza, as the owner of the cluster. Its log files are left to its other callers."""

    def __init__(self, commands: Commands, cluster: Cluster, stanza: str, config_file: str | None = None) -> None:
        self._commands = commands
        self._cluster = cluster
        self._stanza = check_stanza(stanza)
        program = find_program("pgbackrest", hint="Install the package pgbackrest on the host of the database.")
        chosen = [f"--config={config_file}"] if config_file else []
        quiet = ("--log-level-console=error", "--log-level-stderr=off", "--log-level-file=off")
        # A repository that is away is asked four times; at a minute each, a look at the others would have to wait for that.
        self._argv = cluster.as_owner(program, *chosen, f"--stanza={stanza}", *quiet, "--io-timeout=15")

    def run(self, *words: str, timeout: float = QUICK) -> Finished:
        """Run one of its commands; it must not lie in a folder that the owner cannot enter."""
        return self._commands.run([*self._argv, *words], timeout=timeout, cwd="/")

    def check(self, *words: str, timeout: float = QUICK) -> Finished:
        """As `run`; CommandError with what it said where it failed."""
        done = self.run(*words, timeout=timeout)
        if done.returncode != 0:
            # It writes its errors to its standard output.
            raise failure(["pgbackrest"], done.returncode, done.stderr + done.stdout)
        return done

    def repositories(self) -> tuple[Repository, ...]:
        """All repositories of the stanza, those too that cannot be read."""
        # Its error messages have line ends that JSON does not allow.
        stanzas = json.loads(self.check("info", "--output=json").text, strict=False)
        mine = [one for one in stanzas if one["name"] == self._stanza]
        return tuple(_repository(mine[0], one) for one in mine[0].get("repo", [])) if mine else ()

    def archived(self, repository: Repository) -> Archived:
        """The WAL of its newest archive."""
        files = json.loads(self.check("repo-ls", f"--repo={repository.key}", "--recurse", "--output=json", self._archive(repository)).text)
        segments = {
            found.group(1): _moment(shown["time"]) for found, shown in ((_SEGMENT.search(name), files[name]) for name in files) if found
        }
        histories = ((_HISTORY.match(name), files[name]) for name in files)
        begun = {int(found.group(1), 16): _moment(shown["time"]) for found, shown in histories if found}
        newest = max(begun, default=max((int(name[:8], 16) for name in segments), default=0))
        return Archived(segments, self.history(repository, newest, begun) if newest else (), begun)

    def history(self, repository: Repository, number: int, begun: t.Mapping[int, datetime.datetime]) -> tuple[Timeline, ...]:
        """The way to this timeline; the first one has no history."""
        if number not in begun:
            return (Timeline(number, 0),)
        text = self.check("repo-get", f"--repo={repository.key}", f"{self._archive(repository)}/{number:08X}.history").text
        return read_history(text, number)

    def _archive(self, repository: Repository) -> str:
        return f"archive/{self._stanza}/{repository.archive}"

    def fetch(self, repository: int, segment: str, folder: str) -> str:
        """Bring a segment into a folder of the owner's; gives its path."""
        path = os.path.join(folder, segment)
        self.check("archive-get", f"--repo={repository}", f"--pg1-path={self._cluster.data_dir}", segment, path)
        return path


def _repository(stanza: t.Mapping[str, t.Any], repo: t.Mapping[str, t.Any]) -> Repository:
    key = int(repo["key"])
    archives = [one["id"] for one in stanza.get("archive", []) if one["database"]["repo-key"] == key]
    newest = max(archives, key=_generation, default="")
    taken = [one for one in stanza.get("backup", []) if one["database"]["repo-key"] == key]
    copies = tuple(_copy(one) for one in taken if newest and one["database"]["id"] == _generation(newest))
    return Repository(key, int(repo["status"]["code"]), str(repo["status"]["message"]), newest, copies)


def _generation(archive: str) -> int:
    """15-2 is the second cluster of this stanza, as after an upgrade; an older one's backups do not lead to what is now."""
    return int(archive.rpartition("-")[2])


def _copy(backup: t.Mapping[str, t.Any]) -> Copy:
    info = backup["info"]
    return Copy(
        label=backup["label"],
        type=backup["type"],
        repository=int(backup["database"]["repo-key"]),
        archive=str(backup["database"]["id"]),
        started=_moment(backup["timestamp"]["start"]),
        at=_moment(backup["timestamp"]["stop"]),
        first_segment=backup["archive"]["start"],
        stop_lsn=lsn(backup["lsn"]["stop"]),
        timeline=int(backup["archive"]["stop"][:8], 16),
        size=int(info["size"]),
        stored_size=int(info["repository"].get("delta", info["repository"].get("size", 0))),
        # true: pages whose checksum is wrong were found while it was made
        sound=not backup.get("error"),
    )


def _moment(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def unreadable(repository: Repository) -> CommandError:
    """The error for a repository that tells nothing."""
    return CommandError(f"Repository {repository.key} cannot be read: {repository.said}.", hint="Look at its settings, and at its server.")
