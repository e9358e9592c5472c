"""The database server after the portal's life on it."""

from __future__ import annotations

import typing as t

testinfra_hosts = ["podman://holdfast-molecule-db1"]


def query(host: t.Any, sql: str, database: str = "shop") -> list[str]:
    said: str = host.check_output("runuser -u postgres -- psql --no-align --tuples-only --dbname %s --command %s", database, sql)
    return said.splitlines()


def test_it_is_the_server_of_debian_12(host: t.Any) -> None:
    assert host.service("postgresql@15-main").is_running


def test_the_portal_owns_its_database_and_no_more(host: t.Any) -> None:
    sql = "select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = 'shop'"
    assert query(host, sql) == ["f|f|f"]
    assert query(host, "select pg_get_userbyid(datdba) from pg_database where datname = 'shop'") == ["shop"]


def test_the_restored_table_belongs_to_the_portal(host: t.Any) -> None:
    assert query(host, "select tableowner from pg_tables where tablename = 'orders'") == ["shop"]


def test_proofs_left_no_scratch_database(host: t.Any) -> None:
    names = query(host, "select datname from pg_database where not datistemplate order by 1", "postgres")
    assert "shop" in names
    assert not [name for name in names if "proof" in name or "scratch" in name]


def test_passwords_are_kept_as_scram_verifiers(host: t.Any) -> None:
    rows = query(host, "select left(rolpassword, 13) from pg_authid where rolname in ('shop', 'postgres')")
    assert rows == ["SCRAM-SHA-256", "SCRAM-SHA-256"]
