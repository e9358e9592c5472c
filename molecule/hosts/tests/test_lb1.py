"""The portal's own host after releases, a refused one, a lost table, two ways back, a reboot and a killed process."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from tests.molecule import ledger

testinfra_hosts = ["podman://holdfast-molecule-lb1"]

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


def test_no_slot_stands_on_the_routers_host(host: t.Any) -> None:
    assert not host.file("/srv/shop/slots").exists
    assert "holdfast-shop-blue" not in host.check_output("systemctl list-unit-files")


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
    refused = ["release.opened", "release.failed"]
    assert told == [*released, *released, *refused, "proof.recorded", "restore.completed", *released, *released]
    assert [event for event in ledger.events(entries) if event.startswith("rollback.")][-1] == "rollback.completed"


def test_every_backup_is_encrypted_for_its_recipient(host: t.Any) -> None:
    manifests = host.check_output("cat /var/backups/shop/shop/backups/*/manifest.json")
    assert manifests
    archives = host.check_output("find /var/backups/shop/shop/backups -name database.dump.age").splitlines()
    assert archives
    for archive in archives:
        assert host.check_output(f"head -c 21 {archive}") == "age-encryption.org/v1"
