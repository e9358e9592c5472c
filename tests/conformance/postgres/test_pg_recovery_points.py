"""What pg_recovery_points measures on a server that archives, and on one that does not any more."""

from __future__ import annotations

import typing as t

import pytest

from tests.conformance.postgres.archiving_server import ArchivingServer
from tests.integration.module_child import fail, succeed


@pytest.fixture
def table(archiving: ArchivingServer) -> t.Iterator[str]:
    """A table, archived."""
    archiving.execute("CREATE TABLE changes (n int)")
    archiving.archive_all()
    yield "changes"
    archiving.execute("DROP TABLE changes")


@pytest.mark.usefixtures("table")
def test_all_that_is_archived_can_be_restored(archiving: ArchivingServer) -> None:
    points = archiving.points()
    assert (points["method"], points["healthy"], points["problems"]) == ("physical", True, [])
    assert points["rpo_seconds"] == 0
    physical = points["physical"]
    assert (physical["archiving"], physical["archive_timeout"], physical["waiting"]) == ("ok", 3600, 0)
    assert [backup["type"] for backup in physical["backups"]] == ["full"]
    assert points["oldest"] == physical["backups"][0]["at"] <= points["newest"]


def test_what_would_be_lost_counts_from_the_first_change_that_is_not_archived(archiving: ArchivingServer, table: str) -> None:
    _number, first = archiving.commit(f"INSERT INTO {table} VALUES (1)")
    archiving.commit(f"INSERT INTO {table} VALUES (2)")
    points = archiving.points()
    assert (points["newest"], points["healthy"]) == (first, True)
    assert points["rpo_seconds"] >= 0
    archiving.archive_all()
    assert archiving.points()["rpo_seconds"] == 0


def test_a_stopped_archiver_is_a_failure_and_no_good_rpo(archiving: ArchivingServer, table: str) -> None:
    _number, last = archiving.commit(f"INSERT INTO {table} VALUES (1)")
    archiving.archive_all()
    with archiving.archiving_by("false"):
        # Nothing is changed in here: a switch alone leaves a segment that cannot be archived.
        archiving.execute("SELECT pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()")
        archiving.wait_for("SELECT failed_count > 0 AND last_failed_time > last_archived_time FROM pg_stat_archiver")
        points = archiving.points()
    assert (points["physical"]["archiving"], points["healthy"]) == ("failing", False)
    assert "The archiver fails" in points["problems"][0]
    assert points["newest"] == last
    assert points["physical"]["failed_count"] > 0


@pytest.mark.usefixtures("table")
def test_of_a_server_that_does_not_answer_counts_what_is_archived(archiving: ArchivingServer) -> None:
    nobody = {**archiving.options, "socket_dir": str(archiving.folder / "nobody")}
    points = succeed("pg_recovery_points", **nobody)["recovery_points"]
    assert points["physical"]["archiving"] == "unknown"
    assert points["physical"]["oldest"] <= points["newest"]
    assert "does not answer" in points["problems"][0]


def test_the_passphrase_of_the_repository_is_not_told(archiving: ArchivingServer) -> None:
    assert "a-passphrase-of-the-tests" not in succeed("pg_recovery_points", **archiving.options)["raw"]


def test_logical_backups_alone_need_no_pgbackrest() -> None:
    backups = [
        {"id": "b", "at": "2026-11-20T01:00:00Z", "state": "complete"},
        {"id": "a", "at": "2026-11-21T01:00:00Z", "state": "damaged"},
    ]
    points = succeed("pg_recovery_points", backups=backups)["recovery_points"]
    assert (points["method"], points["newest"], points["physical"]) == ("logical", "2026-11-20T01:00:00Z", None)
    assert points["backups"] == backups


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"stanza": "a b"}, "stanza is 'a b'"),
        ({"socket_dir": None}, "data_dir is given without pg_bin_dir and socket_dir"),
        ({"data_dir": "/nowhere"}, "holds no PostgreSQL cluster"),
        ({"backups": [{"id": "x"}]}, "an entry has no 'at'"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(archiving: ArchivingServer, given: dict[str, t.Any], said: str) -> None:
    assert said in fail("pg_recovery_points", **{**archiving.options, **given})["msg"]
