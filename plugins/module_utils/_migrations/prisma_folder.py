# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder prisma/migrations: every folder in it is a migration, and runs in the order of the names.

Prisma reads `<name>/migration.sql` and `migration_lock.toml` and nothing else.
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import Entry, SqlFile, content_of, entries_of

SCRIPT = "migration.sql"
LOCK = "migration_lock.toml"
PROVIDER = "postgresql"
_PROVIDER = re.compile(r"""^[ \t]*provider[ \t]*=[ \t]*["']?([^"'#\r\n]*)""", re.MULTILINE)
_DATED = re.compile(r"[0-9]+_(.+)")


class PrismaLayout:
    """`<name>/migration.sql`; the rollback script of a migration is `<name>.sql` in a folder of its own."""

    def read(self, folder: str) -> dict[str, bytes]:
        entries = entries_of(folder)
        contents = {LOCK: content_of(os.path.join(folder, LOCK))} if Entry(LOCK, is_folder=False) in entries else {}
        for entry in entries:
            if entry.is_folder:
                _refuse_unreadable(folder, entry)
                contents[f"{entry.name}/{SCRIPT}"] = _script_in(os.path.join(folder, entry.name))
        return contents

    def files(self, folder: str, contents: t.Mapping[str, bytes]) -> dict[str, SqlFile]:
        _refuse_other_provider(os.path.join(folder, LOCK), contents.get(LOCK))
        names = sorted(path[: -len(SCRIPT) - 1] for path in contents if path != LOCK)
        return {name: _sql_file(name, os.path.join(folder, name, SCRIPT), contents[f"{name}/{SCRIPT}"]) for name in names}

    def read_rollbacks(self, folder: str) -> dict[str, bytes]:
        scripts = [entry for entry in entries_of(folder) if entry.name.endswith(".sql") and not entry.is_folder]
        for entry in scripts:
            _refuse_unreadable(folder, entry)
        return {entry.name: content_of(os.path.join(folder, entry.name)) for entry in scripts}

    def rollbacks(self, folder: str, contents: t.Mapping[str, bytes]) -> dict[str, SqlFile]:
        names = {path[: -len(".sql")]: path for path in sorted(contents)}
        return {name: _sql_file(name, os.path.join(folder, path), contents[path]) for name, path in names.items()}


def bare_name(migration: str) -> str:
    """The name of a migration without the date that Prisma puts before it."""
    dated = _DATED.fullmatch(migration)
    return dated[1] if dated else migration


def _sql_file(migration: str, path: str, content: bytes) -> SqlFile:
    return SqlFile(migration, bare_name(migration), path, content, title=migration)


def _refuse_unreadable(folder: str, entry: Entry) -> None:
    if not entry.is_text:
        raise InputError(f"The name of {os.path.join(folder, entry.name)!a} is not UTF-8.", hint="Rename it, or move it away.")


def _script_in(folder: str) -> bytes:
    path = os.path.join(folder, SCRIPT)
    if not os.path.lexists(path):
        raise InputError(
            f"{folder} holds no {SCRIPT}; Prisma takes every folder for a migration.", hint="Restore the file, or delete the folder."
        )
    return content_of(path)


def _refuse_other_provider(path: str, lock: bytes | None) -> None:
    found = _PROVIDER.search((lock or b"").decode("utf-8", errors="replace"))
    provider = found[1].strip() if found else PROVIDER
    if provider != PROVIDER:
        raise InputError(
            f"{path} says provider {provider!r}, and only {PROVIDER} can be migrated.",
            hint="Name the folder of the migrations that were made for PostgreSQL.",
        )
