"""Kind postgres: how the server is, seen on a real one, and on a replica of it."""

from __future__ import annotations

import os
import subprocess
import typing as t

import psycopg
import pytest

from tests.integration.health.lab import Checked, look
from tests.integration.waiting import wait_for
from tools.embedded.postgres import EmbeddedPostgres
from tools.embedded.privilege import owner_outside, unprivileged

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_all_that_can_be_seen_is_measured(postgres_server: EmbeddedPostgres) -> None:
    check = look("postgres", database_url=postgres_server.admin_url, thresholds={"database_bytes": {"fail": 10**12}})
    figures = check["figures"]
    assert check["status"] == "pass"
    with psycopg.connect(postgres_server.admin_url) as connection:
        allowed = connection.execute("select current_setting('max_connections')::int").fetchone()
    assert allowed is not None
    assert 0 < figures["connections_used"] <= figures["connections_allowed"] < allowed[0]
    assert figures["connections_used_percent"] == pytest.approx(100 * figures["connections_used"] / figures["connections_allowed"], abs=0.1)
    assert 0 <= figures["wraparound_percent"] < 1
    assert 0 < figures["disk_used_percent"] < 100
    assert figures["database_bytes"] > 5_000_000
    assert figures["replication_lag_s"] is None


def test_who_may_not_see_everything_sees_the_rest(fresh_database: str) -> None:
    figures = look("postgres", database_url=fresh_database)["figures"]
    assert figures["connections_used"] >= 1
    assert figures["disk_used_percent"] is None
    assert figures["database_bytes"] is None


def test_an_old_transaction_breaks_its_limit(postgres_server: EmbeddedPostgres) -> None:
    limits = {"oldest_transaction_s": {"warn": 0.01, "fail": 3600}}
    with psycopg.connect(postgres_server.admin_url) as connection:
        connection.execute("select pg_sleep(0.05)")
        check = look("postgres", database_url=postgres_server.admin_url, thresholds=limits)
    assert check["status"] == "warn"
    assert "oldest_transaction_s is " in check["reason"]


def test_connections_run_out_of_their_limit(postgres_server: EmbeddedPostgres) -> None:
    check = look("postgres", database_url=postgres_server.admin_url, thresholds={"connections_used_percent": {"fail": 0.1}})
    assert check["status"] == "fail"
    assert "over 0.1" in check["reason"]


def test_a_lag_that_nobody_can_see_is_not_a_small_one(postgres_server: EmbeddedPostgres) -> None:
    check = look("postgres", database_url=postgres_server.admin_url, thresholds={"replication_lag_s": {"fail": 30}})
    assert check["reason"] == "The query gave '1', but replication_lag_s could not be measured."


@pytest.fixture
def replica(postgres_server: EmbeddedPostgres, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A standby that streams from the server."""
    if owner := owner_outside():
        os.chown(tmp_path, *owner)
    server = EmbeddedPostgres(tmp_path)
    server.password = postgres_server.password
    argv = [*unprivileged(), str(server.bin_dir / "pg_basebackup"), "--dbname", postgres_server.admin_url, "--pgdata", str(server.data_dir)]
    subprocess.run([*argv, "--write-recovery-conf", "--checkpoint=fast"], check=True, capture_output=True, timeout=60)
    with server:
        yield server


def lag(server: EmbeddedPostgres, **limits: t.Any) -> Checked:
    return look("postgres", database_url=server.admin_url, thresholds=limits)


def test_how_far_a_replica_is_behind_is_seen_on_both_sides(postgres_server: EmbeddedPostgres, replica: EmbeddedPostgres) -> None:
    def behind(server: EmbeddedPostgres) -> int:
        return int(lag(server)["figures"]["replication_lag_bytes"] or 0)

    wait_for(lambda: lag(postgres_server)["figures"]["replication_lag_bytes"] == 0, "the replica")
    assert lag(postgres_server)["figures"]["replication_lag_s"] >= 0
    assert lag(replica)["figures"]["replication_lag_s"] >= 0
    with psycopg.connect(replica.admin_url, autocommit=True) as there, psycopg.connect(postgres_server.admin_url, autocommit=True) as here:
        there.execute("select pg_wal_replay_pause()")
        here.execute("select pg_logical_emit_message(true, 'test', repeat('x', 100000))")
        wait_for(lambda: behind(replica) > 90_000 and behind(postgres_server) > 90_000, "the lag")
    assert "replication_lag_bytes is " in lag(replica, replication_lag_bytes={"fail": 50_000})["reason"]
    assert lag(postgres_server, replication_lag_bytes={"fail": 50_000})["status"] == "fail"
