"""A project with migrations and a database to run them in; the module runs in a process of its own."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
import typing as t

import psycopg

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres

MODULES = "ansible_collections.holdfast.webops.plugins.modules"
# Longer than any deadline of the module: who hits it did not end by itself.
NEVER = 120


@dataclasses.dataclass(frozen=True)
class Project:
    """`folder` is its supabase/migrations, `url` an empty database."""

    root: Path
    url: str
    module: t.ClassVar[str] = "supabase_migration"
    tool: t.ClassVar[str] = "supabase"
    journal: t.ClassVar[str] = "supabase_migrations.holdfast_journal"

    @property
    def folder(self) -> Path:
        return self.root / self.tool / "migrations"

    @property
    def rollbacks(self) -> Path:
        return self.root / self.tool / "rollback"

    def version(self, name: str) -> str:
        """The version of the migration that `write` makes for this name."""
        return name.partition("_")[0]

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a migration; returns its path."""
        return _write(self.folder / name, content)

    def write_rollback(self, name: str, content: str) -> Path:
        return _write(self.rollbacks / name, content)

    def start(self, **options: t.Any) -> subprocess.Popen[str]:
        """The module in a process of its own; `finish` gives its result."""
        # Without diff mode a result leaves out what is long.
        given = {"database_url": self.url, "migrations_dir": str(self.folder), "remote_src": True, "_ansible_diff": True, **options}
        process = subprocess.Popen(
            [sys.executable, "-m", f"{MODULES}.{self.module}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": given}))
        process.stdin.close()
        process.stdin = None
        return process

    def run(self, **options: t.Any) -> dict[str, t.Any]:
        """The result of one run, whatever it is; its own text stands in `raw`."""
        return finish(self.start(**options))

    def apply(self, **options: t.Any) -> dict[str, t.Any]:
        """The result of a run that must succeed."""
        result = self.run(**options)
        assert not result.get("failed"), result["msg"]
        return result

    def fail(self, **options: t.Any) -> dict[str, t.Any]:
        """The result of a run that must fail."""
        result = self.run(**options)
        assert result.get("failed"), result
        return result

    def check(self, **options: t.Any) -> dict[str, t.Any]:
        """What check mode predicts."""
        return self.apply(_ansible_check_mode=True, **options)

    def rows(self, query: str) -> list[tuple[t.Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def value(self, query: str) -> t.Any:
        return self.rows(query)[0][0]

    def history(self) -> list[tuple[t.Any, ...]]:
        return self.rows('SELECT version, name, statements FROM supabase_migrations.schema_migrations ORDER BY version COLLATE "C"')

    def exists(self, relation: str) -> bool:
        return self.value(f"SELECT to_regclass('{relation}') IS NOT NULL") is True


class PrismaProject(Project):
    """`folder` is its prisma/migrations. Names are given as for the other tool: `2_x.sql` is the migration `2_x`."""

    module = "prisma_migration"
    tool = "prisma"
    journal = "public._prisma_migrations_journal"

    def version(self, name: str) -> str:
        return name.removesuffix(".sql")

    def write(self, name: str, content: str | bytes) -> Path:
        return _write(self.folder / self.version(name) / "migration.sql", content)

    def delete(self, name: str) -> None:
        """Take a migration out of the checkout."""
        shutil.rmtree(self.folder / self.version(name))

    def history(self) -> list[tuple[t.Any, ...]]:
        """Without what differs from run to run."""
        return self.rows(
            "SELECT migration_name, checksum, finished_at IS NOT NULL, rolled_back_at IS NOT NULL, logs, applied_steps_count,"
            " started_at <= coalesce(finished_at, started_at) FROM _prisma_migrations ORDER BY started_at, migration_name"
        )


def _write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def finish(process: subprocess.Popen[str]) -> dict[str, t.Any]:
    stdout, stderr = process.communicate(timeout=NEVER)
    assert stdout, f"no result from the module: {stderr}"
    return {**json.loads(stdout), "raw": stdout + stderr}


def dumped(server: EmbeddedPostgres, url: str) -> str:
    """The schema as pg_dump writes it, without what differs from run to run."""
    argv = [str(server.bin_dir / "pg_dump"), "--schema-only", "--no-owner", "--dbname", url]
    text = subprocess.run(argv, capture_output=True, text=True, timeout=NEVER, check=True).stdout
    return "\n".join(line for line in text.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))
