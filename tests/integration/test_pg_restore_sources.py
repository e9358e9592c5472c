"""Where a restore may take its data from, and where it may put them: times, files, streams, empty databases, servers of its own."""

from __future__ import annotations

import gzip
import json
import secrets
import shutil
import subprocess
import typing as t
from pathlib import Path

import psycopg
import pyrage
import pytest

from tests.integration.backups import APP_ROLE, PORTAL, Site, environment, make_site

if t.TYPE_CHECKING:
    from tools.embedded.postgres import EmbeddedPostgres

HISTORY = """
CREATE SCHEMA supabase_migrations;
CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY);
INSERT INTO supabase_migrations.schema_migrations VALUES ('20260101000000'), ('20260102000000');
"""


@pytest.fixture(scope="module")
def site(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    """One database with one backup for the whole file."""
    name = f"sources_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {APP_ROLE}")
        made = make_site(postgres_server, postgres_server.url(name, user=APP_ROLE), tmp_path_factory.mktemp("sources"))
        made.execute(HISTORY, url=made.app_url)
        assert made.back_up()["changed"]
        yield made
        for each in made.databases():
            connection.execute(f"DROP DATABASE {each} WITH (FORCE)")


@pytest.fixture
def empty(site: Site) -> t.Iterator[str]:
    """The name of an empty database."""
    name = f"{site.database}_{secrets.token_hex(3)}"
    site.execute(f"CREATE DATABASE {name}", url=site.server.admin_url)
    yield name
    for each in site.databases():
        if each.startswith(name):
            site.execute(f"DROP DATABASE {each} WITH (FORCE)", url=site.server.admin_url)


def into(site: Site, name: str, **options: t.Any) -> dict[str, t.Any]:
    return site.restore(database_url=site.server.url(name), confirm=name, **options)


def from_file(site: Site, name: str, path: Path, **options: t.Any) -> dict[str, t.Any]:
    return into(site, name, archive=str(path), destinations=[], portal=None, **options)


def orders(site: Site, name: str) -> int:
    return int(site.execute("SELECT count(*) FROM orders", url=site.server.url(name))[0][0])


def folder(site: Site) -> Path:
    """Of the newest backup."""
    return max((site.store / PORTAL / "backups").iterdir())


@pytest.fixture(scope="module")
def dumps(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same database as pg_dump writes it, without anything of ours beside it."""
    place = tmp_path_factory.mktemp("dumps")
    env = environment({"PGPASSWORD": site.server.password})
    found = {}
    for kind, option in (("custom", "c"), ("sql", "p")):
        found[kind] = place / f"{kind}.dump"
        argv = [str(site.server.bin_dir / "pg_dump"), f"-F{option}", "-d", site.admin_url, "-f", str(found[kind])]
        subprocess.run(argv, check=True, env=env)
    found["gzip"] = place / "seed.sql.gz"
    found["gzip"].write_bytes(gzip.compress(found["sql"].read_bytes()))
    found["age"] = place / "other.age"
    pyrage.encrypt_file(str(found["custom"]), str(found["age"]), [pyrage.x25519.Recipient.from_str(site.recipient)])
    return found


def test_a_time_means_the_newest_backup_from_before_it(site: Site) -> None:
    backup = site.catalog()["backups"][0]
    done = site.restore(check=True, backup="2099-01-01T00:00:00Z")
    assert done["backup"]["id"] == backup["id"]
    failed = site.restore(check=True, backup="2020-01-01 00:00")
    assert failed["msg"].startswith("No usable backup from before 2020-01-01T00:00:00Z was found. The oldest usable one is of 20")


def test_check_mode_says_how_large_it_is_and_how_long_it_took_before(site: Site) -> None:
    first = site.restore(check=True, state="proven", proof_max_age=1)["plan"]
    assert (first["estimate_s"], first["past_runs"]) == (None, 0)
    assert first["scratch_bytes"] == first["stored_bytes"] > 0
    proof = site.restore(state="proven")["proof"]
    then = site.restore(check=True)["plan"]
    assert then["past_runs"] == 1
    assert 0 < then["estimate_s"] < 10 * proof["duration_s"] + 1
    assert site.restore(check=True, jobs=1)["plan"]["scratch_bytes"] == 0


def test_one_process_restores_from_the_stream_without_room_on_a_disk(site: Site, empty: str, tmp_path: Path) -> None:
    done = into(site, empty, jobs=1, scratch_dir=str(tmp_path / "not there"))
    assert done["changed"], done
    assert orders(site, empty) == 5000
    assert all(one["equal"] for one in done["comparisons"])


def test_a_damaged_copy_in_a_stream_is_found_at_its_end_and_the_next_one_taken(site: Site, empty: str, tmp_path: Path) -> None:
    damaged = tmp_path / "store"
    shutil.copytree(site.store, damaged)
    archive = next(damaged.glob("*/backups/*/database.dump.age"))
    content = bytearray(archive.read_bytes())
    content[-100] ^= 1
    archive.write_bytes(bytes(content))
    done = into(site, empty, jobs=1, destinations=[{"store": f"file://{damaged}"}, *site.destinations])
    assert done["changed"], done
    assert "is not what was written: its SHA-256 is" in str(done["warnings"])
    assert orders(site, empty) == 5000
    failed = into(site, empty, jobs=1, force=True, destinations=[{"store": f"file://{damaged}"}])
    assert failed["msg"].startswith("No copy of the backup can be used.")
    assert [name for name in site.databases() if "_restore_" in name] == []


def test_a_proof_needs_no_server_but_its_own(site: Site) -> None:
    before = site.databases()
    assert site.back_up()["changed"]  # without a proof
    done = site.restore(state="proven", database_url=None)
    assert done.get("proof"), done
    assert all(one["equal"] for one in done["comparisons"])
    stored = json.loads(sorted(folder(site).glob("proof-*.json"))[-1].read_bytes())
    assert stored["server"] == {"major": 17, "own": True}
    assert site.databases() == before


def test_only_a_proof_can_do_without_a_server(site: Site) -> None:
    assert site.restore(database_url=None)["msg"].startswith("database_url is missing.")


def test_an_empty_database_is_filled_in_one_transaction(site: Site, empty: str) -> None:
    assert into(site, empty, into="empty", check=True)["changed"]
    done = into(site, empty, into="empty")
    assert done["changed"], done
    assert (orders(site, empty), done["restored"]["replaced_database"]) == (5000, None)
    assert not into(site, empty, into="empty")["changed"]
    assert site.databases().count(empty) == 1
    site.execute(f"COMMENT ON DATABASE {empty} IS NULL", url=site.server.admin_url)
    refused = into(site, empty, into="empty")
    assert refused["msg"].startswith(f"Database {empty} is not empty: it has ")


def test_an_empty_database_stays_empty_when_the_restore_fails(site: Site, empty: str) -> None:
    site.execute("CREATE DOMAIN customers AS text", url=site.server.url(empty))  # in the way of the table, and no relation
    failed = into(site, empty, into="empty")
    assert "already exists" in failed["msg"], failed
    assert site.execute("SELECT to_regclass('orders')", url=site.server.url(empty)) == [(None,)]


def test_a_restored_database_says_which_migrations_it_has_and_has_statistics(site: Site, empty: str) -> None:
    done = into(site, empty)
    history = {"table": "supabase_migrations.schema_migrations", "applied": 2, "newest": "20260102000000"}
    assert done["restored"]["migrations"] == [history]
    assert site.execute("SELECT reltuples FROM pg_class WHERE relname = 'orders'", url=site.server.url(empty)) == [(5000.0,)]


@pytest.mark.parametrize("kind", ["custom", "sql", "gzip", "age"])
def test_a_dump_that_somebody_made_is_restored(site: Site, dumps: dict[str, Path], empty: str, kind: str) -> None:
    done = from_file(site, empty, dumps[kind])
    assert done["changed"], done
    assert orders(site, empty) == 5000
    assert done["restored"]["tables"] == 4
    assert "Nothing was compared with the source: the dump came without a manifest." in str(done["warnings"])
    assert not from_file(site, empty, dumps[kind])["changed"]


def test_the_first_error_in_a_script_ends_it_and_replaces_nothing(site: Site, empty: str, tmp_path: Path) -> None:
    site.execute("CREATE TABLE kept ()", url=site.server.url(empty))
    script = tmp_path / "broken.sql"
    script.write_text("CREATE TABLE one ();\nSELECT no_such_function();\nCREATE TABLE two ();\n")
    failed = from_file(site, empty, script)
    assert "no_such_function() does not exist" in failed["msg"]
    assert site.execute("SELECT to_regclass('kept')::text, to_regclass('one')", url=site.server.url(empty)) == [("kept", None)]


@pytest.mark.parametrize("named", ["manifest.json", "database.dump.age"])
def test_a_backup_that_was_downloaded_is_compared_with_its_manifest(site: Site, empty: str, tmp_path: Path, named: str) -> None:
    for name in ("manifest.json", "database.dump.age"):
        shutil.copy(folder(site) / name, tmp_path)
    done = from_file(site, empty, tmp_path / named)
    assert done["changed"], done
    assert len(done["comparisons"]) > 5
    (tmp_path / "database.dump.age").write_bytes((tmp_path / "database.dump.age").read_bytes()[:-1])
    assert "is not what was written" in from_file(site, empty, tmp_path / named, force=True)["msg"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"archive": "/nonexistent/dump"}, "archive '/nonexistent/dump' cannot be read: No such file or directory"),
        ({"archive": __file__}, "is no dump that can be restored"),
        ({"archive": __file__, "state": "proven"}, "has no place for a proof"),
    ],
)
def test_a_file_that_cannot_be_restored_is_refused(site: Site, options: dict[str, t.Any], said: str) -> None:
    failed = site.restore(destinations=[], portal=None, **options)
    assert said in failed["msg"]


def test_a_disk_that_is_too_small_is_said_before_anything_is_touched(site: Site) -> None:
    manifest = folder(site) / "manifest.json"
    kept = manifest.read_bytes()
    plain = json.loads(kept)
    plain["database"]["size"] = 1 << 60
    try:
        manifest.write_text(json.dumps(plain))
        failed = site.restore(force=True)
    finally:
        manifest.write_bytes(kept)
    assert "the disk of the target server has" in failed["msg"]
