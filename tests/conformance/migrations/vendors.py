"""The vendors' own tools, installed from their lock files into .cache/: what the tests and the bench compare with."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from tests.integration.migration_lab import Project

SUPABASE = Path(__file__).parent / "oracle"
PRISMA = Path(__file__).parent / "prisma_engine"
CACHE = Path(__file__).parents[3] / ".cache" / "oracles"
NEVER = 300


class ToolMissingError(Exception):
    """What installs the vendors' tools is not there."""


def npm_installed(locked: Path, name: str) -> Path:
    """A copy of the folder `locked` in which `npm ci` installed what its lock file pins; made once per content."""
    npm = shutil.which("npm")
    if npm is None:
        raise ToolMissingError("npm is needed to install the vendors' own tools (apt install npm)")
    given = b"".join(path.read_bytes() for path in sorted(locked.iterdir()))
    home = CACHE / f"{name}-{hashlib.sha256(given).hexdigest()[:12]}"
    done = home / "node_modules" / ".package-lock.json"  # npm writes it last
    if not done.exists():
        shutil.copytree(locked, home, dirs_exist_ok=True)
        subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home, check=True, timeout=NEVER)
    return home


@dataclasses.dataclass(frozen=True)
class SupabaseCli:
    """`supabase` of the version in the lock file."""

    program: Path

    def command(self, url: str, *arguments: str) -> list[str]:
        """argv of a subcommand on a database."""
        return [str(self.program), *arguments, "--db-url", url, "--yes"]

    def environment(self, root: Path) -> dict[str, str]:
        """For the project in `root`, which is given the configuration that the CLI wants where it has none."""
        config = root / "supabase" / "config.toml"
        if not config.exists():
            config.parent.mkdir(exist_ok=True)
            config.write_text('project_id = "oracle"\n', encoding="utf-8")
        return {**os.environ, "PGSSLMODE": "disable", "SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1", "HOME": str(root)}

    def run(self, project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a subcommand of `supabase` on the project's database, whatever comes of it."""
        argv, environment = self.command(project.url, *arguments), self.environment(project.root)
        return subprocess.run(argv, cwd=project.root, env=environment, capture_output=True, text=True, timeout=NEVER, check=False)

    def push(self, project: Project, *arguments: str) -> str:
        """`supabase db push`, which must succeed; returns what it says."""
        return self.succeed(project, "db", "push", *arguments)

    def succeed(self, project: Project, *arguments: str) -> str:
        """A subcommand that must succeed; returns what it says."""
        done = self.run(project, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def supabase_cli() -> SupabaseCli:
    return SupabaseCli(npm_installed(SUPABASE, "supabase") / "node_modules" / "@supabase" / "cli-linux-x64" / "bin" / "supabase")


@dataclasses.dataclass(frozen=True)
class PrismaEngine:
    """Prisma's schema engine of the version in the lock file, which is what does the work of `prisma migrate`."""

    driver: Path

    def run(self, project: Project, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """deploy, diagnose, applied or rolledback (the latter two with a migration), whatever comes of it."""
        return subprocess.run(
            self.command(project.folder, command, *arguments),
            env=self.environment(project.url),
            capture_output=True,
            text=True,
            timeout=NEVER,
            check=False,
        )

    def command(self, folder: Path, command: str, *arguments: str) -> list[str]:
        return ["node", "--no-warnings", str(self.driver), command, str(folder), *arguments]

    def environment(self, url: str) -> dict[str, str]:
        return {**os.environ, "DATABASE_URL": url}

    def call(self, project: Project, command: str, *arguments: str) -> t.Any:
        """What the engine answers to a command that must succeed."""
        done = self.run(project, command, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def deploy(self, project: Project) -> list[str]:
        """`prisma migrate deploy`, which must succeed; the names of the migrations that it applied."""
        return list(self.call(project, "deploy")["appliedMigrationNames"])

    def refuses(self, project: Project, command: str, *arguments: str) -> str:
        """What the engine says to a command that it must refuse."""
        done = self.run(project, command, *arguments)
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stdout


def prisma_engine() -> PrismaEngine:
    return PrismaEngine(npm_installed(PRISMA, "prisma") / "engine.mjs")
