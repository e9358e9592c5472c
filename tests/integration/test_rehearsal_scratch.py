"""What a rehearsal kept is removed, and nothing else is."""

from __future__ import annotations

import typing as t

import psycopg

from tests.integration.backups import run

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres

OURS, STRANGE = "shop_rehearsal_20261122t030000z_1a2b3c", "shop_rehearsal_notes"


def kept(scratch: Path, server: EmbeddedPostgres, database: str) -> Path:
    """As a rehearsal on another server notes it, before it was killed."""
    folder = scratch / f"holdfast-database-shop.{database[-6:]}"
    folder.mkdir()
    (folder / ".in-use").touch()
    (folder / "url").write_text(server.url(database))
    return folder


def databases(server: EmbeddedPostgres) -> set[str]:
    with psycopg.connect(server.admin_url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}


def test_a_database_on_another_server_is_dropped_and_only_one_that_is_called_like_ours(
    tmp_path: Path, postgres_server: EmbeddedPostgres
) -> None:
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        for name in (OURS, STRANGE):
            connection.execute(f"CREATE DATABASE {name}")
        wanted = {"portal": "shop", "scratch_dirs": [str(tmp_path)]}
        other = kept(tmp_path, postgres_server, OURS).rename(tmp_path / "holdfast-database-shop-eu.1a2b3c")
        assert run("rehearsal_scratch", wanted)["changed"] is False
        folder = other.rename(tmp_path / "holdfast-database-shop.1a2b3c")
        assert run("rehearsal_scratch", wanted, check=True)["removed"] == [str(folder)]
        assert {OURS, STRANGE} <= databases(postgres_server)
        assert run("rehearsal_scratch", wanted)["removed"] == [str(folder)]
        assert {OURS, STRANGE} & databases(postgres_server) == {STRANGE}
        strange = kept(tmp_path, postgres_server, STRANGE)
        assert "is not called like a database of a rehearsal" in run("rehearsal_scratch", wanted)["msg"]
        assert STRANGE in databases(postgres_server)
        assert strange.exists()
        connection.execute(f"DROP DATABASE {STRANGE}")


def test_one_run_claims_the_portal_and_the_next_removes_what_it_left_when_it_is_dead(tmp_path: Path) -> None:
    wanted = {"portal": "shop", "scratch_dirs": [str(tmp_path)]}
    first, second = ({**wanted, "state": "claimed", "run": run} for run in ("first", "second"))
    assert run("rehearsal_scratch", first)["removed"] == []
    left = tmp_path / "holdfast-application-shop.1a2b3c"
    left.mkdir()
    for check in (True, False):
        refused = run("rehearsal_scratch", second, check=check)
        assert (refused["claim"], left.exists()) == ("first", True)
        assert "Another rehearsal of the portal is under way on this host since " in refused["msg"]
    assert run("rehearsal_scratch", {**second, "ended": "first"})["removed"] == [str(left)]
    left.mkdir()
    assert run("rehearsal_scratch", {**first, "state": "released"})["removed"] == [], "it is the second one's now"
    assert run("rehearsal_scratch", {**second, "state": "released"})["removed"] == [str(left)]
    assert list(tmp_path.iterdir()) == []
    assert "run is missing" in run("rehearsal_scratch", {**wanted, "state": "claimed"})["msg"]
