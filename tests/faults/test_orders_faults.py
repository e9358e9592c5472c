"""The example portal's new slot is killed right after it got all traffic: no visitor loses anything, and each order is placed once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import typing as t

import psycopg
import pytest

from examples.portal import build
from tests.integration.traffic_lab import Lab, accepts, open_lab
from tests.integration.waiting import wait_for
from tools.load.background import BackgroundLoad
from tools.load.records import lost_orders, read_failures, read_orders

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def portal(haproxy_binary: str, fresh_database: str, tmp_path: Path) -> Iterator[Lab]:
    """A router before two processes of the example portal with one database."""
    build.build("1.0", tmp_path)
    with psycopg.connect(fresh_database) as connection:
        for migration in sorted((tmp_path / "1.0" / "supabase" / "migrations").iterdir()):
            connection.execute(migration.read_text())
    with open_lab(haproxy_binary) as lab:
        for name in list(lab.processes):
            lab.stop(name, signal.SIGTERM)
        for slot in lab.ports:
            start(lab, slot, fresh_database, tmp_path)
        lab.start_router(platform_host_retry_idempotent_posts=True, platform_host_health_path="/api/health")
        wait_for(lambda: all(server["healthy"] for server in lab.servers().values()), "both slots to be healthy")
        yield lab


def start(lab: Lab, slot: str, database_url: str, folder: Path) -> None:
    variables = {"DATABASE_URL": database_url, "UPLOAD_DIR": str(folder / "uploads"), "PORT": str(lab.ports[slot])}
    argv = [sys.executable, "-m", "portal"]
    lab.processes[slot] = subprocess.Popen(argv, cwd=folder / "1.0", env={**os.environ, **variables}, stdout=subprocess.DEVNULL)
    wait_for(lambda: accepts(lab.ports[slot]), f"the portal on {slot}")


@pytest.mark.parametrize("crashes", [1, pytest.param(30, marks=pytest.mark.nightly)])
def test_a_new_slot_that_is_killed_right_after_the_switch_costs_no_request_and_doubles_no_order(
    portal: Lab, fresh_database: str, tmp_path: Path, crashes: int
) -> None:
    with BackgroundLoad(f"http://127.0.0.1:{portal.port}", tmp_path / "load.json", rate=200) as load:
        load.wait_until(sent=100)
        for _crash in range(crashes):
            portal.route(100)
            sent = load.progress()["sent"]
            load.wait_until(sent=sent + 100)
            portal.stop("green", signal.SIGKILL)
            portal.route(0)
            start(portal, "green", fresh_database, tmp_path)
            wait_for(lambda: portal.servers()["green"]["healthy"], "green to be healthy")
        report = load.stop()
    assert read_failures(tmp_path / "load.json") == []
    placed = read_orders(tmp_path / "load.json")
    assert len(placed) > 10 * crashes
    assert report["acknowledged_orders"] == len(placed)
    assert lost_orders(fresh_database, placed) == []
    with psycopg.connect(fresh_database) as connection:
        # One without a key of the visitors is one that was placed a second time.
        rows = connection.execute("SELECT count(*), count(*) FILTER (WHERE reference LIKE 'load-%') FROM orders").fetchone()
    assert rows == (len(placed), len(placed))
    # The router did send some again.
    assert portal.servers()["green"]["fallbacks"] > 0
