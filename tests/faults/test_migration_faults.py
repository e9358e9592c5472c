"""The migration modules killed, crowded and blocked; the next run must end where an undisturbed one ends.

What depends on the history format runs with both.
"""

from __future__ import annotations

import contextlib
import os
import signal
import typing as t

import psycopg
import pytest

from tests.integration.migration_lab import PrismaProject, Project, finish
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

OURS = "application_name LIKE 'holdfast.webops %_migration' AND pid <> pg_backend_pid() AND datname = current_database()"
ORDERS = "create table orders (id bigint generated always as identity primary key, note text);\n"


with_either_history = pytest.mark.parametrize("project", [Project, PrismaProject], indirect=True)


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path, fresh_database: str) -> Project:
    made: Project = getattr(request, "param", Project)(tmp_path, fresh_database)
    made.write("1_orders.sql", ORDERS + "insert into orders (note) select 'x' || n from generate_series(1, 1000) n;\n")
    made.apply()
    return made


@contextlib.contextmanager
def transaction(project: Project, *statements: str, name: str = "somebody") -> Iterator[psycopg.Connection[t.Any]]:
    """A session that has run the statements and neither commits nor ends."""
    with psycopg.connect(project.url, application_name=name) as connection:
        for statement in statements:
            connection.execute(statement.encode())
        yield connection
        connection.rollback()


def wait_for_session(project: Project, condition: str) -> None:
    """Until a session of the module is seen in pg_stat_activity in this condition."""
    query = f"SELECT 1 FROM pg_stat_activity WHERE {OURS} AND {condition}"
    wait_for(lambda: project.rows(query), f"a session of the module with {condition}")


def kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def assert_all_is_well(project: Project) -> None:
    """Nothing is left over, nothing is left to do."""
    assert project.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    assert not project.exists(project.journal)
    assert project.apply()["changed"] is False


@with_either_history
def test_a_run_killed_in_a_transaction_left_nothing_and_the_next_one_finishes(project: Project) -> None:
    project.write("2_slow.sql", "create table slow (id int);\nselect pg_sleep(20);\ninsert into slow values (1);\n")
    process = project.start()
    wait_for_session(project, "query LIKE '%pg_sleep%' AND state = 'active'")
    kill(process)
    assert not project.exists("slow")
    project.write("2_slow.sql", "create table slow (id int);\ninsert into slow values (1);\n")
    assert project.apply()["applied"] == [project.version("2_slow.sql")]
    assert project.rows("SELECT id FROM slow") == [(1,)]
    assert_all_is_well(project)


@with_either_history
def test_a_run_killed_while_an_index_is_built_is_finished_by_the_next(project: Project) -> None:
    project.write("2_index.sql", "create table first ();\ncreate index concurrently orders_note on orders (note);\ncreate table last ();\n")
    with transaction(project, "UPDATE orders SET note = 'y' WHERE id = 1"):
        process = project.start()
        wait_for_session(project, "query LIKE 'create index%' AND wait_event_type = 'Lock'")
        kill(process)
        wait_for_end(project)
    assert project.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_note'::regclass") is False
    result = project.apply()
    assert result["applied"] == [project.version("2_index.sql")]
    assert "Dropped the INVALID index orders_note" in str(result["warnings"])
    assert project.exists("first")
    assert project.exists("last")
    assert_all_is_well(project)


def wait_for_end(project: Project) -> None:
    """Until no session of the module is left."""
    wait_for(lambda: not project.rows(f"SELECT 1 FROM pg_stat_activity WHERE {OURS}"), "the end of every session of the module")


def test_an_index_that_the_server_finished_after_the_kill_is_not_built_again(project: Project) -> None:
    """The journal says that the statement was running; the database shows that it took effect."""
    project.write("2_index.sql", "create index concurrently orders_note on orders (note);\ncreate table last ();\n")
    with transaction(project, "LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE"):
        process = project.start()
        wait_for_session(project, "query LIKE 'create index%' AND wait_event_type = 'Lock'")
        kill(process)
        wait_for_end(project)
    project.execute("CREATE INDEX CONCURRENTLY orders_note ON orders (note)")
    built = project.value("SELECT 'orders_note'::regclass::oid")
    assert project.apply()["applied"] == ["2"]
    assert project.value("SELECT 'orders_note'::regclass::oid") == built
    assert_all_is_well(project)


def test_a_procedure_of_which_nobody_knows_whether_it_ended_is_not_run_twice(project: Project) -> None:
    project.write("2_do.sql", "-- pg-delta: transaction=false\ndo $$ begin perform pg_sleep(20); end $$;\n")
    process = project.start()
    wait_for_session(project, "query LIKE '%pg_sleep%' AND state = 'active'")
    kill(process)
    wait_for_end(project)
    failed = project.fail()
    assert "2_do.sql line 2: this statement was running when an earlier run died" in failed["msg"]
    assert "run this module with state=repaired and versions=2" in failed["msg"]


def test_a_backend_ended_by_the_server_is_a_clear_failure_and_the_next_run_goes_on(project: Project) -> None:
    project.write("2_slow.sql", "create table slow (id int);\nselect pg_sleep(20);\n")
    process = project.start()
    wait_for_session(project, "query LIKE '%pg_sleep%' AND state = 'active'")
    project.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS}")
    failed = finish(process)
    assert failed["failed"] is True
    assert "2_slow.sql line 2: terminating connection due to administrator command" in failed["msg"]
    assert "The server undoes what was not committed." in failed["msg"]
    project.write("2_slow.sql", "create table slow (id int);\n")
    assert project.apply()["applied"] == ["2"]
    assert_all_is_well(project)


@with_either_history
def test_two_runs_at_once_run_each_migration_once(project: Project) -> None:
    names = [f"{number}_t.sql" for number in range(20, 30)]
    for name in names:
        project.write(name, f"create table t{name[:2]} ();\nselect pg_sleep(0.05);\n")
    results = [finish(process) for process in (project.start(), project.start())]
    assert not any(result.get("failed") for result in results), results
    applied = sorted(version for result in results for version in result["applied"])
    assert applied == [project.version(name) for name in names]
    assert_all_is_well(project)


def test_a_run_that_waits_in_vain_names_the_one_that_works(project: Project) -> None:
    project.write("2_slow.sql", "select pg_sleep(60);\n")
    process = project.start()
    wait_for_session(project, "query LIKE '%pg_sleep%' AND state = 'active'")
    failed = project.fail(lock_wait=0)
    assert "Another run migrates this database; waited 0 s for it: pid " in failed["msg"]
    assert "holdfast.webops supabase_migration" in failed["msg"]
    assert "/* 2_slow.sql */" in failed["msg"]
    assert "select pg_sleep(60)" in failed["msg"]
    assert len(failed["blockers"]) == 1
    project.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS}")
    assert finish(process)["failed"] is True


def test_an_idle_transaction_is_named_and_readers_get_through(project: Project) -> None:
    project.write("2_alter.sql", "alter table orders add column paid_at timestamptz;\n")
    with transaction(project, "SELECT * FROM orders", name="forgotten report"):
        process = project.start(lock_timeout=1, lock_retries=1)
        wait_for_session(project, "wait_event_type = 'Lock'")
        assert project.value("SELECT count(*) FROM orders") == 1000
        failed = finish(process)
    assert "canceling statement due to lock timeout (SQLSTATE 55P03)" in failed["msg"]
    assert "forgotten report" in failed["msg"]
    assert "idle in transaction" in failed["blockers"][0]
    assert "Nothing of this file was kept." in failed["msg"]
    assert project.apply()["applied"] == ["2"]
    assert_all_is_well(project)


def test_a_lock_that_comes_free_in_time_costs_retries_and_no_failure(project: Project) -> None:
    project.write("2_alter.sql", "alter table orders add column paid_at timestamptz;\n")
    with transaction(project, "SELECT * FROM orders"):
        process = project.start(lock_timeout=1, lock_retries=10)
        wait_for_session(project, "wait_event_type = 'Lock'")
        wait_for_session(project, "state = 'idle'")
    result = finish(process)
    assert not result.get("failed"), result
    assert result["migrations"][0]["retries"] >= 1
    assert result["migrations"][0]["lock_wait_ms"] > 0
    assert_all_is_well(project)


def test_a_partition_whose_detaching_was_killed_is_detached_to_the_end(project: Project) -> None:
    """The first half is committed by then, and the statement cannot run a second time."""
    project.write(
        "2_part.sql", "create table p (n int) partition by range (n);\ncreate table p1 partition of p for values from (0) to (9);\n"
    )
    project.apply()
    project.write(
        "3_detach.sql", "create table before_it ();\nalter table p detach partition p1 concurrently;\ncreate table after_it ();\n"
    )
    with transaction(project, "SELECT * FROM p"):
        process = project.start()
        wait_for_session(project, "query LIKE 'alter table p detach%' AND wait_event_type = 'Lock'")
        kill(process)
        wait_for_end(project)
        assert project.value("SELECT inhdetachpending FROM pg_inherits WHERE inhparent = 'p'::regclass") is True
    assert project.apply()["applied"] == ["3"]
    assert project.rows("SELECT 1 FROM pg_inherits WHERE inhparent = 'p'::regclass") == []
    assert_all_is_well(project)


def test_a_detaching_that_finds_no_lock_in_time_is_finished_by_the_next_attempt(project: Project) -> None:
    project.write(
        "2_part.sql", "create table p (n int) partition by range (n);\ncreate table p1 partition of p for values from (0) to (9);\n"
    )
    project.apply()
    project.write("3_detach.sql", "alter table p detach partition p1 concurrently;\n")
    with transaction(project, "SELECT * FROM p"):
        failed = project.fail(lock_timeout=1, lock_retries=1)
    assert "3_detach.sql line 1: canceling statement due to lock timeout (SQLSTATE 55P03)" in failed["msg"]
    assert "somebody" in failed["msg"]
    assert project.apply()["applied"] == ["3"]
    assert_all_is_well(project)


def test_the_next_run_waits_for_an_orphan_that_the_server_has_not_noticed_yet(project: Project) -> None:
    """The server looks for its client every two seconds; until then the orphan works on, and its locks hold."""
    project.write("2_slow.sql", "create table slow (id int);\nselect pg_sleep(3);\n")
    process = project.start()
    wait_for_session(project, "query LIKE '%pg_sleep%' AND state = 'active'")
    kill(process)
    assert project.rows(f"SELECT 1 FROM pg_stat_activity WHERE {OURS}") != []
    assert not project.apply().get("failed")
    assert len(project.history()) == 2
    assert_all_is_well(project)
