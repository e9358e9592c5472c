"""The portal's host after two releases, a refused one, a lost table, a reboot and a killed process."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from tests.molecule import ledger

testinfra_hosts = ["podman://holdfast-molecule-web1"]

UNITS = ("holdfast-shop-blue", "holdfast-shop-router")
FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
SECRETS = ("database_superuser", "database_owner", "preview_token")
LEDGER = "/var/lib/holdfast/ledger/shop/ledger"


@pytest.fixture
def entries(host: t.Any) -> list[ledger.Entry]:
    return ledger.parse(host.check_output(f"cat {LEDGER}/*.json"))


def secret(name: str) -> str:
    """A secret of this run, without the salt that Ansible keeps beside it."""
    return (FOLDER / "secrets" / name).read_text().split()[0]


def answer(host: t.Any, path: str) -> str:
    """Status, version and body of what a user on the host gets."""
    script = (
        "import requests, sys; r = requests.get(sys.argv[1], timeout=10); print(r.status_code, r.headers.get('X-Portal-Version'), r.text)"
    )
    return str(host.check_output("python3 -c %s %s", script, f"http://127.0.0.1{path}"))


def test_it_is_a_debian_with_systemd(host: t.Any) -> None:
    assert (host.system_info.distribution, host.system_info.codename) == ("debian", "bookworm")
    assert host.check_output("cat /proc/1/comm") == "systemd"


def test_users_get_the_new_version(host: t.Any) -> None:
    assert answer(host, "/").startswith("200 1.1 ")


def test_the_order_placed_before_the_table_was_lost_is_there(host: t.Any) -> None:
    assert "Ada" in answer(host, "/orders")


@pytest.mark.parametrize("unit", UNITS)
def test_a_live_unit_runs_now_and_after_a_reboot(host: t.Any, unit: str) -> None:
    assert host.service(unit).is_running
    assert host.service(unit).is_enabled


def test_the_old_slot_is_stopped_and_stays_so_after_a_reboot(host: t.Any) -> None:
    assert not host.service("holdfast-shop-green").is_running
    assert not host.service("holdfast-shop-green").is_enabled


def test_the_application_runs_as_its_user(host: t.Any) -> None:
    assert {process.user for process in host.process.filter(comm="python3") if "portal" in process.args} == {"shop"}


def test_the_router_gave_up_its_rights(host: t.Any) -> None:
    users = [process.user for process in host.process.filter(comm="haproxy") if "/srv/shop" in process.args]
    assert sorted(users) == ["haproxy", "root"]


def test_only_its_user_reads_the_environment(host: t.Any) -> None:
    file = host.file("/srv/shop/slots/blue/environment")
    assert (file.mode, file.user) == (0o600, "shop")


def test_the_router_shows_its_metrics_where_the_monitor_asks(host: t.Any) -> None:
    """The names that the alert rules of portal_monitor use."""
    script = "import requests; print(requests.get('http://127.0.0.1:8404/metrics', timeout=10).text)"
    said = host.check_output("python3 -c %s", script)
    assert 'haproxy_frontend_http_responses_total{proxy="portal",code="5xx"}' in said
    assert 'haproxy_frontend_http_responses_total{proxy="portal",code="2xx"}' in said


def test_the_users_of_the_host_cannot_command_the_router(host: t.Any) -> None:
    file = host.file("/srv/shop/router/router.sock")
    assert (file.is_socket, file.mode, file.user) == (True, 0o600, "root")


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_shows_in_units_processes_or_the_journal(host: t.Any, name: str) -> None:
    seen = host.check_output("systemctl cat 'holdfast-*'; systemctl show 'holdfast-*'; ps -eo args; journalctl --no-pager")
    assert "holdfast-shop-router" in seen
    assert secret(name) not in seen


@pytest.mark.parametrize("name", SECRETS)
def test_ansible_shows_no_secret(name: str) -> None:
    said = Path(os.environ["ANSIBLE_LOG_PATH"]).read_text()
    assert "Give the lease back" in said
    assert secret(name) not in said


def test_the_chain_of_the_ledger_is_whole(entries: list[ledger.Entry]) -> None:
    assert ledger.first_break(entries) == ""


def test_the_ledger_tells_what_happened(entries: list[ledger.Entry]) -> None:
    told = [event for event in ledger.events(entries) if event.split(".")[0] in ("release", "proof", "restore")]
    released = ["release.opened", "release.live", "release.completed"]
    assert told == [*released, *released, "release.opened", "release.failed", "proof.recorded", "restore.completed"]


def test_every_backup_is_encrypted_for_its_recipient(host: t.Any) -> None:
    manifests = host.check_output("cat /var/backups/shop/shop/backups/*/manifest.json")
    assert manifests
    archives = host.check_output("find /var/backups/shop/shop/backups -name database.dump.age").splitlines()
    assert archives
    for archive in archives:
        assert host.check_output(f"head -c 21 {archive}") == "age-encryption.org/v1"


def test_the_slot_that_was_killed_was_started_again(host: t.Any) -> None:
    journal = host.check_output("journalctl --no-pager --boot --unit holdfast-shop-blue")
    assert "status=9/KILL" in journal
    assert "Scheduled restart job" in journal
