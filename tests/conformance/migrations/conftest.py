"""The real Supabase CLI, installed from its lock file into .cache/ and run on the projects of the tests."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from tests.integration.migration_lab import Project

ORACLE = Path(__file__).parent / "oracle"
CACHE = Path(__file__).parents[3] / ".cache" / "oracles"
NEVER = 300


@dataclasses.dataclass(frozen=True)
class SupabaseCli:
    """`supabase` of the version in the lock file."""

    program: Path

    def run(self, project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a subcommand of `supabase` on the project's database, whatever comes of it."""
        (project.root / "supabase").mkdir(exist_ok=True)
        (project.root / "supabase" / "config.toml").write_text('project_id = "oracle"\n', encoding="utf-8")
        environment = {
            **os.environ,
            "PGSSLMODE": "disable",
            "SUPABASE_TELEMETRY_DISABLED": "1",
            "DO_NOT_TRACK": "1",
            "HOME": str(project.root),
        }
        argv = [str(self.program), *arguments, "--db-url", project.url, "--yes"]
        return subprocess.run(argv, cwd=project.root, env=environment, capture_output=True, text=True, timeout=NEVER, check=False)

    def push(self, project: Project, *arguments: str) -> str:
        """`supabase db push`, which must succeed; returns what it says."""
        done = self.run(project, "db", "push", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="session")
def supabase_cli() -> SupabaseCli:
    """Installed once per lock file; without npm these tests cannot say anything and are skipped, loudly."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is needed to install the Supabase CLI (apt install npm)")
    lock = (ORACLE / "package-lock.json").read_bytes()
    home = CACHE / f"supabase-{hashlib.sha256(lock).hexdigest()[:12]}"
    program = home / "node_modules" / "@supabase" / "cli-linux-x64" / "bin" / "supabase"
    if not program.exists():
        shutil.copytree(ORACLE, home, dirs_exist_ok=True)
        subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home, check=True, timeout=NEVER)
    return SupabaseCli(program)
