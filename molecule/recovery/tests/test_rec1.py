"""The host after it lost a table and then its database, and went back to the moment before."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest

testinfra_hosts = ["podman://holdfast-molecule-rec1"]

FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
SECRETS = ("database_superuser", "database_owner", "preview_token", "repository", "s3_key", "s3_secret")
TIMERS = [f"pgbackrest-shop-{kind}-repo{number}.timer" for kind in ("full", "incr") for number in (1, 2)]


def secret(name: str) -> str:
    """A secret of this run, without the salt that Ansible keeps beside it."""
    return (FOLDER / "secrets" / name).read_text().split()[0]


def query(host: t.Any, sql: str) -> str:
    said: str = host.check_output("runuser -u postgres -- psql --no-align --tuples-only --dbname shop --command %s", sql)
    return said


def backups(host: t.Any) -> list[dict[str, t.Any]]:
    told = json.loads(host.check_output("runuser -u postgres -- pgbackrest --stanza=shop --output=json info"))
    return t.cast("list[dict[str, t.Any]]", told[0]["backup"])


def test_the_table_is_back_and_still_the_portals(host: t.Any) -> None:
    assert query(host, "SELECT count(*), max(id) FROM orders") == "1002|1002"
    assert query(host, "SELECT tableowner FROM pg_tables WHERE tablename = 'orders'") == "shop"


def test_the_server_runs_on_a_new_timeline_and_archives_it(host: t.Any) -> None:
    assert host.service("postgresql@15-main").is_running
    assert query(host, "SELECT pg_is_in_recovery()") == "f"
    host.check_output("runuser -u postgres -- pgbackrest --stanza=shop check")
    names = host.check_output("runuser -u postgres -- pgbackrest --stanza=shop --repo=2 repo-ls --recurse archive/shop")
    for number in (2, 3, 4):
        assert f"{number:08X}.history" in names
        assert f"{number:08X}00000000/" in names


def test_a_later_recovery_is_not_told_the_old_target(host: t.Any) -> None:
    assert "recovery_target" not in host.file("/var/lib/postgresql/15/main/postgresql.auto.conf").content_string


def test_every_cluster_that_was_replaced_is_kept_and_the_scratch_ones_are_gone(host: t.Any) -> None:
    place = "/var/lib/postgresql/15"
    names = sorted(host.check_output("ls %s", place).split())
    assert [name for name in names if not name.startswith("main.before-")] == ["main"]
    markers = [host.file(f"{place}/{name}/holdfast_restore.json") for name in names]
    targets = [json.loads(file.content_string)["target"] if file.exists else "" for file in markers]
    assert [target.split(" ")[0] for target in targets[1:]] == ["", "point", "transaction"]


def test_the_portal_is_open_again_and_its_application_may_write(host: t.Any) -> None:
    assert "maint 0" in host.file("/srv/shop/router/slots.map").content_string
    assert query(host, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'shop'") == "t"


def ledger(host: t.Any) -> list[dict[str, t.Any]]:
    names = host.check_output("ls /var/lib/holdfast/ledger/shop/ledger").split()
    return [json.loads(host.file(f"/var/lib/holdfast/ledger/shop/ledger/{name}").content_string) for name in names]


def test_the_rehearsals_restored_the_whole_cluster_and_left_a_report_each(host: t.Any) -> None:
    newest, chosen = (entry["data"] for entry in ledger(host) if entry["event"] == "rehearsal.completed")
    for data, orders in ((newest, "1000"), (chosen, "1001")):
        evidence = data["evidence"]
        assert (data["verdict"], evidence["backup"], evidence["physical"]["cluster"]) == ("recovered", None, "15/main")
        asked = [(one["name"], one["found"], one["passed"]) for one in evidence["physical"]["validations"]]
        assert asked == [("orders are there", orders, True), ("canary", evidence["rpo"]["at"], True)]
        assert host.file(f"/var/lib/holdfast/rehearsals/{data['rehearsal_id']}.html").contains("What was rehearsed could be recovered")
    assert newest["evidence"]["chosen"] is None
    assert chosen["evidence"]["chosen"] == {"target": "point before-the-loss", "moment": chosen["evidence"]["rpo"]["before"]}


def test_the_ledger_tells_each_recovery_and_its_report_is_there(host: t.Any) -> None:
    entries = ledger(host)
    assert [entry["event"] for entry in entries if entry["event"] != "recovery.stepped"] == [
        *["rehearsal.completed"] * 2,
        *["recovery.started", "restore.completed", "recovery.completed"] * 3,
    ]
    for entry in (entry for entry in entries if entry["event"] == "recovery.completed"):
        assert entry["data"]["verdict"] == "recovered"
        assert [(step["id"], step["status"]) for step in entry["data"]["evidence"]["steps"]] == [
            ("assess", "completed"),
            ("database", "completed"),
            ("storage", "left out"),
            ("application", "completed"),
            ("integrations", "left out"),
            ("system_test", "completed"),
        ]
        name = entry["data"]["rehearsal_id"]
        assert host.file(f"/var/lib/holdfast/recoveries/{name}.html").contains("The portal was recovered")


def test_questions_were_asked_before_anybody_could_write(host: t.Any) -> None:
    steps = [entry["data"] for entry in ledger(host) if entry["event"] == "recovery.stepped" and entry["data"]["id"] == "database"]
    found = [[(one["name"], one["found"]) for one in step["saw"]["restore"]["rehearsal"]["validations"]] for step in steps]
    assert found == [
        [("orders are there", orders), ("nobody writes yet", "0"), ("canary", canary)]
        for orders, canary in zip(("1001", "1002", "1002"), (answers[-1][1] for answers in found), strict=True)
    ]


@pytest.mark.parametrize("timer", TIMERS)
def test_each_repository_has_its_timers(host: t.Any, timer: str) -> None:
    assert host.service(timer).is_running
    assert host.service(timer).is_enabled
    assert "Persistent=true" in host.check_output("systemctl cat %s", timer)


def test_every_repository_is_encrypted_and_holds_a_full_backup(host: t.Any) -> None:
    full = {backup["database"]["repo-key"] for backup in backups(host) if backup["type"] == "full"}
    assert full == {1, 2}
    told = json.loads(host.check_output("runuser -u postgres -- pgbackrest --stanza=shop --output=json info"))
    assert {repo["cipher"] for repo in told[0]["repo"]} == {"aes-256-cbc"}


def test_only_the_owner_of_the_cluster_reads_the_passphrase(host: t.Any) -> None:
    file = host.file("/etc/pgbackrest/conf.d/holdfast-shop.conf")
    assert (file.user, file.group, file.mode) == ("root", "postgres", 0o640)
    assert secret("repository") in file.content_string


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_told(host: t.Any, name: str) -> None:
    assert secret(name) not in (FOLDER / "ansible.log").read_text()
    assert secret(name) not in host.check_output("journalctl --no-pager")
    assert secret(name) not in host.check_output("cat /etc/systemd/system/pgbackrest-*")
