"""The commands of the guide "Restore, step by step, at 3 a.m.", executed as they stand there."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import typing as t
from pathlib import Path

import psycopg
import pytest

from tests.bench.tools import debian_program
from tests.integration.backups import APP_ROLE, PORTAL, Site, make_site

if t.TYPE_CHECKING:
    from tools.embedded.postgres import EmbeddedPostgres

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "restore.md"
BLOCK = re.compile(r"^```sh\n# by hand: ([^\n]+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = dict(BLOCK.findall(GUIDE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def site(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    """With a backup in each format."""
    name = f"guide_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {APP_ROLE}")
        made = make_site(postgres_server, postgres_server.url(name, user=APP_ROLE), tmp_path_factory.mktemp("guide"))
        assert made.back_up(globals=True)["changed"]
        assert made.back_up(format="directory")["changed"]
        yield made
        for each in made.databases():
            connection.execute(f"DROP DATABASE {each} WITH (FORCE)")


def downloaded(site: Site, archive: str, folder: Path) -> Path:
    """A folder with what was stored of the backup that has this archive."""
    stored = next((site.store / PORTAL / "backups").glob(f"*/{archive}")).parent
    return Path(shutil.copytree(stored, folder / "downloaded"))


def typed(site: Site, name: str, folder: Path, database: str = "") -> str:
    """What a shell says to the commands of a block; the first that fails fails."""
    lines = COMMANDS[name].replace("KEYFILE", str(site.identity_file)).replace("NEWDB", database)
    env = {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(site.server.port), "PGUSER": "postgres", "PGPASSWORD": site.server.password}
    age = debian_program("age", "usr/bin/age").parent  # from Debian's package where the machine has none
    env["PATH"] = f"{site.server.bin_dir}:{env['PATH']}:{age}"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", lines], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{lines}: {done.stdout}{done.stderr}"
    return done.stdout


def test_the_guide_has_all_the_ways_that_are_tested_here() -> None:
    assert set(COMMANDS) == {"check", "restore", "restore faster", "restore a directory", "roles"}


def test_the_check_shows_the_same_number_twice(site: Site, tmp_path: Path) -> None:
    first, second = typed(site, "check", downloaded(site, "database.dump.age", tmp_path)).split()
    assert first == second


@pytest.mark.parametrize(
    ("name", "archive"),
    [("restore", "database.dump.age"), ("restore faster", "database.dump.age"), ("restore a directory", "database.tar.age")],
)
def test_a_backup_is_restored_by_hand(site: Site, tmp_path: Path, name: str, archive: str) -> None:
    database = f"{site.database}_{secrets.token_hex(2)}"
    folder = downloaded(site, archive, tmp_path)
    before = sorted(folder.iterdir())
    typed(site, name, folder, database)
    assert site.execute("SELECT count(*) FROM orders", url=site.server.url(database)) == [(5000,)]
    assert sorted(folder.iterdir()) == before, "no plain data are left"


def test_roles_that_are_gone_come_back(site: Site, tmp_path: Path) -> None:
    role = f"guide_{secrets.token_hex(4)}"
    site.execute(f"CREATE ROLE {role} CONNECTION LIMIT 7")
    try:
        made = site.back_up(globals=True)
        assert made["changed"]
        site.execute(f"DROP ROLE {role}")
        folder = shutil.copytree(site.store / PORTAL / "backups" / made["backup"]["id"], tmp_path / "downloaded")
        typed(site, "roles", folder)
        assert site.execute(f"SELECT rolconnlimit FROM pg_roles WHERE rolname = '{role}'") == [(7,)]
    finally:
        site.execute(f"DROP ROLE IF EXISTS {role}")
