# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pg_dump: what it is asked, what it said, and the schema as a digest."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import subprocess
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, failure, stop
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import CommandError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.connection import connection_parameters, libpq_environment
from ansible_collections.holdfast.webops.plugins.module_utils._postgres.programs import FIRST_WITH_ZSTD, Client

AUTO = "auto"
COMPRESSIONS = "auto, zstd:1 to zstd:19, gzip:1 to gzip:9, lz4:1 to lz4:12, none"
_COMPRESSION = re.compile(r"(zstd|gzip|lz4):(\d{1,2})|none")
_HIGHEST = {"zstd": 19, "gzip": 9, "lz4": 12}

# Lines of a schema dump that differ from run to run or between clients, and say nothing about the schema.
_NO_SCHEMA = re.compile(r"^(--.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*|\s*)$")


@dataclasses.dataclass(frozen=True)
class Scope:
    """Which tables, by exact names `schema.table`: only `tables` (empty: all), none of `excluded_tables`; of those in
    `excluded` the definition without the rows."""

    schema_only: bool = False
    excluded: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    excluded_tables: tuple[str, ...] = ()

    def has_table(self, table: str) -> bool:
        """Whether its definition is in it."""
        return table not in self.excluded_tables and (not self.tables or table in self.tables)

    def has_rows(self, table: str) -> bool:
        """Whether its rows are in it."""
        return self.has_table(table) and table not in self.excluded and not self.schema_only

    def has_sequence(self, owner: str | None) -> bool:
        """Whether a sequence that belongs to this table, or to none, is in it."""
        return self.has_table(owner) if owner is not None else not self.tables

    def as_plain(self) -> dict[str, t.Any]:
        """As the manifest holds it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_plain(cls, plain: t.Mapping[str, t.Any]) -> Scope:
        names = ("excluded", "tables", "excluded_tables")
        return cls(plain["schema_only"], *(tuple(plain.get(name, ())) for name in names))

    def arguments(self) -> list[str]:
        """Options of pg_dump that choose tables."""
        only = [f"--table={quoted_pattern(name)}" for name in self.tables]
        return only + [f"--exclude-table={quoted_pattern(name)}" for name in self.excluded_tables]


EVERYTHING = Scope()


@dataclasses.dataclass(frozen=True)
class DumpPlan:
    """What of a database is dumped and how. `jobs` above 1 needs `directory`: a folder instead of a stream."""

    compression: str
    scope: Scope
    lock_wait: int
    directory: bool = False
    jobs: int = 1


def check_compression(compression: str) -> bool:
    """Whether it needs zstd or lz4 (a client of 16 or newer). Raises InputError when it is no compression."""
    found = _COMPRESSION.fullmatch(compression)
    if not found or (found.group(1) and not 1 <= int(found.group(2)) <= _HIGHEST[found.group(1)]):
        raise InputError(f"compression '{compression}' is unknown.", hint=f"Allowed: {COMPRESSIONS}.")
    return found.group(1) in ("zstd", "lz4")


def settled(plan: DumpPlan, client: Client) -> DumpPlan:
    """The plan with `auto` made definite: the best compression that this client has."""
    if plan.compression != AUTO:
        return plan
    return dataclasses.replace(plan, compression="zstd:1" if client.major >= FIRST_WITH_ZSTD else "gzip:6")


def check_table(table: str, option: str) -> None:
    """InputError naming the option when this is not `schema.table`."""
    schema, dot, name = table.partition(".")
    if not (schema and dot and name):
        raise InputError(f"'{table}' in {option} is not the name of a table.", hint="Write schema.table, without quotes or patterns.")


def quoted_pattern(table: str) -> str:
    """`schema.table` as a pattern that matches this table and no other."""
    schema, _dot, name = table.partition(".")
    return ".".join('"' + part.replace('"', '""') + '"' for part in (schema, name))


def dump_arguments(plan: DumpPlan, client: Client, snapshot: str, folder: str = "") -> list[str]:
    """The argument list of pg_dump; host, user, password and database travel in the environment. `folder`: where a
    directory is written to."""
    argv = [
        client.program("pg_dump"),
        *(["--format=directory", f"--jobs={plan.jobs}", f"--file={folder}"] if plan.directory else ["--format=custom"]),
        "--no-password",
        f"--snapshot={snapshot}",
        f"--lock-wait-timeout={plan.lock_wait}s",
    ]
    argv.append(f"--compress={_level(plan.compression, client)}")
    if plan.scope.schema_only:
        argv.append("--schema-only")
    argv += [*plan.scope.arguments(), *(["--strict-names"] if plan.scope.tables else [])]
    return argv + [f"--exclude-table-data={quoted_pattern(name)}" for name in plan.scope.excluded]


def _level(compression: str, client: Client) -> str:
    if compression == "none":
        return "0"
    return compression if client.major >= FIRST_WITH_ZSTD else compression.rpartition(":")[2]


class RunningDump:
    """A pg_dump whose archive comes out of `stdout`; its words go to an unnamed file, so that no pipe can fill up."""

    def __init__(self, commands: Commands, argv: t.Sequence[str], database_url: str) -> None:
        self._argv = argv
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (closed by end)
        self._child = commands.start(argv, env=libpq_environment(database_url), stdout=subprocess.PIPE, stderr=self._said)

    @property
    def stdout(self) -> t.IO[bytes]:
        if self._child.stdout is None:
            raise CommandError("pg_dump was started without a pipe.")
        return self._child.stdout

    def finish(self) -> list[str]:
        """After the last byte of `stdout`: its warnings. CommandError unless it ended well: rc 0 and no word of an error."""
        self._child.wait()
        self._said.seek(0)
        said = self._said.read()
        lines = said.decode("utf-8", "replace").splitlines()
        if self._child.returncode != 0 or any(" error: " in line for line in lines):
            raise failure(self._argv, self._child.returncode, said)
        return lines

    def stop(self) -> None:
        """End it before its time."""
        if self._child.poll() is None:
            stop(self._child)

    def end(self) -> None:
        """Make sure that nothing of it is left."""
        self.stop()
        self.stdout.close()
        self._said.close()


def schema_digest(
    commands: Commands, client: Client, database_url: str, scope: Scope, *, snapshot: str | None, timeout: float, lock_wait: int = 60
) -> str:
    """SHA-256 of the schema as statements, without owners, privileges and comments; comparable for one client version."""
    argv = [client.program("pg_dump"), "--schema-only", "--no-owner", "--no-privileges", "--no-password", *scope.arguments()]
    argv.append(f"--lock-wait-timeout={lock_wait}s")
    argv += [f"--snapshot={snapshot}"] if snapshot else []
    return digest_of_schema(commands.check(argv, env=libpq_environment(database_url), timeout=timeout).text)


def dump_globals(commands: Commands, client: Client, database_url: str, *, with_passwords: bool, timeout: float) -> bytes:
    """Roles, their memberships and settings, and tablespaces, as SQL. Hashes of passwords can be read by superusers alone."""
    argv = [client.program("pg_dumpall"), "--globals-only", "--no-password", *([] if with_passwords else ["--no-role-passwords"])]
    argv.append(f"--database={connection_parameters(database_url).get('dbname', 'postgres')}")
    return commands.check(argv, env=libpq_environment(database_url), timeout=timeout).stdout


def digest_of_schema(text: str) -> str:
    """The digest of what `pg_dump --schema-only` wrote. Pure."""
    kept = [line for line in text.splitlines() if not _NO_SCHEMA.match(line)]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()
