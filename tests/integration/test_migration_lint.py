"""What is seen of a migration before it runs: lint, sizes and rehearsal, against a real PostgreSQL server."""

from __future__ import annotations

import shutil
import typing as t

import psycopg
import pytest

from tests.integration.migration_lab import PrismaProject, Project, dumped

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres

FILL = "create table orders (id bigint primary key, note text); insert into orders select n, 'x' from generate_series(1, 3000) n;"
INDEX = "\n-- for the list of orders\ncreate index orders_note on orders (note);\n"
# What a write in this database leaves a trace in: transaction numbers, counted rows, relations, sequences.
TRACES = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text,
       (SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = current_database())::text,
       (SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::text FROM pg_stat_all_tables),
       (SELECT count(*)::text FROM pg_class), (SELECT last_value::text FROM orders_seen)
"""


@pytest.fixture
def project(tmp_path: Path, fresh_database: str) -> Project:
    """A large table (by lint_min_rows=1000) that was there before the migrations."""
    made = Project(tmp_path, fresh_database)
    made.folder.mkdir(parents=True)
    made.execute(FILL, "create sequence orders_seen", "select nextval('orders_seen')")
    return made


def large(**options: t.Any) -> dict[str, t.Any]:
    return {"lint_min_rows": 1000, **options}


def test_the_lint_stops_the_run_before_the_first_statement(project: Project) -> None:
    project.write("1_a.sql", "create table early (id int);\n")
    path = project.write("2_b.sql", INDEX)
    failed = project.fail(**large())
    assert f"Nothing has run: the lint found what would harm a portal in use. {path} line 3: index-without-concurrently:" in failed["msg"]
    assert "lint-ignore=<rule> <why>" in failed["msg"]
    assert [(finding["rule"], finding["line"], finding["ignored"]) for finding in failed["lint"]] == [
        ("index-without-concurrently", 3, None)
    ]
    assert not project.exists("early")
    assert not project.exists("supabase_migrations.schema_migrations")


def test_check_mode_stops_where_the_real_run_would(project: Project) -> None:
    project.write("1_a.sql", INDEX)
    assert project.fail(_ansible_check_mode=True, **large())["lint"] == project.fail(**large())["lint"]


def test_the_same_file_runs_with_a_warning_a_reason_or_a_small_table(project: Project) -> None:
    project.write("1_a.sql", INDEX)
    warned = project.check(**large(lint="warn"))
    assert [finding["rule"] for finding in warned["lint"]] == ["index-without-concurrently"]
    assert any("line 3: index-without-concurrently" in notice for notice in warned["notices"])
    assert project.check(**large(lint="off"))["lint"] == []
    assert project.check()["lint"] == []
    project.write("1_a.sql", INDEX + "-- holdfast: lint-ignore=index-without-concurrently at night nobody writes\n")
    done = project.apply(**large())
    assert [finding["ignored"] for finding in done["lint"]] == ["at night nobody writes"]
    assert done["notices"] == []
    assert project.exists("orders_note")


def test_a_column_in_use_is_dropped_after_the_deployment_only(project: Project) -> None:
    drop = "alter table orders drop column note;\n"
    project.write("1_a.sql", drop)
    assert "drop-in-use" in project.fail()["msg"]
    project.write("1_a.sql", "-- holdfast: phase=post_deployment\n" + drop)
    assert project.apply()["lint"] == []


def test_the_later_phase_is_looked_at_before_the_release_gets_traffic(project: Project) -> None:
    project.write("1_a.sql", "-- holdfast: phase=post_deployment\nupdate orders set note = 'y';\n")
    failed = project.fail(**large(phase="pre_deployment"))
    assert "1_a.sql line 2: every-row-changed" in failed["msg"]
    told = project.apply(**large(phase="pre_deployment", lint="warn"))
    assert told["changed"] is False
    assert [finding["rule"] for finding in told["lint"]] == ["every-row-changed"]
    assert told["migrations"] == []


def test_a_do_block_is_judged_by_its_body_and_what_it_hides_is_told(project: Project) -> None:
    path = project.write("2_do.sql", "do $$ begin\n  update orders set note = '';\nend $$;\ndo $$ begin\n  execute 'select 1';\nend $$;\n")
    assert f"{path} line 2: every-row-changed" in project.fail(**large())["msg"]
    told = project.apply(**large(lint="warn"))["notices"]
    assert told[-1] == f"Not looked into by the lint, because it cannot see what they run: {path} line 4."


def test_prisma_migrations_are_judged_in_their_own_schema(tmp_path: Path, fresh_database: str) -> None:
    project = PrismaProject(tmp_path, fresh_database)
    project.execute('create schema "my-shop"', 'create table "my-shop".goods (id int)', "create table goods (id int)")
    project.execute('insert into "my-shop".goods select generate_series(1, 3000)')
    path = project.write("1_a.sql", "-- index\ncreate index on goods (id);\n")
    project.apply(state="baselined", versions=["1_a"], schema="my-shop")
    project.write("2_b.sql", "alter table goods add column note text not null;\n")
    assert path.name == "migration.sql"
    failed = project.fail(**large(schema="my-shop"))
    assert [(finding["rule"], finding["file"].rpartition("/migrations/")[2]) for finding in failed["lint"]] == [
        ("required-column", "2_b/migration.sql")
    ]


def test_no_literal_gets_into_a_finding(project: Project) -> None:
    project.write("1_a.sql", "update orders set note = 'hunter2-secret';\n")
    failed = project.fail(_ansible_verbosity=4, lint_squawk=True, **large())
    assert "update orders set note = ''" in failed["raw"]
    assert "hunter2-secret" not in failed["raw"]


def test_a_rollback_is_told_and_not_stopped(project: Project) -> None:
    project.write("1_a.sql", "create table extra (id int);\n")
    project.apply()
    project.write_rollback("1_a.sql", "drop table extra; update orders set note = 'y';\n")
    undone = project.apply(**large(state="rolled_back", to="0"))
    assert [finding["rule"] for finding in undone["lint"]] == ["every-row-changed"]
    assert any("every-row-changed" in notice for notice in undone["notices"])


def test_a_file_that_an_earlier_run_began_is_finished_whatever_the_lint_says(project: Project) -> None:
    project.write("1_a.sql", "create index concurrently i on orders (note);\ncreate table broken (id nothing);\n")
    project.fail(**large())
    project.write("1_a.sql", "create index concurrently i on orders (note);\nupdate orders set note = 'z';\n")
    finished = project.apply(**large())
    assert [finding["ignored"] for finding in finished["lint"]] == ["An earlier run has begun this file."]


def test_check_mode_writes_nothing_at_all(project: Project) -> None:
    project.write("1_a.sql", "alter table orders add column paid boolean;\nvacuum orders;\n")
    with psycopg.connect(project.url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("select pg_stat_force_next_flush()")
        before = connection.execute(TRACES.encode()).fetchall()
        checked = project.check(_ansible_diff=True)
        assert connection.execute(TRACES.encode()).fetchall() == before
    assert checked["applied"] == ["1"]


def test_the_diff_names_lock_and_size_of_the_table(project: Project) -> None:
    project.execute("analyze orders")
    project.write("1_a.sql", "alter table orders add column paid boolean;\ncreate table lines (orders bigint references orders);\n")
    shown = project.check()
    size = project.value("select pg_total_relation_size('orders')")
    assert shown["diff"]["after"]["run"]["1_a.sql"]["locks"] == [
        f"line 1: ACCESS EXCLUSIVE on public.orders (about 3000 rows, {size / 2**20:.1f} MiB)",
        "line 2: ACCESS EXCLUSIVE on public.lines (new in this run)",
        f"line 2: SHARE ROW EXCLUSIVE on public.orders (about 3000 rows, {size / 2**20:.1f} MiB)",
    ]
    assert shown["migrations"][0]["locks"][0] == {
        "line": 1, "lock": "ACCESS EXCLUSIVE", "relation": "public.orders", "rows": 3000, "bytes": size, "new": False,
    }  # fmt: skip


def test_a_table_that_was_never_analysed_is_measured_all_the_same(project: Project) -> None:
    project.execute(
        "create table raw (id bigint)",
        "alter table raw set (autovacuum_enabled = false)",
        "insert into raw select generate_series(1, 5000)",
    )
    project.write("1_a.sql", "create index on raw (id);\n")
    assert project.fail(lint_min_rows=1000)["lint"][0]["rule"] == "index-without-concurrently"


def test_partitions_count_with_their_parent(project: Project) -> None:
    project.execute(
        "create table events (id bigint) partition by range (id)",
        "create table events_low partition of events for values from (0) to (600)",
        "create table events_high partition of events for values from (600) to (2000)",
        "insert into events select generate_series(1, 1100)",
        "analyze events",
    )
    project.write("1_a.sql", "alter table events add column what text;\n")
    assert project.check()["migrations"][0]["locks"][0]["rows"] == 1100


def test_a_locked_table_does_not_keep_check_mode_waiting(project: Project) -> None:
    project.execute("analyze orders")
    project.write("1_a.sql", INDEX)
    with psycopg.connect(project.url) as holder:
        holder.execute("lock table orders")
        assert project.fail(_ansible_check_mode=True, lock_timeout=0.2, **large())["lint"][0]["rule"] == "index-without-concurrently"


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("-- holdfast: lint-ignore=truncate", "1_a.sql line 2: a lint-ignore without rule or reason"),
        ("--holdfast: LINT_IGNORE truncate because", "1_a.sql line 2: a lint-ignore without rule or reason"),
        (
            "-- holdfast: lint-ignore=trunkate because",
            "1_a.sql line 2: lint-ignore=trunkate names no rule. Known are check-checked-at-once",
        ),
    ],
)
def test_an_opt_out_needs_a_rule_and_a_reason(project: Project, comment: str, message: str) -> None:
    project.write("1_a.sql", f"create table late (id int);\n{comment}\n")
    assert message in project.fail()["msg"]
    assert not project.exists("late")


def test_squawk_adds_its_findings_and_stops_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    program = shutil.which("squawk")
    assert program, "squawk-cli is pinned in requirements/dev.in"
    project.write("1_a.sql", "create table plain (\n  id int primary key\n);\n")
    path = project.write("2_b.sql", "-- holdfast: lint-ignore=squawk/prefer-bigint-over-int never many\ncreate table other (id int);\n")
    done = project.check(lint_squawk=True)
    found = {(finding["rule"], finding["line"], finding["ignored"]) for finding in done["lint"] if finding["source"] == "squawk"}
    assert ("squawk/prefer-bigint-over-int", 2, None) in found
    assert ("squawk/prefer-bigint-over-int", 2, "never many") in found
    assert str(path) in {finding["file"] for finding in done["lint"]}
    assert any(notice.startswith("squawk has ") for notice in done["notices"])
    monkeypatch.setenv("PATH", "/nowhere")
    assert "The program 'squawk' was not found on this host. Install squawk-cli" in project.fail(lint_squawk=True)["msg"]


def test_a_rehearsal_finds_a_failing_statement_before_the_first_file_runs(project: Project, postgres_server: EmbeddedPostgres) -> None:
    project.write("1_a.sql", "alter table orders add column paid boolean;\n")
    path = project.write("2_b.sql", "update orders set paid = true where id = 1;\n\nalter table orders alter paid\n  set not null;\n")
    before = dumped(postgres_server, project.url)
    failed = project.fail(rehearse=True)
    assert f'The rehearsal failed: {path} line 3: column "paid" of relation "orders" contains null values (SQLSTATE 23502)' in failed["msg"]
    assert failed["failed_migration"]["version"] == "2"
    assert failed["failed_migration"]["place"] == f"{path} line 3"
    assert failed["finished"] == []
    assert dumped(postgres_server, project.url) == before
    assert not project.exists("supabase_migrations.schema_migrations")


def test_a_rehearsal_in_check_mode_leaves_schema_data_and_history_as_they_were(project: Project, postgres_server: EmbeddedPostgres) -> None:
    project.write("1_a.sql", "create table kept (id int);\n")
    project.apply()
    project.write("2_b.sql", "insert into kept values (1);\nset search_path = public;\nalter table orders add column paid boolean;\n")
    project.write(
        "3_c.sql", "begin;\ndrop table kept;\ncommit;\nbegin;\ndrop table orders;\nrollback;\n-- holdfast: lint-ignore=drop-in-use test\n"
    )
    project.write("4_d.sql", "select count(*) from orders;\n")
    before = (dumped(postgres_server, project.url), project.history(), project.value("select count(*) from kept"))
    checked = project.check(rehearse=True)
    assert (dumped(postgres_server, project.url), project.history(), project.value("select count(*) from kept")) == before
    assert checked["rehearsal"] == {"rehearsed": ["2", "3", "4"], "left_out": []}
    assert checked["applied"] == ["2", "3", "4"]
    assert project.check()["rehearsal"] is None


def test_a_rehearsed_run_then_runs(project: Project) -> None:
    project.write("1_a.sql", "alter table orders add column paid boolean;\n")
    done = project.apply(rehearse=True)
    assert done["rehearsal"]["rehearsed"] == ["1"]
    assert done["history_head"] == "1"
    assert project.value("select count(*) from orders where paid is null") == 3000


def test_what_cannot_be_rehearsed_is_listed_and_fails_nothing(project: Project) -> None:
    path = project.write(
        "1_a.sql",
        "alter table orders add column email text;\n\ncreate unique index concurrently orders_email on orders (email);\n"
        "alter table orders add constraint one_email unique using index orders_email;\n",
    )
    project.write("2_b.sql", "create table after (id int);\n")
    done = project.apply(rehearse=True)
    left_out = done["rehearsal"]["left_out"]
    assert [(entry["file"], entry["line"]) for entry in left_out] == [(str(path), 3), (str(path), 4), (str(path).replace("1_a", "2_b"), 1)]
    assert left_out[0]["reason"] == "It does not run in a transaction."
    assert 'index "orders_email" does not exist' in left_out[1]["reason"]
    assert done["rehearsal"]["rehearsed"] == []
    assert done["notices"] == ["3 statement(s) could not be rehearsed; see rehearsal."]
    assert project.exists("after")


def test_a_rehearsal_checks_what_the_commit_would(project: Project) -> None:
    project.write(
        "1_a.sql", "create table lines (orders bigint references orders deferrable initially deferred);\ninsert into lines values (0);\n"
    )
    assert "1_a.sql at its COMMIT: insert or update on table" in project.fail(_ansible_check_mode=True, rehearse=True)["msg"]


def test_a_rehearsal_goes_on_where_an_earlier_run_stopped(project: Project) -> None:
    project.write("1_a.sql", "create table once (id int);\nvacuum orders;\ncreate table twice (id nothing);\n")
    project.fail()
    project.write("1_a.sql", "create table once (id int);\nvacuum orders;\ninsert into once values (1);\n")
    assert project.check(rehearse=True)["rehearsal"] == {"rehearsed": ["1"], "left_out": []}


def test_a_rehearsal_waits_no_longer_for_a_lock_than_the_run(project: Project) -> None:
    project.write("1_a.sql", "alter table orders add column paid boolean;\n")
    with psycopg.connect(project.url) as holder:
        holder.execute("select count(*) from orders")
        failed = project.fail(rehearse=True, lock_timeout=0.6, lock_retries=0)
    assert "The rehearsal failed:" in failed["msg"]
    assert failed["failed_migration"]["sqlstate"] == "55P03"
