"""What of a database is backed up, and how closely its content is noted: formats, tables, globals, levels; each proven by a restore."""

from __future__ import annotations

import json
import re
import secrets
import typing as t

import psycopg
import pyrage
import pytest

from tests.integration.backups import APP_ROLE, PORTAL, Site, make_site

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def site(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    """One database for the whole file, without a backup; a second destination makes the spool exist."""
    name = f"scope_{secrets.token_hex(4)}"
    folder = tmp_path_factory.mktemp("scope")
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {APP_ROLE}")
        yield make_site(postgres_server, postgres_server.url(name, user=APP_ROLE), folder, [{"store": f"file://{folder}/second"}])
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manifest_of(site: Site, backup: dict[str, t.Any]) -> dict[str, t.Any]:
    path = site.store / PORTAL / "backups" / backup["id"] / "manifest.json"
    return t.cast("dict[str, t.Any]", json.loads(path.read_bytes()))


def proven(site: Site, done: dict[str, t.Any], **options: t.Any) -> dict[str, t.Any]:
    """The comparisons of a proof, by what and name."""
    assert done.get("changed"), done
    found = site.restore(state="proven", backup=done["backup"]["id"], **options)
    assert found.get("proof"), found
    return {f"{one['what']} {one['name']}": one for one in found["comparisons"]}


def test_several_processes_fill_a_folder_whose_tar_is_stored_and_restored(site: Site, tmp_path: Path) -> None:
    done = site.back_up(format="directory", jobs=2, scratch_dir=str(tmp_path))
    manifest = manifest_of(site, done["backup"])
    assert (manifest["archive"]["name"], manifest["archive"]["format"]) == ("database.tar.age", "directory")
    assert len(proven(site, done, scratch_dir=str(tmp_path))) > 5
    assert list(tmp_path.iterdir()) == [], "plain data must not stay on the disk"


def test_what_a_killed_run_left_unencrypted_is_removed_by_the_next(site: Site, tmp_path: Path) -> None:
    left = tmp_path / "holdfast-dump-abandoned"
    left.mkdir()
    (left / ".in-use").touch()
    (left / "plain.dat").write_text("secret rows")
    assert site.back_up(format="directory", scratch_dir=str(tmp_path))["changed"]
    assert list(tmp_path.iterdir()) == []


def test_tables_that_are_chosen_are_all_there_is(site: Site) -> None:
    done = site.back_up(tables=["public.customers", 'audit.odd "name'])
    assert set(manifest_of(site, done["backup"])["fingerprint"]["tables"]) == {"public.customers", 'audit.odd "name'}
    assert {name for name in proven(site, done) if name.startswith(("table", "sequence"))} == {
        "table public.customers",
        'table audit.odd "name',
        "sequence public.customers_id_seq",
    }


def test_a_table_that_is_left_out_is_neither_there_nor_missed(site: Site) -> None:
    done = site.back_up(exclude_tables=['audit.odd "name'])
    assert done["backup"]["tables"] == 2
    assert 'table audit.odd "name' not in proven(site, done)


def test_the_database_is_read_once_however_many_destinations_there_are(site: Site) -> None:
    third = {"store": f"file://{site.folder}/third"}
    site.execute(f"ALTER DATABASE {site.database} SET log_statement = 'all'")
    try:
        before = copies_in_the_log(site)
        assert site.back_up(destinations=[*site.destinations, third])["changed"]
        assert copies_in_the_log(site) - before == 1
    finally:
        site.execute(f"ALTER DATABASE {site.database} RESET log_statement")


def copies_in_the_log(site: Site) -> int:
    """How often the rows of the largest table were asked for. pg_dump's last words come before it ends."""
    log = (site.server.home / "postgres.log").read_text(errors="replace")
    return len(re.findall(r"COPY public\.orders .* TO stdout", log))


def test_a_misspelt_table_is_an_error_and_not_an_empty_backup(site: Site) -> None:
    failed = site.back_up(tables=["public.customers", "public.costumers"])
    assert "no matching tables were found" in failed["msg"]


def test_roles_are_stored_encrypted_beside_the_archive_and_described(site: Site) -> None:
    done = site.back_up(globals=True)
    described = manifest_of(site, done["backup"])["globals"]
    stored = site.store / PORTAL / "backups" / done["backup"]["id"] / "globals.sql.age"
    assert (described["name"], described["size"], described["with_passwords"]) == (stored.name, stored.stat().st_size, True)
    key = pyrage.x25519.Identity.from_str(site.identity_file.read_text().splitlines()[-1])
    assert f"CREATE ROLE {APP_ROLE};".encode() in pyrage.decrypt(stored.read_bytes(), [key])
    assert b"CREATE ROLE" not in stored.read_bytes()


@pytest.mark.parametrize(
    ("level", "methods"), [("full", {"record", "text"}), ("sample", {"record sample", "text sample", "text"}), ("counts", {"count"})]
)
def test_each_level_notes_what_it_says_and_can_be_proven(site: Site, level: str, methods: set[str]) -> None:
    done = site.back_up(fingerprint=level)
    marks = manifest_of(site, done["backup"])["fingerprint"]
    assert {mark["method"] for mark in marks["tables"].values()} == methods
    assert (marks["large_objects"], marks["large_objects_hash"] is None) == (1, level == "counts")
    compared = proven(site, done)
    assert ("large objects content" in compared) == (level != "counts")


def test_a_sample_is_some_rows_of_a_table_and_not_all(site: Site) -> None:
    hashes = []
    for level in ("sample", "full"):
        tables = manifest_of(site, site.back_up(fingerprint=level)["backup"])["fingerprint"]["tables"]
        hashes.append(tables["public.orders"]["hash"])
    assert hashes[0] not in (None, "0", hashes[1])


def test_a_large_object_that_changed_its_content_is_another(site: Site) -> None:
    before = manifest_of(site, site.back_up()["backup"])["fingerprint"]["large_objects_hash"]
    site.execute("SELECT lo_put(oid, 2, 'X') FROM pg_largeobject_metadata")
    after = manifest_of(site, site.back_up()["backup"])["fingerprint"]["large_objects_hash"]
    assert before != after


def test_a_manifest_names_the_tools_and_the_collations(site: Site) -> None:
    manifest = manifest_of(site, site.back_up(fingerprint="none")["backup"])
    assert manifest["tools"]["pg_dump"].startswith("17.")
    assert manifest["tools"]["age"]
    assert {"collation_version", "encoding"} <= set(manifest["database"])
    assert isinstance(manifest["server"]["collations"], dict)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"jobs": 2}, "jobs is 2, but one stream is written by one process. Set format: directory."),
        ({"jobs": 0}, "jobs is 0"),
        ({"tables": ["orders"]}, "'orders' in tables is not the name of a table"),
        ({"spool_size": -1}, "spool_size is -1"),
        ({"spool_dir": "/nonexistent"}, "spool_dir '/nonexistent' cannot be used"),
        ({"format": "directory", "scratch_dir": "/nonexistent"}, "scratch_dir '/nonexistent' cannot be used"),
        ({"exclude_table_data": ["public._prisma_migrations"]}, "the history of migrations"),
        ({"exclude_tables": ["supabase_migrations.schema_migrations"]}, "the history of migrations"),
    ],
)
def test_bad_input_gets_a_sentence(site: Site, options: dict[str, t.Any], said: str) -> None:
    failed = site.back_up(**options)
    assert failed["failed"]
    assert said in failed["msg"]
