"""A backup that dies anywhere, or meets a place that fails, leaves nothing that looks like one and no earlier one changed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import time
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations
from tests.integration.backups import PORTAL, Site, arguments, argv, destination, environment, make_site
from tools.embedded.objects import MotoS3

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres

PROGRAMS = ("pg_dump", "pg_restore")
MOMENTS = 30 if os.environ.get("LONG") == "1" else 6


@pytest.fixture
def site(postgres_server: EmbeddedPostgres, fresh_database: str, tmp_path: Path, moto_s3: MotoS3) -> Site:
    """With one backup that must survive everything."""
    made = make_site(postgres_server, fresh_database, tmp_path, [destination(moto_s3, tmp_path.name)])
    assert made.back_up()["changed"]
    return made


@pytest.fixture
def earlier(site: Site) -> t.Iterator[dict[str, str]]:
    """The objects there were before; afterwards they must be there, unchanged, and no other backup with them."""
    before = digests(site)
    backups = site.catalog()["backups"]
    yield before
    assert {name: digest for name, digest in digests(site).items() if name in before} == before
    for entry in site.destinations:
        assert [one["id"] for one in site.catalog(destinations=[entry], verify="full")["backups"]] == [backups[0]["id"]]
    assert site.back_up()["backup"]["state"] == "complete", "the next run must succeed"


def digests(site: Site) -> dict[str, str]:
    top = site.store / PORTAL / "backups"
    return {name: hashlib.sha256((top / name).read_bytes()).hexdigest() for name in site.objects()}


def programs_with(site: Site, folder: Path, name: str, script: str) -> str:
    """A folder of PostgreSQL programs in which one is a script; REAL stands for the real one."""
    folder.mkdir()
    for program in PROGRAMS:
        (folder / program).symlink_to(site.server.bin_dir / program)
    real = shutil.which(name, path=str(site.server.bin_dir)) or shutil.which(name)
    assert real, f"{name} is needed here"
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text("#!/bin/sh\n" + script.replace("REAL", real))
    (folder / name).chmod(0o755)
    return str(folder)


@pytest.mark.usefixtures("earlier")
def test_a_pg_dump_that_is_killed_half_way(site: Site, tmp_path: Path) -> None:
    script = 'case "$*" in *--format=custom*) REAL "$@" | head -c 20000; kill -9 $$;; *) exec REAL "$@";; esac\n'
    failed = site.back_up(pg_bin_dir=programs_with(site, tmp_path / "bin", "pg_dump", script))
    assert "pg_dump was ended by SIGKILL" in failed["msg"]


@pytest.mark.usefixtures("earlier")
def test_a_pg_dump_that_reports_an_error_though_it_ends_with_zero(site: Site, tmp_path: Path) -> None:
    script = 'case "$*" in *--format=custom*) REAL "$@"; echo "pg_dump: error: out of luck" >&2;; *) exec REAL "$@";; esac\n'
    failed = site.back_up(pg_bin_dir=programs_with(site, tmp_path / "bin", "pg_dump", script))
    assert "pg_dump: error: out of luck" in failed["msg"]


@pytest.mark.usefixtures("earlier")
def test_a_pg_dump_that_never_ends(site: Site, tmp_path: Path) -> None:
    script = 'case "$*" in *--format=custom*) echo PGDMP; exec sleep 100;; *) exec REAL "$@";; esac\n'
    failed = site.back_up(pg_bin_dir=programs_with(site, tmp_path / "bin", "pg_dump", script), wait_timeout=3)
    assert failed["msg"].startswith("The backup was not complete after 3 s and was given up.")


@pytest.mark.usefixtures("earlier")
def test_an_encryption_that_dies_half_way(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "age"
    folder.mkdir()
    (folder / "age").write_text("#!/bin/sh\nhead -c 10000\necho 'age: error: out of luck' >&2\nexit 1\n")
    (folder / "age").chmod(0o755)
    failed = site.back_up(env={"PATH": f"{folder}:{os.environ['PATH']}"})
    assert "age ended with exit code 1: age: error: out of luck" in failed["msg"]


@pytest.mark.usefixtures("earlier")
def test_a_run_that_is_killed_at_any_moment(site: Site) -> None:
    began = time.monotonic()
    assert site.back_up(destinations=[{"store": f"file://{site.folder}/other"}])["changed"]
    usual = time.monotonic() - began
    seed = random.randrange(1 << 30)
    moments = random.Random(seed)
    for _number in range(MOMENTS):
        run_and_kill(site, moments.uniform(0, usual))
    found = site.catalog(verify="full")["backups"]
    assert [one for one in found if one["state"] == "damaged"] == [], f"seed {seed}"
    for one in found[:-1]:  # those that were complete, or had at least one manifest, before the kill
        assert site.restore(state="proven", backup=one["id"])["proof"]["equal"], f"seed {seed}"
        forget(site, one["id"])


def run_and_kill(site: Site, seconds: float) -> None:
    """Run pg_backup and kill -9 it after so long, unless it was quicker."""
    child = subprocess.Popen(
        argv("pg_backup"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), text=True
    )
    try:
        child.communicate(arguments(site.backup_options()), timeout=seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def forget(site: Site, backup_id: str) -> None:
    """Remove a backup from both stores, so that only the earlier one is left."""
    for store in open_destinations(site.destinations):
        for stored in list(store.list(f"{PORTAL}/backups/{backup_id}/")):
            store.delete(stored.key)


@pytest.mark.usefixtures("earlier")
def test_a_full_disk(site: Site) -> None:
    """A limit on the size of files stands in for the disk; it needs neither a mount nor root."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    given = arguments(site.backup_options())
    done = subprocess.run(argv("pg_backup"), input=given, capture_output=True, text=True, check=False, env=environment(), preexec_fn=limit)
    assert "could not be written: File too large" in done.stdout
    assert list((site.store / ".partial").iterdir()) == []


@pytest.mark.usefixtures("earlier")
def test_a_server_that_dies_during_the_upload(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "s3"
    folder.mkdir()
    with MotoS3(folder) as dying:
        script = f'case "$*" in *--format=custom*) kill -9 {dying.pid}; exec REAL "$@";; *) exec REAL "$@";; esac\n'
        programs = programs_with(site, tmp_path / "bin", "pg_dump", script)
        failed = site.back_up(pg_bin_dir=programs, destinations=[*site.destinations, destination(dying, "x")])
    assert failed["failed_destinations"] == ["s3://holdfast/x"]
    assert "2 of 3 destinations are left, 3 are required" in failed["msg"]


@pytest.mark.usefixtures("earlier")
def test_a_database_server_that_ends_the_session(site: Site, tmp_path: Path) -> None:
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast pg_backup'"
    ended = f"{site.server.bin_dir}/psql -X -q -o /dev/null -d '{site.server.admin_url}' -c \"{end}\""
    script = f'case "$*" in *--format=custom*) {ended}; exec REAL "$@";; *) exec REAL "$@";; esac\n'
    failed = site.back_up(pg_bin_dir=programs_with(site, tmp_path / "bin", "pg_dump", script))
    assert failed["failed"]
    assert not failed["msg"].startswith("Unexpected"), failed["msg"]


@pytest.mark.usefixtures("earlier")
def test_a_restore_that_dies_half_way_leaves_the_database_alone_and_the_next_one_works(site: Site, tmp_path: Path) -> None:
    programs = programs_with(site, tmp_path / "bin", "pg_restore", 'case "$*" in *--dbname*) kill -9 $$;; *) exec REAL "$@";; esac\n')
    failed = site.restore(pg_bin_dir=programs)
    assert "pg_restore was ended by SIGKILL" in failed["msg"]
    assert site.databases() == [site.database]
    killer = programs_with(
        site, tmp_path / "bin2", "pg_restore", 'case "$*" in *--dbname*) kill -9 $PPID; exit 1;; *) exec REAL "$@";; esac\n'
    )
    with pytest.raises(json.JSONDecodeError):  # the module itself is gone
        site.restore(pg_bin_dir=killer)
    assert len(site.databases()) == 2
    assert site.restore(keep_replaced=False)["changed"]
    assert site.databases() == [site.database]
    assert site.execute("SELECT count(*) FROM orders") == [(5000,)]
