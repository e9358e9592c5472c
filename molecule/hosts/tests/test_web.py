"""Both web hosts: the same two slots on each, after a reboot of one of them and a killed process."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from tests.integration.waiting import wait_for

testinfra_hosts = ["podman://holdfast-molecule-web1", "podman://holdfast-molecule-web2"]

SLOTS = ("blue", "green")
SECRETS = ("database_superuser", "database_owner", "preview_token")
FOLDER = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])


def version(host: t.Any, port: int) -> str:
    """What a slot answers; nothing while it starts, as after the reboot."""
    script = "import requests, sys; r = requests.get(sys.argv[1], timeout=10); print(r.status_code, r.headers.get('X-Portal-Version'))"
    return str(host.run("python3 -c %s %s", script, f"http://127.0.0.1:{port}/").stdout).strip()


@pytest.mark.parametrize(("port", "expected"), [(8081, "200 1.1"), (8082, "200 1.2")])
def test_the_live_slot_and_the_warm_one_hold_their_releases(host: t.Any, port: int, expected: str) -> None:
    wait_for(lambda: version(host, port) == expected, f"{expected} on port {port}")


@pytest.mark.parametrize("slot", SLOTS)
def test_a_slot_runs_now_and_after_a_reboot(host: t.Any, slot: str) -> None:
    assert host.service(f"holdfast-shop-{slot}").is_running
    assert host.service(f"holdfast-shop-{slot}").is_enabled


def test_the_application_runs_as_its_user(host: t.Any) -> None:
    assert {process.user for process in host.process.filter(comm="python3") if "portal" in process.args} == {"shop"}


@pytest.mark.parametrize("slot", SLOTS)
def test_only_its_user_reads_the_environment(host: t.Any, slot: str) -> None:
    file = host.file(f"/srv/shop/slots/{slot}/environment")
    assert (file.mode, file.user) == (0o600, "shop")


def test_a_slot_gets_no_more_of_the_machine_than_it_may(host: t.Any) -> None:
    shown = host.check_output("systemctl show --property=MemoryMax,TasksMax,LimitNOFILE holdfast-shop-blue").splitlines()
    assert sorted(shown) == ["LimitNOFILE=2048", f"MemoryMax={512 << 20}", "TasksMax=100"]
    pid = host.check_output("systemctl show --property=MainPID --value holdfast-shop-blue")
    (files,) = (line for line in host.file(f"/proc/{pid}/limits").content_string.splitlines() if line.startswith("Max open files"))
    assert files.split()[3:5] == ["2048", "2048"]


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_shows_in_units_processes_or_the_journal(host: t.Any, name: str) -> None:
    seen = host.check_output("systemctl cat 'holdfast-*'; systemctl show 'holdfast-*'; ps -eo args; journalctl --no-pager")
    assert "holdfast-shop-blue" in seen
    assert (FOLDER / "secrets" / name).read_text().split()[0] not in seen


def test_the_slot_that_was_killed_was_started_again(host: t.Any) -> None:
    if host.check_output("hostname") != "web2":
        assert "status=9/KILL" not in host.check_output("journalctl --no-pager --boot --unit holdfast-shop-blue")
        return
    journal = host.check_output("journalctl --no-pager --boot --unit holdfast-shop-blue")
    assert "status=9/KILL" in journal
    assert "Scheduled restart job" in journal
