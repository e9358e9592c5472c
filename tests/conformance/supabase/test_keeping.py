"""A local Supabase that is started again in the same folder goes on where it was."""

from __future__ import annotations

import typing as t

import psycopg

from tests.emulators.supabase.running import LocalSupabase

if t.TYPE_CHECKING:
    from pathlib import Path


def test_a_home_keeps_databases_keys_configuration_and_restore_points(tmp_path: Path) -> None:
    with LocalSupabase(tmp_path) as first:
        first.api("PUT", "/config/database/postgres", {"max_connections": 77, "restart_database": False})
        first.api("POST", "/secrets", [{"name": "KEY", "value": "hush"}])
        with psycopg.connect(first.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE orders (number int)")
        first.api("POST", "/database/backups/restore-point", {"name": "empty"})
        keys, secrets = first.project["keys"], first.api("GET", "/secrets")
        with psycopg.connect(first.database_url, autocommit=True) as connection:
            connection.execute("INSERT INTO orders VALUES (1)")
    with LocalSupabase(tmp_path) as second:
        assert (second.project["keys"], second.api("GET", "/secrets")) == (keys, secrets)
        assert second.api("POST", "/database/query", {"query": "SHOW max_connections"}) == [{"max_connections": "77"}]
        second.api("POST", "/database/backups/undo", {"name": "empty"})
        second.wait_until()
        assert second.api("POST", "/database/query", {"query": "SELECT count(*) AS orders FROM orders"}) == [{"orders": 0}]
