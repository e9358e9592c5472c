# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of migrations: which of its files the Supabase CLI 3.1.0 would run, and in which order.

Runs on the controller (action plugin) and on the target (`remote_src`). Standard library only.
"""

from __future__ import annotations

import dataclasses
import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError

NAME = re.compile(r"([0-9]+)_(.*)\.sql")
# Early CLIs made such a first file for the local database alone; the CLI leaves it out to this day.
_LEGACY_FIRST = re.compile(r"([0-9]{14})_init\.sql")
_LEGACY_BEFORE = 20211209000000


@dataclasses.dataclass(frozen=True)
class SqlFile:
    """A file `<version>_<name>.sql`."""

    version: str
    name: str
    path: str
    content: bytes

    @property
    def label(self) -> str:
        """What people call it: the file name."""
        return f"{self.version}_{self.name}.sql"


@dataclasses.dataclass(frozen=True)
class Entry:
    """One name in the folder."""

    name: str
    is_folder: bool


def chosen_names(folder: str, entries: t.Iterable[Entry]) -> list[str]:
    """The names to run, in the order of the CLI. Raises InputError for SQL files whose names it could not read."""
    chosen = []
    for position, entry in enumerate(sorted(entries, key=lambda entry: os.fsencode(entry.name))):
        if entry.is_folder or (position == 0 and _is_legacy(entry.name)):
            continue
        if NAME.fullmatch(entry.name) and _is_text(entry.name):
            chosen.append(entry.name)
        elif entry.name.lower().endswith(".sql"):
            raise InputError(
                f"The name of {os.path.join(folder, entry.name)!a} is not <version>_<name>.sql with a version of digits, in UTF-8.",
                hint="Rename the file, or move it out of the folder.",
            )
    return chosen


def _is_text(name: str) -> bool:
    """Whether the name is UTF-8; os.scandir hands out other bytes as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _is_legacy(name: str) -> bool:
    found = _LEGACY_FIRST.search(name)
    return found is not None and int(found[1]) < _LEGACY_BEFORE


def read_folder(folder: str) -> dict[str, bytes]:
    """The contents of the files to run, by name."""
    try:
        with os.scandir(folder) as found:
            entries = [Entry(entry.name, entry.is_dir(follow_symlinks=False)) for entry in found]
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"The folder {folder} does not exist.", hint="Correct the path, or check the project out first.") from None
    except OSError as exc:
        raise InputError(f"The folder {folder} cannot be read: {exc.strerror}.") from None
    return {name: _content(os.path.join(folder, name)) for name in chosen_names(folder, entries)}


def read_folder_if_there(folder: str) -> dict[str, bytes]:
    """The same, and nothing where there is no folder."""
    try:
        return read_folder(folder)
    except NotFoundError:
        return {}


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except OSError as exc:
        raise InputError(f"{path} cannot be read: {exc.strerror}.") from None


def sql_files(folder: str, contents: t.Mapping[str, bytes]) -> dict[str, SqlFile]:
    """The files by version, in the order of their versions (as text, like the CLI). Two files of one version are an error."""
    files: dict[str, SqlFile] = {}
    for name, content in sorted(contents.items()):
        match = NAME.fullmatch(name)
        if match is None:
            raise InputError(f"The name {name!a} is not <version>_<name>.sql.")
        file = SqlFile(match[1], match[2], os.path.join(folder, name), content)
        other = files.setdefault(file.version, file)
        if other is not file:
            raise InputError(
                f"{other.label} and {file.label} in {folder} have the same version {file.version}.",
                hint="Give one of them another version.",
            )
    return dict(sorted(files.items()))
