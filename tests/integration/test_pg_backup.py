"""pg_backup against real servers: PostgreSQL, a directory and an S3 server, each run in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import threading
import typing as t
from pathlib import Path

import psycopg
import pytest

from tests.integration.backups import PORTAL, Site, arguments, argv, destination, environment, make_site

if t.TYPE_CHECKING:
    from tools.embedded.objects import MotoS3, RcloneS3
    from tools.embedded.postgres import EmbeddedPostgres

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "backups.md"

PLAY = """
- hosts: localhost
  gather_facts: false
  vars_files: [secrets.json]
  tasks:
    - name: Back up
      holdfast.webops.pg_backup: "{{ backup_options }}"
    - name: Prove
      holdfast.webops.pg_restore: "{{ proof_options }}"
    - name: Fail with a wrong password
      holdfast.webops.pg_backup: "{{ backup_options | combine({'database_url': wrong_url}) }}"
      ignore_errors: true
"""


@pytest.fixture
def site(postgres_server: EmbeddedPostgres, fresh_database: str, tmp_path: Path, moto_s3: MotoS3) -> Site:
    return make_site(postgres_server, fresh_database, tmp_path, [destination(moto_s3, tmp_path.name)])


def manifest_of(site: Site) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", json.loads(site.manifests()[-1].read_bytes()))


def test_a_backup_is_in_every_destination_and_its_manifest_tells_the_truth(site: Site) -> None:
    done = site.back_up()
    assert done["changed"], done
    backup = done["backup"]
    assert (backup["state"], backup["tables"], backup["rows"], backup["missing"]) == ("complete", 3, 5051, [])
    assert [copy["store"] for copy in backup["copies"]] == [entry["store"] for entry in site.destinations]
    archive = (site.store / PORTAL / "backups" / backup["id"] / "database.dump.age").read_bytes()
    assert (len(archive), hashlib.sha256(archive).hexdigest()) == (backup["size"], backup["sha256"])
    manifest = manifest_of(site)
    assert manifest["fingerprint"]["tables"]["public.orders"] | {"hash": ""} == {"rows": 5000, "hash": "", "method": "record"}
    assert manifest["fingerprint"]["tables"]["public.customers"]["method"] == "text"  # json has no hash of its own
    assert manifest["fingerprint"]["sequences"]["public.orders_id_seq"]["last_value"] == 5000
    assert manifest["fingerprint"]["large_objects"] == 1
    assert (manifest["owners"], manifest["server"]["major"]) == (["portal_app"], 17)


def test_check_mode_says_what_a_run_then_does_and_touches_nothing(site: Site) -> None:
    predicted = site.back_up(check=True)
    assert predicted["changed"]
    assert predicted["backup"] is None
    assert not site.store.exists()
    assert site.back_up()["diff"] == predicted["diff"]


def test_a_young_complete_backup_is_enough(site: Site) -> None:
    first = site.back_up()
    again = site.back_up(max_age=3600)
    assert not again["changed"]
    assert again["backup"] == first["backup"]
    assert not site.back_up(max_age=3600, check=True)["changed"]
    assert site.back_up()["changed"]


def test_a_young_backup_that_one_destination_lacks_is_not_enough(site: Site) -> None:
    site.back_up()
    site.manifests()[0].unlink()
    assert site.back_up(max_age=3600)["changed"]


def test_a_backup_is_one_moment_of_a_busy_database(site: Site) -> None:
    over = threading.Event()

    def write() -> None:
        with psycopg.connect(site.app_url, autocommit=True) as connection:
            while not over.is_set():
                connection.execute("INSERT INTO orders (customer, total) VALUES (1, 1)")
                connection.execute("UPDATE orders SET total = total + 1 WHERE id <= 10")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        done = site.back_up()
    finally:
        over.set()
        writer.join()
    proven = site.restore(state="proven", backup=done["backup"]["id"])
    assert proven["proof"]["equal"], proven
    assert all(one["equal"] for one in proven["comparisons"])


@pytest.mark.parametrize("path", ["with age", "without age"])
def test_both_ways_of_encryption_give_a_backup_that_can_be_proven(site: Site, path: str) -> None:
    env = {"PATH": os.environ["PATH"] if path == "with age" else "/nonexistent"}
    assert site.back_up(env=env)["changed"]
    assert site.restore(state="proven", env=env)["proof"]["equal"]


def test_rows_that_were_excluded_are_not_there_and_not_missed(site: Site) -> None:
    done = site.back_up(exclude_table_data=["public.orders"])
    assert (done["backup"]["tables"], done["backup"]["rows"]) == (2, 51)
    assert site.restore(state="proven")["proof"]["rows"] == 51


def test_a_schema_alone_can_be_backed_up_and_proven(site: Site) -> None:
    done = site.back_up(schema_only=True, compression="gzip:1")
    assert (done["backup"]["tables"], done["backup"]["fingerprint"]) == (0, "none")
    assert site.restore(state="proven")["proof"]["equal"]


def test_one_destination_may_fail_where_that_is_allowed(site: Site, rclone_s3: RcloneS3) -> None:
    refusing = {**destination(rclone_s3, "x"), "secret_access_key": "a-secret-that-is-wrong"}
    stores = [*site.destinations, refusing]
    done = site.back_up(destinations=stores, require="quorum")
    assert done["changed"], done
    assert done["backup"]["missing"] == [refusing["store"]]
    assert "refused access" in str(done["warnings"])
    assert "a-secret-that-is-wrong" not in done["raw"]


def test_nothing_is_kept_when_too_many_destinations_fail(site: Site, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_bytes(b"")
    failed = site.back_up(destinations=[*site.destinations, {"store": f"file://{tmp_path}/a-file"}])
    assert failed["failed"]
    assert failed["failed_destinations"] == [f"file://{tmp_path}/a-file"]
    assert "cannot be written to: Not a directory" in failed["msg"]
    assert site.objects() == []
    assert site.catalog()["backups"] == []


def test_a_destination_that_cannot_be_reached_is_said_before_the_database_is_read(site: Site, free_port: t.Callable[[], int]) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    gone = {
        "store": "s3://elsewhere",
        "endpoint": endpoint,
        "allow_http": True,
        "access_key_id": "some-key",
        "secret_access_key": "some-secret",
    }
    failed = site.back_up(destinations=[*site.destinations, gone])
    assert failed["msg"].startswith("Too few destinations can be read. s3://elsewhere failed at")
    assert failed["failed_destinations"] == ["s3://elsewhere"]
    assert not site.store.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"recipients": []}, "recipients is empty. Name age public keys"),
        ({"recipients": ["age1nonsense"]}, "'age1nonsense' in recipients is no age public key"),
        ({"encryption": "none"}, "encryption is none, but recipients are given"),
        ({"destinations": []}, "destinations is empty"),
        ({"destinations": [{"store": "file:///a"}, {"store": "file:///a"}]}, "destinations names file:///a twice"),
        ({"destinations": [{"store": "ftp://host"}]}, "not the URL of a store"),
        ({"portal": "../shop"}, "portal '../shop' is not a name"),
        ({"compression": "zstd:99"}, "compression 'zstd:99' is unknown"),
        ({"exclude_table_data": ["orders"]}, "'orders' in exclude_table_data is not the name of a table"),
        ({"max_age": 0}, "max_age is 0"),
        ({"database_url": "postgresql://u@db.example.org:6543/shop"}, "transaction-mode pooler"),
        ({"database_url": "postgresql://postgres:wrong-password@127.0.0.1:1/shop"}, "Cannot connect"),
        ({"pg_bin_dir": "/nonexistent"}, "pg_dump and pg_restore were not found in pg_bin_dir '/nonexistent'"),
        ({"fingerprint": "md5"}, "value of fingerprint must be one of"),
    ],
)
def test_bad_input_gets_a_sentence_and_touches_nothing(site: Site, options: dict[str, t.Any], said: str) -> None:
    failed = site.back_up(**options)
    assert failed["failed"]
    assert said in failed["msg"]
    assert "wrong-password" not in failed["raw"]
    assert not site.store.exists()


def test_a_client_that_is_too_old_is_refused_before_anything_starts(site: Site, tmp_path: Path) -> None:
    old = tmp_path / "bin"
    old.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (old / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 15.4'\n")
        (old / name).chmod(0o755)
    failed = site.back_up(pg_bin_dir=str(old))
    assert failed["msg"].startswith("A pg_dump of version 17 or newer is needed (the server is PostgreSQL 17); found on this host: 15.4")
    assert not site.store.exists()


def test_a_backup_is_restored_by_hand_with_the_lines_of_its_manifest(site: Site) -> None:
    backup = site.back_up()["backup"]
    folder = site.store / PORTAL / "backups" / backup["id"]
    lines = backup["restore_by_hand"]
    if shutil.which("age") is None:
        lines = [line_without_age(), *lines[1:]]
    by_hand = f"{site.database}_by_hand"
    parameters = psycopg.conninfo.conninfo_to_dict(site.admin_url)
    env = {
        **os.environ,
        "PATH": f"{site.server.bin_dir}:{Path(argv('x')[0]).parent}:{os.environ['PATH']}",
        "PGHOST": str(parameters["host"]),
    }
    env |= {"PGPORT": str(parameters["port"]), "PGUSER": str(parameters["user"]), "PGPASSWORD": str(parameters["password"])}
    for line in lines:
        typed = line.replace("KEYFILE", str(site.identity_file)).replace("NEWDB", by_hand)
        done = subprocess.run(["sh", "-c", typed], cwd=folder, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{typed}: {done.stderr}"
    try:
        assert site.execute("SELECT count(*) FROM orders", url=site.server.url(by_hand)) == [(5000,)]
    finally:
        site.execute(f"DROP DATABASE {by_hand}")


def line_without_age() -> str:
    """The guide's way to decrypt where the program age is missing."""
    return next(line.strip() for line in GUIDE.read_text().splitlines() if line.strip().startswith("python3 -c 'import pyrage"))


def test_the_guide_decrypts_without_age_to_the_same_bytes(site: Site, tmp_path: Path) -> None:
    backup = site.back_up()["backup"]
    folder = site.store / PORTAL / "backups" / backup["id"]
    env = {**os.environ, "PATH": f"{Path(argv('x')[0]).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-c", line_without_age().replace("KEYFILE", str(site.identity_file))], cwd=folder, env=env, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "database.dump").read_bytes().startswith(b"PGDMP")


def test_no_secret_is_seen_while_it_runs_or_after(site: Site) -> None:
    secrets = {str(psycopg.conninfo.conninfo_to_dict(site.admin_url)["password"]), site.destinations[1]["secret_access_key"]}
    child = subprocess.Popen(
        argv("pg_backup"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), text=True
    )
    seen: set[str] = set()
    watcher = threading.Thread(target=watch_command_lines, args=(child, seen))
    watcher.start()
    out, err = child.communicate(arguments(site.backup_options()))
    watcher.join()
    assert any("pg_dump" in line for line in seen), "the watcher saw no pg_dump, so it proves nothing"
    manifest = site.manifests()[0].read_text()
    for secret in secrets:
        assert not [line for line in seen if secret in line]
        assert secret not in out + err + manifest


def watch_command_lines(child: subprocess.Popen[str], seen: set[str]) -> None:
    """Collect the command line of every process on this machine, except for our own, until the child has ended."""
    while child.poll() is None:
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.add(process.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                continue


def test_a_role_that_may_not_read_everything_is_told_what_it_lacks(site: Site) -> None:
    site.execute("CREATE TABLE hidden (); REVOKE ALL ON hidden FROM PUBLIC")
    failed = site.back_up(database_url=site.app_url)
    assert "permission denied for table hidden" in failed["msg"]
    assert not failed["msg"].startswith("Unexpected")
    assert site.objects() == []


def test_no_secret_is_in_what_ansible_shows_at_its_most_talkative(site: Site, tmp_path: Path) -> None:
    password = str(psycopg.conninfo.conninfo_to_dict(site.admin_url)["password"])
    wrong = password[::-1]
    options = site.backup_options()
    proof = {name: value for name, value in options.items() if name != "recipients"} | {
        "state": "proven",
        "identity_file": str(site.identity_file),
    }
    given = {"backup_options": options, "proof_options": proof, "wrong_url": site.admin_url.replace(password, wrong)}
    (tmp_path / "secrets.json").write_text(json.dumps(given))
    (tmp_path / "play.yml").write_text(PLAY)
    env = environment({"ANSIBLE_COLLECTIONS_PATH": environment()["PYTHONPATH"], "ANSIBLE_LOG_PATH": str(tmp_path / "log"), "NO_COLOR": "1"})
    command = [str(Path(argv("x")[0]).with_name("ansible-playbook")), "play.yml", "-i", "localhost,", "-c", "local", "-vvv", "--diff"]
    done = subprocess.run(
        [*command, "-e", f"ansible_python_interpreter={argv('x')[0]}"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    shown = done.stdout + done.stderr + (tmp_path / "log").read_text()
    assert done.returncode == 0, shown
    assert "changed=2" in shown
    assert "ignored=1" in shown
    for secret in (password, wrong, site.destinations[1]["secret_access_key"]):
        assert secret not in shown
