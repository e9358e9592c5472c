# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder supabase/migrations: which of its files the Supabase CLI 3.1.0 would run, and in which order."""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import Entry, SqlFile, content_of, entries_of

NAME = re.compile(r"([0-9]+)_(.*)\.sql")
# Early CLIs made such a first file for the local database alone; the CLI leaves it out to this day.
_LEGACY_FIRST = re.compile(r"([0-9]{14})_init\.sql")
_LEGACY_BEFORE = 20211209000000


class SupabaseLayout:
    """`<version>_<name>.sql`; rollback scripts look the same, in a folder of their own."""

    def read(self, folder: str) -> dict[str, bytes]:
        return {name: content_of(os.path.join(folder, name)) for name in chosen_names(folder, entries_of(folder))}

    def files(self, folder: str, contents: t.Mapping[str, bytes]) -> dict[str, SqlFile]:
        return sql_files(folder, contents)

    def read_rollbacks(self, folder: str) -> dict[str, bytes]:
        return self.read(folder)

    def rollbacks(self, folder: str, contents: t.Mapping[str, bytes]) -> dict[str, SqlFile]:
        return sql_files(folder, contents)


def chosen_names(folder: str, entries: t.Iterable[Entry]) -> list[str]:
    """Of the entries in order, the names to run. Raises InputError for SQL files whose names the CLI could not read."""
    chosen = []
    for position, entry in enumerate(entries):
        if entry.is_folder or (position == 0 and _is_legacy(entry.name)):
            continue
        if NAME.fullmatch(entry.name) and entry.is_text:
            chosen.append(entry.name)
        elif entry.name.lower().endswith(".sql"):
            raise InputError(
                f"The name of {os.path.join(folder, entry.name)!a} is not <version>_<name>.sql with a version of digits, in UTF-8.",
                hint="Rename the file, or move it out of the folder.",
            )
    return chosen


def _is_legacy(name: str) -> bool:
    found = _LEGACY_FIRST.search(name)
    return found is not None and int(found[1]) < _LEGACY_BEFORE


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
