"""The host that backs up by the clock, after a failed run, a dropped database, and its restore."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest

testinfra_hosts = ["podman://holdfast-molecule-bk1"]

TIMER = "holdfast-backup-shop-molecule-database"
REHEARSAL = "holdfast-rehearse-shop-molecule"
FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
SECRETS = ("database_superuser", "database_owner", "signing_key", "cloud")


def secret(name: str) -> str:
    """A secret of this run, without the salt that Ansible keeps beside it."""
    return (FOLDER / "secrets" / name).read_text().split()[0]


def events(host: t.Any) -> list[dict[str, t.Any]]:
    posts = [json.loads(line) for line in host.check_output("cat /var/lib/told").splitlines()]
    return [event for post in posts for event in post["data"]["events"]]


def ledger(host: t.Any) -> list[dict[str, t.Any]]:
    return [
        json.loads(text)
        for text in host.check_output("tail -qn +1 /var/lib/holdfast/ledger/shop/ledger/*.json | sed 's/}{/}\\n{/g'").splitlines()
    ]


def test_the_orders_are_back(host: t.Any) -> None:
    query = "select count(*), md5(string_agg(what, ',' order by number)) from orders"
    whole = "select count(*), md5(string_agg(md5(n::text), ',' order by n)) from generate_series(1, 1000) as n"
    command = f"PGPASSWORD={secret('database_owner')} psql -XAt -h 127.0.0.1 -U shop shop -c %s"
    assert host.check_output(command, query) == host.check_output(command, whole)


def test_the_timer_makes_up_for_what_it_missed_and_runs_after_a_reboot(host: t.Any) -> None:
    assert host.service(f"{TIMER}.timer").is_enabled
    shown = host.check_output(f"systemctl show {TIMER}.timer --property=Persistent,RandomizedDelayUSec,TimersCalendar")
    assert "Persistent=yes" in shown
    assert "RandomizedDelayUSec=10min" in shown
    assert "*-*-* 02:00:00" in shown


def test_the_timer_of_a_policy_that_is_gone_is_gone(host: t.Any) -> None:
    assert host.run("systemctl list-unit-files --no-legend 'holdfast-backup-*'").stdout.count("\n") == 2
    assert host.run("systemctl list-unit-files --no-legend 'holdfast-backup-*-configuration.*'").stdout == ""


def test_what_the_clock_made_is_encrypted_in_both_places(host: t.Any) -> None:
    for folder in ("/srv/backups", "/opt/cloud/buckets/backups/shop"):
        archives = host.check_output("find %s -name database.dump.age", folder).splitlines()
        assert archives
        assert host.file(archives[0]).content.startswith(b"age-encryption.org/v1")


def test_the_run_of_the_clock_was_told_and_the_failed_one_with_its_reason(host: t.Any) -> None:
    told = {event["event"]: event for event in events(host)}
    assert "9000" in json.dumps(told["back_up.failed"])
    assert told["back_up.succeeded"]["facts"]["Proof"] == "restored and found equal"
    assert "last proven restore: " in told["back_up.succeeded"]["facts"]["Backups"]


def test_the_ledger_has_the_backup_its_proof_the_failure_and_the_restore(host: t.Any) -> None:
    written = {entry["event"]: entry["data"] for entry in ledger(host)}
    assert {"backup.recorded", "proof.recorded", "backup.failed", "restore.completed"} <= set(written)
    assert written["backup.recorded"]["policy"] == "database"
    assert "9000" in written["backup.failed"]["reason"]


def test_the_clock_rehearsed_the_recovery_and_left_its_report(host: t.Any) -> None:
    assert host.service(f"{REHEARSAL}.timer").is_enabled
    assert "*-*-01 04:00:00" in host.check_output(f"systemctl show {REHEARSAL}.timer --property=TimersCalendar")
    (found,) = (entry["data"] for entry in ledger(host) if entry["event"] == "rehearsal.completed")
    assert found["verdict"] == "recovered", found["evidence"]["findings"]
    assert [one["found"] for one in found["evidence"]["rehearsal"]["validations"]] == ["1000"]
    assert host.file(f"/var/lib/holdfast/rehearsals/{found['rehearsal_id']}.html").exists
    assert "rehearse.succeeded" in {event["event"] for event in events(host)}


def test_the_journal_shows_how_far_the_work_came(host: t.Any) -> None:
    said = host.check_output(f"journalctl --no-pager --output cat --unit {TIMER}")
    assert "Back up to every destination" in said
    assert "last proven restore: " in said


def test_a_second_run_beside_one_that_works_ends_at_once(host: t.Any) -> None:
    lock = f"/var/lib/holdfast-backups/shop-molecule/{TIMER}.lock"
    done = host.run(f"flock {lock} systemctl start {TIMER}.service")
    assert done.rc == 0, done.stderr
    assert "failed to get lock" in host.check_output(f"journalctl --no-pager --output cat --lines 20 --unit {TIMER}")


def test_the_calendar_is_one_that_systemd_understands(host: t.Any) -> None:
    assert host.run("systemd-analyze calendar 'Sun,Mon *-01,07-01 *:00,15,30,45:00'").rc == 0


def test_the_variables_are_for_root_alone(host: t.Any) -> None:
    file = host.file("/etc/holdfast/backups/shop-molecule/variables.yml")
    assert (file.user, file.mode) == ("root", 0o600)
    assert secret("cloud") in file.content_string


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_is_where_others_read(host: t.Any, name: str) -> None:
    readable = "find /etc /var/lib /var/log /srv -xdev -type f -perm -o+r -size -1M -print0 | xargs -0 grep -lF %s"
    assert host.run(readable, secret(name)).stdout == ""
    seen = host.check_output("systemctl cat 'holdfast*'; ps -eo args; journalctl --no-pager")
    assert TIMER in seen
    assert secret(name) not in seen


@pytest.mark.parametrize("name", SECRETS)
def test_ansible_shows_no_secret(name: str) -> None:
    said = Path(os.environ["ANSIBLE_LOG_PATH"]).read_text()
    assert "Write the variables of its runs" in said
    assert secret(name) not in said
