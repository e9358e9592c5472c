"""The embedded servers under their real supervisor: up, again, killed, down."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

import psycopg
import pytest

from tools.embedded import credentials, lifecycle, objects, postgres, processes, supervision
from tools.embedded.errors import EmbeddedError
from tools.embedded.home import Home
from tools.embedded.ports import HOST, Ports, another_base

if t.TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def home() -> Iterator[Home]:
    """A home with a short path; whatever still runs in it is ended."""
    with tempfile.TemporaryDirectory(prefix="hf-") as folder:
        place = Home.at(folder)
        yield place
        processes.end(processes.of_home(place))


@pytest.fixture
def ports() -> Ports:
    return Ports(another_base(24000 + os.getpid() % 100 * 10))


def admin_url(home: Home, ports: Ports) -> str:
    return postgres.url(ports.postgres, credentials.read(home.secrets, "postgres_admin_password"))


def test_both_servers_answer_with_the_generated_credentials_and_with_no_others(home: Home, ports: Ports) -> None:
    record = lifecycle.up(home, ports)
    keys = [credentials.read(home.secrets, name) for name in ("s3_access_key", "s3_secret_key")]
    assert postgres.missing(admin_url(home, ports)) is None
    assert objects.missing(record["s3_endpoint"], "backups", *keys) is None
    assert postgres.missing(postgres.url(ports.postgres, "wrong")) is not None
    assert objects.missing(record["s3_endpoint"], "backups", keys[0], "wrong") is not None


def test_no_secret_is_visible_on_a_command_line(home: Home, ports: Ports) -> None:
    lifecycle.up(home, ports)
    secrets = [credentials.read(home.secrets, name).encode() for name in credentials.GENERATED]
    running = processes.of_home(home)
    assert len(running) >= 3
    lines = [Path(f"/proc/{process.pid}/cmdline").read_bytes() for process in running]
    assert not [line for line in lines if any(secret in line for secret in secrets)]


def test_up_again_starts_nothing_and_down_ends_everything_and_keeps_the_data(home: Home, ports: Ports) -> None:
    lifecycle.up(home, ports)
    before = sorted(process.pid for process in processes.of_home(home) if "postgres" in process.program or "rclone" in process.program)
    with psycopg.connect(admin_url(home, ports), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    lifecycle.up(home, ports)
    assert set(before) <= {process.pid for process in processes.of_home(home)}
    lifecycle.down(home)
    assert processes.of_home(home) == []
    assert lifecycle.status(home)["programs"] == {}
    lifecycle.up(home, ports)
    with psycopg.connect(admin_url(home, ports)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


@pytest.mark.parametrize("victims", ["supervisord", "all"])
def test_what_a_killed_run_left_behind_is_cleaned_up(home: Home, ports: Ports, victims: str) -> None:
    lifecycle.up(home, ports)
    supervisord = int((home.supervisor / "supervisord.pid").read_text())
    orphans = processes.of_home(home)
    for process in orphans if victims == "all" else [process for process in orphans if process.pid == supervisord]:
        os.kill(process.pid, signal.SIGKILL)
    lifecycle.up(home, ports)
    assert postgres.missing(admin_url(home, ports)) is None
    assert not [process for process in orphans if process.is_alive]


def test_a_program_of_somebody_else_on_a_port_is_named_and_nothing_is_started(home: Home, ports: Ports) -> None:
    with socket.socket() as stranger:
        stranger.bind((HOST, ports.objects))
        stranger.listen()
        with pytest.raises(EmbeddedError, match=rf"port {ports.objects} \(for the S3 server\) is taken"):
            lifecycle.up(home, ports)
    assert processes.of_home(home) == []


def test_other_ports_while_it_runs_are_refused(home: Home, ports: Ports) -> None:
    lifecycle.up(home, ports)
    with pytest.raises(EmbeddedError, match=f"run with PORT_BASE={ports.base}"):
        lifecycle.up(home, Ports(ports.base + 10))


def test_purge_removes_the_home_and_spares_every_other_folder(tmp_path: Path, home: Home, ports: Ports) -> None:
    lifecycle.up(home, ports)
    command = [sys.executable, "-m", "tools.embedded", "down", "--purge", "--home"]
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    refused = subprocess.run([*command, str(tmp_path)], cwd=supervision.REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert (refused.returncode, precious.read_text()) == (1, "mine")
    assert "nothing was touched" in refused.stderr
    assert subprocess.run([*command, str(home.path)], cwd=supervision.REPOSITORY, timeout=60, check=False).returncode == 0
    assert not home.path.exists()
    home.path.mkdir()
