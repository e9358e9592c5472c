# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Seeds and roles.sql, as `supabase db push --include-seed --include-roles` of the CLI 3.1.0 runs them.

roles.sql runs before the migrations, every time. A seed runs after them, once: its path (relative to the project) and the SHA-256
of its bytes are kept, and where these bytes change only the sum is noted.
"""

from __future__ import annotations

import base64
import fnmatch
import functools
import hashlib
import os
import posixpath
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.companions import Companion, Companions
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import content_of
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.script import NOTHING, Script, read_script

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._migrations.history import Database

# The CLI's name for the folder that holds the migrations; the paths of seeds begin with it.
PROJECT_FOLDER = "supabase"
ROLES = "roles.sql"
_MAGIC = frozenset("*?[")
_EXISTS = "SELECT pg_catalog.to_regclass('supabase_migrations.seed_files')"
_READ = "SELECT path, hash FROM supabase_migrations.seed_files"
_CREATE = (
    "CREATE SCHEMA IF NOT EXISTS supabase_migrations",
    "CREATE TABLE IF NOT EXISTS supabase_migrations.seed_files (path text NOT NULL PRIMARY KEY, hash text NOT NULL)",
)
_NOTE = "INSERT INTO supabase_migrations.seed_files(path, hash) VALUES(%s, %s) ON CONFLICT (path) DO UPDATE SET hash = EXCLUDED.hash"


def read_companions(params: t.Mapping[str, t.Any], migrations_dir: str) -> dict[str, dict[str, bytes]]:
    """What `seed_paths` and `include_roles` name, under `seeds` and `roles`, by the paths that the CLI uses."""
    folder = os.path.dirname(os.path.normpath(migrations_dir))
    found: dict[str, dict[str, bytes]] = {"seeds": {}, "roles": {}}
    for pattern in params.get("seed_paths") or ():
        found["seeds"].update({path: content_of(_real(folder, path)) for path in _matching(folder, str(pattern))})
    if params.get("include_roles"):
        found["roles"] = {f"{PROJECT_FOLDER}/{ROLES}": content_of(os.path.join(folder, ROLES))}
    return found


class SupabaseCompanions:
    """The seeds and the roles.sql that the options name."""

    def __init__(self, params: t.Mapping[str, t.Any]) -> None:
        for option in ("seed_paths", "include_roles"):
            if params[option] and params["state"] != "applied":
                raise InputError(f"{option} belongs to state=applied, not to state={params['state']}.", hint="Remove it, or correct state.")
        sent = params["contents"]
        self._contents = read_companions(params, params["migrations_dir"]) if sent is None else _decoded(sent)

    def plan(self, database: Database) -> Companions:
        return plan_companions(database, self._contents)

    def values(self, companions: Companions) -> dict[str, t.Any]:
        return {"seeds": [seed.path for seed in companions.after], "roles": bool(companions.before)}


def _decoded(sent: t.Mapping[str, t.Mapping[str, str]]) -> dict[str, dict[str, bytes]]:
    """What the controller has read."""
    return {kind: {path: base64.b64decode(content) for path, content in sent.get(kind, {}).items()} for kind in ("seeds", "roles")}


def _matching(folder: str, pattern: str) -> list[str]:
    """The files that a pattern stands for, folders searched to their ends, in the order of the bytes of their paths."""
    if posixpath.isabs(pattern):
        raise InputError(f"seed_paths: {pattern} is absolute.", hint="Name it relative to the folder that holds migrations_dir.")
    wanted = posixpath.normpath(posixpath.join(PROJECT_FOLDER, pattern))
    files = [file for path in sorted(_expanded(folder, wanted), key=os.fsencode) for file in _files_in(folder, path)]
    if not files:
        raise InputError(
            f"seed_paths: nothing matches {pattern} in {folder}.",
            hint="Correct it; it is relative to the folder that holds migrations_dir.",
        )
    return files


def _real(folder: str, path: str) -> str:
    """Where a path of the CLI is; the folder of the migrations may have another name here."""
    return os.path.normpath(os.path.join(folder, posixpath.relpath(path, PROJECT_FOLDER)))


def _expanded(folder: str, pattern: str) -> list[str]:
    """Every existing path that fits, part by part: a wildcard matches no slash, and dots like any other character."""
    head, last = posixpath.split(pattern)
    if not _MAGIC.intersection(pattern):
        return [pattern] if os.path.exists(_real(folder, pattern)) else []
    found = []
    for parent in _expanded(folder, head) if head else [""]:
        for name in _names_in(_real(folder, parent or ".")):
            if fnmatch.fnmatchcase(name, last.replace("[^", "[!")):
                found.append(posixpath.join(parent, name))
    return found


def _names_in(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder), key=os.fsencode)
    except OSError:
        return []


def _files_in(folder: str, path: str) -> list[str]:
    """The path itself, or where it is a folder the SQL files below it; links in there are not followed."""
    if not os.path.isdir(_real(folder, path)):
        return [path]
    found = []
    for name in _names_in(_real(folder, path)):
        below = posixpath.join(path, name)
        if os.path.islink(_real(folder, below)):
            continue
        if os.path.isdir(_real(folder, below)):
            found += _files_in(folder, below)
        elif name.endswith(".sql"):
            found.append(below)
    return sorted(found, key=os.fsencode)


def plan_companions(database: Database, contents: t.Mapping[str, t.Mapping[str, bytes]]) -> Companions:
    """What is to be done about them. Asks the database only where there are seeds."""
    roles = tuple(Companion(path, _runnable(path, content), "roles") for path, content in contents["roles"].items())
    known = _known(database) if contents["seeds"] else {}
    seeds = tuple(
        Companion(path, NOTHING if path in known else _runnable(path, content), "seed", SeedNote(path, digest))
        for path, content in contents["seeds"].items()
        for digest in [hashlib.sha256(content).hexdigest()]
        if known.get(path) != digest
    )
    edited = [seed.path for seed in seeds if seed.path in known]
    warnings = (f"Edited after they ran, so only their sums are noted: {', '.join(edited)}.",) if edited else ()
    return Companions(roles, seeds, warnings)


@functools.cache  # a run plans twice
def _runnable(path: str, content: bytes) -> Script:
    script = read_script(path, content)
    odd = [step for step in script.steps if step.kind != "transaction"] or script.steps[1:]
    if odd:
        raise InputError(
            f"{script.place(odd[0].statements[0].code)}: seeds and roles run in one transaction, and this statement cannot or ends it.",
            hint="Move it into a migration.",
        )
    return script


def _known(database: Database) -> dict[str, str]:
    if database.rows(_EXISTS)[0][0] is None:
        return {}
    return {str(path): str(digest) for path, digest in database.rows(_READ)}


class SeedNote(t.NamedTuple):
    """The row of a seed."""

    path: str
    digest: str

    def prepare(self, database: Database) -> None:
        """Make the table the way the CLI makes it, and keep a CLI that has the same seed in hand from noting it first."""
        for statement in _CREATE if database.rows(_EXISTS)[0][0] is None else ():
            database.rows(statement)
        database.rows("LOCK TABLE supabase_migrations.seed_files IN SHARE ROW EXCLUSIVE MODE")

    def write(self, database: Database) -> None:
        database.rows(_NOTE, (self.path, self.digest))
