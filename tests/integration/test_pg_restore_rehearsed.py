"""A recovery that is rehearsed: in scratch space, never on production's server, with questions to what was restored."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import typing as t
from pathlib import Path

import psycopg
import pytest

from tests.integration.backups import APP_ROLE, PORTAL, Site, arguments, argv, environment, flip_a_byte, make_site, run
from tests.integration.waiting import wait_for
from tools.embedded.postgres import EmbeddedPostgres

QUESTIONS = [
    {"name": "orders are there", "query": "SELECT count(*) FROM orders", "at_least": 5000, "at_most": 5000.0},
    {"name": "all is paid", "query": "SELECT sum(total) FROM orders", "expect": "12502500"},
    {"name": "no orphans", "child": "public.orders.customer", "parent": "customers.id"},
    {"name": "too few", "query": "SELECT count(*) FROM customers", "expect": 51},
    {"name": "cannot write", "query": "DELETE FROM orders RETURNING id", "expect": 1},
    {"name": "no such table", "query": "SELECT count(*) FROM gone", "expect": 0},
    {"name": "too much", "query": "SELECT id, name FROM customers", "expect": 1},
]


@pytest.fixture(scope="module")
def site(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Site]:
    """One database with one backup for the whole file; nothing in it is changed."""
    name = f"rehearsed_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {APP_ROLE}")
        made = make_site(postgres_server, postgres_server.url(name, user=APP_ROLE), tmp_path_factory.mktemp("rehearsed"))
        assert made.back_up()["changed"]
        yield made
        assert made.databases() == [name]
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def rehearse(site: Site, *, check: bool = False, **options: t.Any) -> dict[str, t.Any]:
    return site.restore(check=check, **{"state": "rehearsed", "database_url": None, **options})


def test_the_questions_are_asked_of_what_was_restored_and_a_wrong_answer_is_told(site: Site) -> None:
    done = rehearse(site, validations=QUESTIONS, canary="SELECT '2026-11-22 03:00:00+01'::timestamptz")
    assert done["changed"], done
    told = {one["name"]: (one["passed"], one["says"]) for one in done["rehearsal"]["validations"]}
    assert told["orders are there"] == (True, "5000 as expected (at least 5000, at most 5000).")
    assert told["all is paid"] == (True, "12502500.00 as expected (12502500).")
    assert told["no orphans"] == (True, "0 as expected (0).")
    assert told["too few"] == (False, "50 was found, and 51 was expected.")
    assert "read-only transaction" in told["cannot write"][1]
    assert 'relation "gone" does not exist' in told["no such table"][1]
    assert told["too much"] == (False, "It gave more than one row of 2 columns; one row of one column was expected.")
    assert [name for name, (passed, _says) in told.items() if passed] == ["orders are there", "all is paid", "no orphans", "canary"]
    assert done["rehearsal"]["youngest_change"] == "2026-11-22T02:00:00Z"
    assert done["rehearsal"]["server"] == {"major": 17, "own": True}
    assert done["backup"]["proof"] == done["proof"]
    assert all(one["equal"] for one in done["comparisons"])


def test_another_server_is_taken_where_production_is_seen_not_to_be_and_nothing_stays_there(site: Site, tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "scratch") as scratch:
        site.execute(f"CREATE ROLE {APP_ROLE}", url=scratch.admin_url)
        left = f"{site.database}_rehearsal_20260101t000000z_abcdef"
        site.execute(f"CREATE DATABASE {left}", url=scratch.admin_url)
        done = rehearse(site, database_url=scratch.url(site.database), production_url=site.admin_url)
        assert done.get("rehearsal"), done
        assert done["rehearsal"]["server"] == {"major": 17, "own": False}
        there = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1 DESC"
        assert site.execute(there, url=scratch.admin_url) == [("postgres",)]
        kept = rehearse(
            site, database_url=scratch.url(site.database), production_url=site.admin_url, keep_for=600, scratch_dir=str(tmp_path)
        )
        assert kept.get("rehearsal"), kept
        assert scratch.password not in kept["raw"]
        url = Path(kept["rehearsal"]["kept"]["url_file"]).read_text()
        assert site.execute("SELECT count(*) FROM orders", url=url) == [(5000,)]
        run("rehearsal_scratch", {"portal": PORTAL, "scratch_dirs": [str(tmp_path)]})
        assert site.execute(there, url=scratch.admin_url) == [("postgres",)]


def test_the_server_of_production_is_refused_also_by_another_address(site: Site) -> None:
    there = site.admin_url.replace("127.0.0.1", "localhost")
    assert there != site.admin_url
    failed = rehearse(site, database_url=there, production_url=site.admin_url)
    assert failed["msg"].startswith("database_url leads to the server of production, and a rehearsal does not go there.")
    assert site.server.password not in failed["raw"]
    assert site.databases() == [site.database]


def test_the_backup_is_fetched_while_the_server_is_being_made_and_in_check_mode_not_at_all(site: Site, tmp_path: Path) -> None:
    """By a program that makes no server before the backup begins to arrive."""
    begun, programs = tmp_path / "begun", tmp_path / "programs"
    programs.mkdir()
    for program in site.server.bin_dir.iterdir():
        (programs / program.name).symlink_to(program)
    make_anew = f'until [ -e {begun} ]; do sleep 0.1; done; exec {site.server.bin_dir}/initdb "$@"'
    write_program(programs / "initdb", f"timeout 60 sh -c '{make_anew}' initdb \"$@\"")
    write_program(tmp_path / "age", f'touch {begun}; exec {shutil.which("age")} "$@"')
    env = {"PATH": os.pathsep.join((str(tmp_path), os.environ["PATH"]))}
    done = rehearse(site, pg_bin_dir=str(programs), env=env)
    assert done.get("rehearsal"), done
    begun.unlink()
    assert rehearse(site, check=True, env=env)["changed"]
    assert not begun.exists()


def write_program(path: Path, script: str) -> None:
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"production_url": None}, "production_url is missing"),
        (
            {"production_url": "postgresql://postgres:pw@127.0.0.1:1/shop"},
            "production does not answer: Cannot connect to database shop",
        ),
        ({"fallbacks": -1}, "fallbacks is -1."),
        ({"validations": [QUESTIONS[0], QUESTIONS[0]]}, "'orders are there' is the name of two questions."),
    ],
)
def test_what_cannot_be_rehearsed_safely_is_refused(site: Site, options: dict[str, t.Any], said: str) -> None:
    failed = rehearse(site, **{"database_url": site.admin_url, "production_url": site.admin_url, **options})
    assert said in failed["msg"]


def test_the_next_older_backup_is_taken_where_the_newest_does_not_restore(site: Site, tmp_path: Path) -> None:
    shutil.copytree(site.store, tmp_path / "store")
    there = [{"store": f"file://{tmp_path}/store"}]
    older = site.catalog()["latest"]
    assert site.back_up(destinations=there)["changed"]
    newest = site.catalog(destinations=there)["latest"]
    flip_a_byte(tmp_path / "store" / PORTAL / "backups" / newest / "database.dump.age")
    failed = rehearse(site, destinations=there)
    assert "is not what was written" in failed["msg"]
    assert "is not what was written" in rehearse(site, destinations=there, backup=newest, fallbacks=1)["msg"], "it was named"
    done = rehearse(site, destinations=there, backup="2100-01-01T00:00:00Z", fallbacks=1)
    assert done["backup"]["id"] == older
    assert [one["backup"] for one in done["rehearsal"]["passed_over"]] == [newest]
    assert f"Backup {newest} could not be restored, an older one was taken" in done["raw"]


@pytest.fixture
def scratch() -> t.Iterator[Path]:
    """Short, because a socket will lie in it."""
    with tempfile.TemporaryDirectory(prefix="hf-") as folder:
        yield Path(folder)


def test_a_folder_that_is_too_long_for_a_socket_is_refused(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 25)
    folder.mkdir()
    told = rehearse(site, scratch_dir=str(folder))
    assert "is too long for the socket of a scratch server" in told["msg"], told
    assert list(folder.iterdir()) == []


def test_what_a_rehearsal_that_was_killed_has_left_is_removed_by_the_next(site: Site, scratch: Path) -> None:
    """It is killed while it asks, when its own server runs and holds the restored database."""
    own = {"state": "rehearsed", "database_url": None, "scratch_dir": str(scratch), "canary": "SELECT pg_sleep(600)"}
    child = subprocess.Popen(argv("pg_restore"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment(), text=True)
    assert child.stdin
    child.stdin.write(arguments({**site.restore_options(), **own}))
    child.stdin.close()
    wait_for(lambda: "pg_sleep" in queries(scratch), "the question that takes long")
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    wait_for(lambda: not list(scratch.glob("*/data/postmaster.pid")), "the end of its server")
    assert list(scratch.glob("holdfast-server-*"))
    done = rehearse(site, scratch_dir=str(scratch))
    assert done["changed"], done
    assert list(scratch.glob("holdfast-*")) == []


def queries(scratch: Path) -> str:
    """What runs on the server of a rehearsal, once it is there; of other sessions than this one."""
    for folder in scratch.glob("holdfast-server-*"):
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(host=str(folder), port=5432, user="postgres", dbname="postgres") as connection,
        ):
            return str(connection.execute("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall())
    return ""
