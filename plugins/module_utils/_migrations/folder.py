# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Folders of migrations: what the engine wants of a tool's layout, and what the layouts share.

Runs on the controller (action plugins) and on the target (`remote_src`). Standard library only.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import Script, read_script


@dataclasses.dataclass(frozen=True)
class SqlFile:
    """The SQL of one migration. `title`: what people call it where that is not its file name `<version>_<name>.sql`."""

    version: str
    name: str
    path: str
    content: bytes
    title: str = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return self.title or f"{self.version}_{self.name}.sql"

    @functools.cached_property  # a run plans twice, before and after it has the lock
    def script(self) -> Script:
        """What there is to run. Raises InputError naming file and line for what could not run."""
        return read_script(self.path, self.content)


class Entry(t.NamedTuple):
    """One name in a folder. A link to a folder is none: the vendors' tools do not follow it."""

    name: str
    is_folder: bool

    @property
    def is_text(self) -> bool:
        """Whether the name is UTF-8; os.scandir hands out other bytes as lone surrogates."""
        return not any("\ud800" <= character <= "\udfff" for character in self.name)


class Layout(t.Protocol):
    """How one tool lays its migrations out. Contents are given by their names relative to the folder."""

    def read(self, folder: str) -> dict[str, bytes]:
        """What belongs to the migrations. Raises NotFoundError without a folder, InputError for what cannot be read."""

    def files(self, folder: str, contents: t.Mapping[str, bytes]) -> dict[str, SqlFile]:
        """The migrations by version, in the order in which the tool runs them. Raises InputError for what it would refuse."""

    def read_rollbacks(self, folder: str) -> dict[str, bytes]:
        """What belongs to the rollback scripts."""

    def rollbacks(self, folder: str, contents: t.Mapping[str, bytes]) -> dict[str, SqlFile]:
        """The rollback scripts by version."""


def entries_of(folder: str) -> list[Entry]:
    """What the folder holds, in the order of the bytes of the names."""
    try:
        with os.scandir(folder) as found:
            entries = [Entry(entry.name, entry.is_dir(follow_symlinks=False)) for entry in found]
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"The folder {folder} does not exist.", hint="Correct the path, or check the project out first.") from None
    except OSError as exc:
        raise InputError(f"The folder {folder} cannot be read: {exc.strerror}.") from None
    return sorted(entries, key=lambda entry: os.fsencode(entry.name))


def content_of(path: str) -> bytes:
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}.") from None


def if_there(read: t.Callable[[str], dict[str, bytes]], folder: str) -> dict[str, bytes]:
    """What `read` finds, and nothing where there is no folder."""
    try:
        return read(folder)
    except NotFoundError:
        return {}
