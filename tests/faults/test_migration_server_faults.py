"""The migration modules while their server dies, restarts, fills up or turns out to be a replica. It is a server of their own."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import signal
import time
import typing as t

import psycopg
import pytest

from tests.integration.migration_lab import PrismaProject, Project, dumped, finish
from tests.integration.waiting import wait_for
from tools.embedded.postgres import EmbeddedPostgres

if t.TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

OURS = "application_name LIKE 'holdfast.webops %_migration'"
WORKING = f"SELECT pid FROM pg_stat_activity WHERE {OURS} AND state = 'active'"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("mortal")) as made:
        yield made


@pytest.fixture
def new_project(server: EmbeddedPostgres, tmp_path: Path) -> Callable[..., Project]:
    """Call it for a project with a database of its own; the kind of project may be named."""

    def make(kind: type[Project] = Project) -> Project:
        name = f"mortal_{secrets.token_hex(3)}"
        with psycopg.connect(server.admin_url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}".encode())
        return kind(tmp_path, server.url(name))

    return make


def is_up(server: EmbeddedPostgres) -> bool:
    with contextlib.suppress(psycopg.Error), psycopg.connect(server.admin_url, connect_timeout=2):
        return True
    return False


def answer(project: Project, query: str) -> list[tuple[t.Any, ...]]:
    """The rows, and none while the server is away."""
    with contextlib.suppress(psycopg.Error):
        return project.rows(query)
    return []


def kill_while_it_works(project: Project, process: subprocess.Popen[str], chosen: random.Random) -> bool:
    """SIGKILL, after a random time, for the process or for the backend that works for it; whether it hit before the end."""
    wait_for(lambda: process.poll() is not None or answer(project, WORKING), "the module's session")
    time.sleep(chosen.uniform(0, 0.3))
    backends = answer(project, WORKING) if chosen.random() < 0.5 else []
    hit = process.poll() is None
    for (backend,) in backends:
        os.kill(backend, signal.SIGKILL)
    if not backends:
        process.kill()
    process.communicate(timeout=60)
    return hit


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "kills"), [(Project, 20), (PrismaProject, 8)])
def test_random_kills_end_in_the_schema_of_an_undisturbed_run(
    server: EmbeddedPostgres, new_project: Callable[..., Project], kind: type[Project], kills: int
) -> None:
    project, undisturbed, chosen = new_project(kind), new_project(kind), random.Random(20260101)
    for version in range(200, 200 + kills):
        project.write(
            f"{version}_t.sql",
            f"create table t{version} (id int, n text);\ninsert into t{version} select n, 'x' from generate_series(1, 2000) n;\n"
            f"create index concurrently t{version}_id on t{version} (id);\nselect pg_sleep(0.15);\n"
            f"create index concurrently on t{version} (n);\nalter table t{version} add column done boolean;\n",
        )
    hits = 0
    for _kill in range(kills):
        hits += kill_while_it_works(project, project.start(), chosen)
        wait_for(lambda: is_up(server), "the server after its recovery")
    assert hits > kills / 2
    project.apply()
    assert project.apply()["changed"] is False
    assert project.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    assert not project.exists(project.journal)
    undisturbed.apply()
    assert dumped(server, project.url) == dumped(server, undisturbed.url)
    assert project.history() == undisturbed.history()


def test_a_restart_in_the_middle_is_a_clear_failure_and_the_next_run_goes_on(
    server: EmbeddedPostgres, new_project: Callable[..., Project]
) -> None:
    project = new_project()
    project.write("1_a.sql", "create table a ();\nvacuum a;\ncreate table b ();\nselect pg_sleep(60);\n")
    process = project.start()
    wait_for(lambda: answer(project, f"{WORKING} AND query LIKE '%pg_sleep%'"), "the last statement")
    server.stop()
    failed = finish(process)
    server.start()
    assert "1_a.sql line 4: terminating connection due to administrator command (SQLSTATE 57P01)" in failed["msg"]
    assert "Run again when the server is back: finished work is not repeated." in failed["msg"]
    assert (project.exists("a"), project.exists("b")) == (True, False)
    project.write("1_a.sql", "create table a ();\nvacuum a;\ncreate table b ();\n")
    assert project.apply()["applied"] == ["1"]
    assert not project.exists(project.journal)


def test_a_replica_is_refused_before_anything_runs(server: EmbeddedPostgres, new_project: Callable[..., Project]) -> None:
    project = new_project()
    project.write("1_a.sql", "create table a ();\n")
    signal_file = server.data_dir / "standby.signal"
    server.stop()
    signal_file.touch()
    try:
        server.start()
        for result in (project.fail(), project.fail(_ansible_check_mode=True)):
            assert "is a read-only replica: nothing ran. Connect to the primary." in result["msg"]
    finally:
        server.stop()
        signal_file.unlink()
        server.start()
    assert project.apply()["applied"] == ["1"]


@contextlib.contextmanager
def full_disk(server: EmbeddedPostgres, project: Project, table: str) -> Iterator[None]:
    """Every write to an empty table ends in ENOSPC."""
    path = server.data_dir / project.value(f"SELECT pg_relation_filepath('{table}')")
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    path.symlink_to("/dev/full")
    try:
        yield
    finally:
        path.unlink()
        aside.rename(path)


@pytest.mark.parametrize(
    ("before", "kept", "segments"),
    [
        ("create table other ();\n", "Nothing of this file was kept.", 0),
        ("create table other ();\nvacuum other;\n", "The steps before it are kept and recorded", 2),
    ],
)
def test_a_full_disk_is_named_and_nothing_half_done_is_unrecorded(
    server: EmbeddedPostgres, new_project: Callable[..., Project], before: str, kept: str, segments: int
) -> None:
    project = new_project()
    project.write("1_a.sql", "create table a (n int);\n")
    project.apply()
    project.write("2_b.sql", before + "insert into a values (1);\n")
    with full_disk(server, project, "a"):
        failed = project.fail()
    assert f"2_b.sql line {before.count(chr(10)) + 1}: could not extend file" in failed["msg"]
    assert "No space left on device (SQLSTATE 53100)" in failed["msg"]
    assert kept in failed["msg"]
    assert "Free disk space on the server, then run again." in failed["msg"]
    assert project.exists("other") is bool(segments)
    recorded = project.rows(f"SELECT count(*) FROM {project.journal} WHERE state = 'done'") if segments else [(0,)]
    assert recorded == [(segments,)]
    assert project.apply()["applied"] == ["2"]
    assert project.rows("SELECT n FROM a") == [(1,)]
