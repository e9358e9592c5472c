"""The real Supabase CLI, of the version that is pinned for the migrations, works against the local Supabase through a profile file."""

from __future__ import annotations

import json
import os
import subprocess
import time
import typing as t

import psycopg
import pytest

from tests.conformance.migrations import vendors

if t.TYPE_CHECKING:
    from pathlib import Path

    from tests.emulators.supabase.running import LocalSupabase

NEVER = 300


class Cli:
    """`supabase` with the local one as its profile."""

    def __init__(self, supabase: LocalSupabase, folder: Path) -> None:
        self._supabase, self._folder = supabase, folder
        self._program = str(vendors.supabase_cli().program)
        profile = {"name": "local", "api_url": supabase.url, "dashboard_url": supabase.url, "docs_url": supabase.url}
        (folder / "profile.yaml").write_text(json.dumps({**profile, "project_host": "127.0.0.1"}), encoding="utf-8")

    def run(self, *words: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
        """Whatever comes of it."""
        argv = [self._program, *words, "--profile", str(self._folder / "profile.yaml"), "--experimental", "--yes"]
        return subprocess.run(
            argv, cwd=self._folder, env=self._environment(token), capture_output=True, text=True, timeout=NEVER, check=False
        )

    def about_project(self, *words: str) -> t.Any:
        """What a command about the project answers as JSON; it must succeed."""
        done = self.run(*words, "--project-ref", self._supabase.ref, "--output-format", "json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def _environment(self, token: str | None) -> dict[str, str]:
        own = {"SUPABASE_ACCESS_TOKEN": token or self._supabase.token, "HOME": str(self._folder)}
        return {**os.environ, **own, "SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"}


@pytest.fixture
def cli(supabase: LocalSupabase, tmp_path: Path) -> Cli:
    """Without npm these tests cannot say anything and are skipped, loudly."""
    try:
        return Cli(supabase, tmp_path)
    except vendors.ToolMissingError as exc:
        pytest.skip(str(exc))


def test_it_configures_a_project(supabase: LocalSupabase, cli: Cli) -> None:
    cli.about_project("ssl-enforcement", "update", "--enable-db-ssl-enforcement")
    cli.about_project("network-restrictions", "update", "--db-allow-cidr", "203.0.113.0/24")
    cli.about_project("postgres-config", "update", "--config", "work_mem=8MB", "--no-restart")
    cli.about_project("postgres-config", "update", "--config", "max_connections=120", "--no-restart")
    cli.about_project("secrets", "set", "KEY=hush")
    assert supabase.api("GET", "/ssl-enforcement")["currentConfig"] == {"database": True}
    assert supabase.api("GET", "/network-restrictions")["config"]["dbAllowedCidrs"] == ["203.0.113.0/24"]
    assert supabase.api("GET", "/config/database/postgres") == {"work_mem": "8MB", "max_connections": 120}
    assert [row["name"] for row in supabase.api("GET", "/secrets")] == ["KEY"]


def test_it_lists_what_there_is(supabase: LocalSupabase, cli: Cli) -> None:
    assert supabase.ref in cli.run("projects", "list").stdout
    assert supabase.project["keys"]["anon"] in cli.run("projects", "api-keys", "--project-ref", supabase.ref).stdout
    assert "PHYSICAL" in cli.run("backups", "list", "--project-ref", supabase.ref).stdout
    assert cli.run("projects", "list", token=f"sbp_{'f' * 40}").returncode == 1


def test_its_restore_to_a_moment_brings_the_rows_back(supabase: LocalSupabase, cli: Cli) -> None:
    supabase.api("PATCH", "/billing/addons", {"addon_type": "pitr", "addon_variant": "pitr_7"})
    with psycopg.connect(supabase.database_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept ()")
        second = int(time.time()) + 1
        while time.time() < second + 1:
            time.sleep(0.01)
        connection.execute("DROP TABLE kept")
    done = cli.run("backups", "restore", "--timestamp", str(second), "--project-ref", supabase.ref)
    assert done.returncode == 0, done.stdout + done.stderr
    supabase.wait_until()
    with psycopg.connect(supabase.database_url, autocommit=True) as connection:
        connection.execute("SELECT FROM kept")
        connection.execute("DROP TABLE kept")


def test_it_waits_out_a_limit(supabase: LocalSupabase, cli: Cli) -> None:
    supabase.fault("rate_limited", path="*/ssl-enforcement", retry_after=1)
    cli.about_project("ssl-enforcement", "get")
    assert [row["status"] for row in supabase.asked() if row["path"].endswith("/ssl-enforcement")][-2:] == [429, 200]
