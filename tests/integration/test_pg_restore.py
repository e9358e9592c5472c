"""pg_restore against real servers: what is replaced, what is kept, what is refused, and what a proof says."""

from __future__ import annotations

import json
import threading
import typing as t

import psycopg
import pytest

from tests.integration.backups import APP_ROLE, PORTAL, Site, destination, flip_a_byte, make_site

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.objects import RcloneS3
    from tools.embedded.postgres import EmbeddedPostgres


@pytest.fixture
def site(postgres_server: EmbeddedPostgres, fresh_database: str, tmp_path: Path, rclone_s3: RcloneS3) -> t.Iterator[Site]:
    """With one backup. Databases named after the site's are dropped afterwards."""
    made = make_site(postgres_server, fresh_database, tmp_path, [destination(rclone_s3, tmp_path.name)])
    assert made.back_up()["changed"]
    yield made
    for name in made.databases():
        if name != made.database:
            made.execute(f"DROP DATABASE {name} WITH (FORCE)", url=postgres_server.admin_url)


@pytest.fixture
def backup(site: Site) -> str:
    return str(site.catalog()["latest"])


def orders(site: Site) -> int:
    return int(site.execute("SELECT count(*) FROM orders", url=site.app_url)[0][0])


def archive(site: Site) -> Path:
    return next(site.store.glob(f"{PORTAL}/backups/*/database.dump.age"))


def test_a_proof_is_written_to_every_destination_and_the_scratch_database_is_gone(site: Site) -> None:
    done = site.restore(state="proven")
    assert done["changed"], done
    assert (done["proof"]["equal"], done["proof"]["tables"], done["proof"]["rows"], done["restored"]) == (True, 3, 5051, None)
    assert {one["what"] for one in done["comparisons"]} == {"table", "sequence", "large objects", "schema"}
    assert site.databases() == [site.database]
    for entry in site.destinations:
        seen = site.catalog(destinations=[entry])
        assert seen["latest_proven"] == seen["latest"]


def test_a_proven_backup_is_not_proven_again_until_the_proof_is_too_old(site: Site) -> None:
    proof = site.restore(state="proven")["proof"]
    again = site.restore(state="proven")
    assert (again["changed"], again["proof"]) == (False, proof)
    assert not site.restore(state="proven", proof_max_age=3600)["changed"]
    stored = next(site.store.glob(f"{PORTAL}/backups/*/proof-*.json"))
    aged = json.loads(stored.read_bytes()) | {"at": "2020-01-01T00:00:00Z"}
    stored.write_text(json.dumps(aged))
    old = site.restore(state="proven", proof_max_age=3600, destinations=site.destinations[:1])
    assert old["diff"]["before"]["proof"] == "too old"
    assert old["proof"]["id"] != proof["id"]


def test_check_mode_predicts_a_proof_and_a_restore_and_touches_nothing(site: Site) -> None:
    before = site.objects()
    predicted = {state: site.restore(state=state, check=True) for state in ("proven", "restored")}
    assert (site.objects(), site.databases()) == (before, [site.database])
    for state, prediction in predicted.items():
        assert prediction["changed"]
        assert prediction["restored"] is None
        assert site.restore(state=state)["diff"] == prediction["diff"]


def test_a_dropped_table_comes_back_and_the_old_database_is_kept(site: Site, backup: str) -> None:
    site.execute("DROP TABLE orders CASCADE")
    done = site.restore()
    assert done["changed"], done
    assert done["restored"]["database"] == site.database
    assert done["restored"]["rows"] == 5051
    assert orders(site) == 5000
    kept = done["restored"]["replaced_database"]
    assert site.databases() == [site.database, kept]
    assert site.execute("SELECT to_regclass('orders')", url=site.server.url(kept)) == [(None,)]
    assert done["diff"]["after"]["content"] == f"backup {backup}"


def test_the_same_restore_again_changes_nothing_whatever_was_written_since(site: Site) -> None:
    site.restore()
    site.execute("INSERT INTO orders (customer) VALUES (1)", url=site.app_url)
    again = site.restore()
    assert (again["changed"], again["restored"], again["comparisons"]) == (False, None, [])
    assert orders(site) == 5001
    forced = site.restore(force=True, keep_replaced=False)
    assert (forced["changed"], forced["restored"]["replaced_database"]) == (True, None)
    assert orders(site) == 5000


def test_the_applications_role_and_the_databases_own_settings_survive(site: Site, backup: str) -> None:
    name = site.database
    for statement in (
        f"ALTER DATABASE {name} SET search_path = '$user', public, audit",
        f"ALTER ROLE {APP_ROLE} IN DATABASE {name} SET statement_timeout = '7s'",
        f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO pg_monitor WITH GRANT OPTION",
        f"ALTER DATABASE {name} CONNECTION LIMIT 42",
        f"COMMENT ON DATABASE {name} IS 'the shop''s'",
    ):
        site.execute(statement)
    seen = """SELECT pg_get_userbyid(datdba), datconnlimit, encoding, datcollate,
              (SELECT array_agg(x::text ORDER BY x::text) FROM unnest(datacl) x) FROM pg_database WHERE datname = current_database()"""
    before = site.execute(seen)
    assert site.restore()["changed"]
    assert site.execute(seen) == before
    commented = site.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()")
    assert commented == [(f"the shop's [restored from backup {backup}]",)]
    assert site.execute("SHOW search_path") == [('"$user", public, audit',)]
    assert site.execute("SHOW statement_timeout", url=site.app_url) == [("7s",)]
    site.execute("INSERT INTO orders (customer) VALUES (1); CREATE TABLE made_by_the_application ()", url=site.app_url)


def test_a_database_that_is_gone_is_made_anew(site: Site) -> None:
    site.execute(f"DROP DATABASE {site.database} WITH (FORCE)", url=site.server.admin_url)
    done = site.restore()
    assert (done["changed"], done["restored"]["replaced_database"]) == (True, None), done
    assert orders(site) == 5000
    assert site.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()") == [(APP_ROLE,)]
    loading = "SELECT setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()"
    assert site.execute(loading) == []  # what made loading quicker is taken back


def test_clients_that_keep_reconnecting_end_up_in_the_new_database(site: Site) -> None:
    site.execute("CREATE TABLE only_in_the_old_one ()")
    over = threading.Event()
    clients = [threading.Thread(target=keep_asking, args=(site.app_url, over)) for _number in range(3)]
    for client in clients:
        client.start()
    try:
        done = site.restore()
    finally:
        over.set()
        for client in clients:
            client.join()
    assert done["changed"], done
    assert site.execute("SELECT to_regclass('only_in_the_old_one')") == [(None,)]


def keep_asking(url: str, over: threading.Event) -> None:
    """What a pool does: one session, opened again whenever it is lost."""
    while not over.is_set():
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                while not over.is_set():
                    connection.execute("SELECT count(*) FROM customers")
        except psycopg.Error:
            continue


def test_everything_can_be_given_to_one_role(site: Site) -> None:
    site.execute("DROP ROLE IF EXISTS heir")
    site.execute("CREATE ROLE heir")
    try:
        assert site.restore(owner="heir")["changed"]
        assert site.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'audit')") == [("heir",)]
    finally:
        site.execute(
            f"REASSIGN OWNED BY heir TO postgres; ALTER DATABASE {site.database} OWNER TO postgres; DROP OWNED BY heir; DROP ROLE heir"
        )


def test_an_administrator_who_is_no_superuser_can_restore(site: Site) -> None:
    password = psycopg.conninfo.conninfo_to_dict(site.app_url)["password"]
    site.execute(f"CREATE ROLE keeper LOGIN CREATEDB PASSWORD '{password}' IN ROLE {APP_ROLE}, pg_signal_backend")
    try:
        site.execute("DROP TABLE orders CASCADE")
        site.execute("SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
        done = site.restore(database_url=site.server.url(site.database, user="keeper"))
        assert done["changed"], done
        assert orders(site) == 5000
    finally:
        site.execute("DROP ROLE keeper", url=site.server.admin_url)


def test_a_damaged_copy_is_passed_over_for_a_sound_one(site: Site) -> None:
    flip_a_byte(archive(site))
    done = site.restore(state="proven")
    assert done["proof"]["equal"], done
    assert "is not what was written: its SHA-256 is" in str(done["warnings"])


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone", "manifest"])
def test_a_backup_without_a_sound_copy_is_refused_before_the_database_is_touched(site: Site, damage: str) -> None:
    stored = archive(site)
    if damage == "flipped":
        flip_a_byte(stored)
    elif damage == "cut":
        stored.write_bytes(stored.read_bytes()[:-1])
    elif damage == "gone":
        stored.unlink()
    else:
        site.manifests()[0].write_text('{"format": 2}')
    failed = site.restore(destinations=site.destinations[:1])
    said = "No copy of the backup can be used" if damage == "flipped" else "No usable backup 'latest' was found"
    assert failed["msg"].startswith(said)
    assert site.databases() == [site.database]
    full = site.catalog(destinations=site.destinations[:1], verify="quick")
    assert [one["state"] for one in full["backups"]] == ["damaged"]


def test_a_restore_that_differs_from_its_source_replaces_nothing(site: Site) -> None:
    manifest = site.manifests()[0]
    lying = json.loads(manifest.read_bytes())
    lying["fingerprint"]["tables"]["public.orders"]["hash"] = "42"
    manifest.write_text(json.dumps(lying))
    failed = site.restore(destinations=site.destinations[:1])
    assert "What was restored is not what was backed up: 1 of" in failed["msg"]
    assert [one["name"] for one in failed["differences"]] == ["public.orders"]
    assert site.databases() == [site.database]


def test_what_a_killed_run_left_is_removed_by_the_next(site: Site) -> None:
    left = [f"{site.database}_{kind}_20260101t000000z_abcdef" for kind in ("proof", "restore")]
    foreign = f"{site.database}_proof_of_concept"
    for name in (*left, foreign):
        site.execute(f"CREATE DATABASE {name}")
    site.restore(state="proven")
    assert site.databases() == sorted([site.database, foreign, left[1]])
    site.restore(keep_replaced=False)
    assert site.databases() == [site.database, foreign]


def test_two_restores_of_one_database_do_not_meet(site: Site) -> None:
    with psycopg.connect(site.server.admin_url, autocommit=True) as connection:
        lock = f"holdfast.webops restoring database {site.database}"
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (lock,))
        failed = site.restore()
    assert failed["msg"].startswith(f"Another run holds the lock for restoring database {site.database}")


def test_a_key_that_does_not_fit_is_refused_before_the_database_is_touched(site: Site, tmp_path: Path) -> None:
    import pyrage

    other = tmp_path / "other.key"
    other.write_text(str(pyrage.x25519.Identity.generate()))
    other.chmod(0o600)
    for env in ({}, {"PATH": "/nonexistent"}):
        failed = site.restore(identity_file=str(other), env=env)
        assert "no identity matched any recipient" in failed["msg"]
    assert site.databases() == [site.database]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"confirm": "other"}, "confirm is 'other', the database to be replaced is"),
        ({"confirm": None}, "confirm is missing"),
        ({"backup": "yesterday"}, "backup 'yesterday' is no backup's name"),
        ({"backup": "20200101T000000Z-000000"}, "No usable backup '20200101T000000Z-000000' was found. The newest of 1 is"),
        ({"backup": "latest_proven"}, "No usable backup 'latest_proven' was found"),
        ({"identity_file": None}, "identity_file is missing"),
        ({"identity_file": "/nonexistent/key"}, "identity_file '/nonexistent/key' cannot be read"),
        ({"owner": "nobody_of_that_name"}, "lacks the role nobody_of_that_name"),
        ({"jobs": 0}, "jobs is 0"),
        ({"portal": "other"}, "There is none."),
        ({"scratch_dir": "/nonexistent"}, "scratch_dir '/nonexistent' cannot be used"),
    ],
)
def test_bad_input_gets_a_sentence_and_touches_nothing(site: Site, options: dict[str, t.Any], said: str) -> None:
    failed = site.restore(**options)
    assert failed["failed"]
    assert said in failed["msg"]
    assert site.databases() == [site.database]


def test_a_key_file_that_others_can_read_is_refused(site: Site) -> None:
    site.identity_file.chmod(0o644)
    assert "can be read by others (mode 0644). chmod 600" in site.restore()["msg"]


def test_the_maintenance_database_is_never_replaced(site: Site) -> None:
    failed = site.restore(database_url=site.server.admin_url, confirm="postgres")
    assert "cannot be replaced from inside itself" in failed["msg"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("extensions", {"no_such_extension": "1.0"}, "cannot create the extension no_such_extension"),
        ("roles", ["no_such_role"], "lacks the role no_such_role"),
        (
            "server",
            {"major": 99, "version": "99.0", "lsn": "0/0", "standby": False},
            "comes from PostgreSQL 99, the target server is only 17",
        ),
        ("client", {"major": 99, "version": "99.0"}, "A pg_restore of at least version 99 is needed"),
    ],
)
def test_a_server_that_lacks_something_is_refused_before_it_is_touched(site: Site, key: str, value: t.Any, said: str) -> None:
    manifest = site.manifests()[0]
    manifest.write_text(json.dumps(json.loads(manifest.read_bytes()) | {key: value}))
    failed = site.restore(destinations=site.destinations[:1])
    assert said in failed["msg"]
    assert site.databases() == [site.database]


def test_a_role_without_rights_is_refused_before_anything_is_touched(site: Site) -> None:
    assert "may not create databases" in site.restore(database_url=site.app_url)["msg"]
    assert "may not create databases" in site.restore(database_url=site.app_url, state="proven")["msg"]
