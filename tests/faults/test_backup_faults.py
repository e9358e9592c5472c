"""A backup that dies anywhere, or meets a place that fails, leaves nothing that looks like one and no earlier one changed."""

from __future__ import annotations

import datetime
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

from ansible_collections.holdfast.webops.plugins.module_utils._backup.manifest import canonical
from ansible_collections.holdfast.webops.plugins.module_utils._stores.arguments import open_destinations
from tests.faults.unruly_s3 import UnrulyS3
from tests.integration.backups import PORTAL, TOO_LONG, Site, arguments, argv, destination, environment, make_site, without_library
from tools.embedded.objects import MotoS3

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres

PROGRAMS = ("pg_dump", "pg_restore")


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
        assert [one["id"] for one in site.catalog(destinations=[entry], verify="quick")["backups"]] == [backups[0]["id"]]
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
    failed = site.back_up(env={"PATH": f"{folder}:{os.environ['PATH']}", **without_library("pyrage", tmp_path / "libraries")})
    assert "age ended with exit code 1: age: error: out of luck" in failed["msg"]


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("kills", [6, pytest.param(30, marks=pytest.mark.nightly)])
def test_a_run_that_is_killed_at_any_moment(site: Site, kills: int) -> None:
    began = time.monotonic()
    elsewhere = [{**entry, "store": f"{entry['store']}-elsewhere"} for entry in site.destinations]
    assert site.back_up(destinations=elsewhere)["changed"]
    usual = time.monotonic() - began
    seed = random.randrange(1 << 30)
    moments = random.Random(seed)
    for _number in range(kills):
        run_and_kill(site, moments.uniform(0, usual))
    found = site.catalog(verify="quick")["backups"]
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
    assert "could not be written: File too large" in on_a_full_disk("pg_backup", site.backup_options())
    assert list((site.store / ".partial").iterdir()) == []


@pytest.mark.parametrize("path", ["", os.environ["PATH"]], ids=["library", "program"])
def test_a_full_disk_while_an_archive_is_fetched(site: Site, tmp_path: Path, path: str) -> None:
    """Without a PATH the library decrypts, with one the program age where there is one."""
    options = {**site.restore_options(), "scratch_dir": str(tmp_path)}
    said = on_a_full_disk("pg_restore", options, {"PATH": path})
    assert f"The archive could not be written to '{tmp_path}': file too large." in said.replace("File", "file")
    assert "Set scratch_dir to a place with more room" in said
    assert site.databases() == [site.database]


def on_a_full_disk(module: str, options: dict[str, t.Any], env: dict[str, str] | None = None) -> str:
    """What a module says. A limit on the size of files stands in for the disk; it needs neither a mount nor root."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    given = arguments(options)
    done = subprocess.run(argv(module), input=given, capture_output=True, text=True, check=False, env=environment(env), preexec_fn=limit)
    return done.stdout


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


BIG = """
CREATE TABLE big AS SELECT i, (SELECT string_agg(sha512((i * 100 + piece)::text::bytea), '') FROM generate_series(1, 64) piece) AS scan
FROM generate_series(1, 3500) i
"""


@pytest.fixture
def unruly(site: Site, moto_s3: MotoS3) -> t.Iterator[UnrulyS3]:
    """A third place, and enough in the database for an archive of several parts."""
    site.execute(BIG)
    with UnrulyS3(moto_s3) as front:
        yield front


@pytest.mark.parametrize("way", ["resets", "refuses", "loses a part", "does nothing"])
def test_a_place_that_treats_the_archive_badly_has_no_backup_and_the_others_do(
    site: Site, unruly: UnrulyS3, tmp_path: Path, way: str
) -> None:
    unruly.way = way
    bad = destination(unruly, f"{tmp_path.name}-bad")
    failed = site.back_up(destinations=[*site.destinations, bad])
    assert failed["failed_destinations"] == [bad["store"]]
    assert len(site.catalog()["backups"]) == 1, "what shall be in all places is in none"
    done = site.back_up(destinations=[*site.destinations, bad], require="quorum")
    assert done.get("changed"), done
    assert done["backup"]["missing"] == [bad["store"]]
    assert site.catalog(destinations=[bad])["backups"] == []
    assert site.restore(state="proven", backup=done["backup"]["id"])["proof"]["equal"]


def test_a_place_that_only_drips_gets_the_same_backup(site: Site, unruly: UnrulyS3, tmp_path: Path) -> None:
    unruly.way = "drips"
    slow = destination(unruly, f"{tmp_path.name}-slow")
    done = site.back_up(destinations=[*site.destinations, slow])
    assert done.get("changed"), done
    assert done["backup"]["missing"] == []
    assert site.restore(state="proven", backup=done["backup"]["id"], destinations=[slow])["proof"]["equal"]


def test_a_place_that_changes_a_byte_is_found_out_before_anything_is_restored_from_it(site: Site, unruly: UnrulyS3, tmp_path: Path) -> None:
    unruly.way = "corrupts"
    bad = destination(unruly, f"{tmp_path.name}-bad")
    done = site.back_up(destinations=[*site.destinations, bad], require="quorum")
    assert done.get("changed"), done
    if bad["store"] in done["backup"]["missing"]:  # the upload's own checksum told
        return
    backup = done["backup"]["id"]
    failed = site.restore(state="proven", backup=backup, destinations=[bad])
    assert "is not what was written: its SHA-256 is" in failed["msg"]
    proven = site.restore(state="proven", backup=backup, destinations=[bad, *site.destinations])
    assert proven["proof"]["equal"]


def rewrite_manifest(site: Site, **changes: t.Any) -> dict[str, t.Any]:
    """Change the one in the directory, as another version or another clock would have written it; returns the destination."""
    [path] = site.manifests()
    path.write_bytes(canonical({**json.loads(path.read_bytes()), **changes}))
    return site.destinations[0]


def test_a_manifest_of_a_newer_version_is_said_and_nothing_is_restored_by_it(site: Site) -> None:
    newer = rewrite_manifest(site, format=99)
    [found] = site.catalog(destinations=[newer])["backups"]
    assert found["state"] == "damaged"
    assert "has format 99; this version reads 1" in found["copies"][0]["damage"]
    failed = site.restore(destinations=[newer])
    assert "has format 99; this version reads 1" in failed["msg"]
    assert site.databases() == [site.database]


def test_a_backup_that_a_wrong_clock_dates_into_the_future_does_not_count_as_young(site: Site) -> None:
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    skewed = rewrite_manifest(site, at=tomorrow.isoformat())
    assert site.back_up(destinations=[skewed], max_age=3600)["changed"]


def test_two_backups_at_once_are_two_backups(site: Site) -> None:
    options = arguments(site.backup_options())
    runs = [
        subprocess.Popen(argv("pg_backup"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), text=True)
        for _number in range(2)
    ]
    for run in runs:
        t.cast("t.IO[str]", run.stdin).write(options)
        t.cast("t.IO[str]", run.stdin).close()
    for run in runs:
        assert json.loads(t.cast("t.IO[str]", run.stdout).read())["changed"]
        assert run.wait(TOO_LONG) == 0
        t.cast("t.IO[str]", run.stdout).close()
    found = site.catalog()["backups"]
    assert [one["state"] for one in found] == ["complete"] * 3
    for one in found[:2]:
        assert site.restore(state="proven", backup=one["id"])["proof"]["equal"]


@pytest.mark.usefixtures("earlier")
def test_a_dump_into_a_folder_that_is_killed_leaves_no_plain_data_after_the_next(site: Site, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    script = 'case "$*" in *--format=directory*) REAL "$@"; kill -9 $PPID; exit 1;; *) exec REAL "$@";; esac\n'
    programs = programs_with(site, tmp_path / "bin", "pg_dump", script)
    with pytest.raises(json.JSONDecodeError):  # the module itself is gone
        site.back_up(format="directory", scratch_dir=str(scratch), pg_bin_dir=programs)
    assert list(scratch.glob("*/dump/toc.dat")), "the kill came before there was anything to leave"
    other = [{"store": f"file://{tmp_path}/other"}]
    assert site.back_up(format="directory", scratch_dir=str(scratch), destinations=other)["changed"]
    assert list(scratch.iterdir()) == []


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize(("host", "said"), [("127.0.0.1:1", "Connection refused"), ("no-such-host.invalid:5432", "Check the host name")])
def test_a_server_that_is_not_there_is_said_without_the_password(site: Site, host: str, said: str) -> None:
    failed = site.back_up(database_url=f"postgresql://postgres:a-secret-word@{host}/shop")
    assert said in failed["msg"]
    assert "a-secret-word" not in failed["raw"]


@pytest.mark.usefixtures("earlier")
def test_a_wrong_password_is_said_and_not_shown(site: Site) -> None:
    failed = site.back_up(database_url=site.server.url(site.database, password="a-secret-word"))
    assert "Check the user and the password in database_url." in failed["msg"]
    assert "a-secret-word" not in failed["raw"]


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
