"""supabase_migration against a real PostgreSQL server."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import typing as t

import psycopg
import pytest

from tests.integration.migration_lab import Project, dumped, finish

if t.TYPE_CHECKING:
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres

ORDERS = "create table orders (id bigint generated always as identity primary key, note text);\n"
POST = "-- holdfast: phase=post_deployment\n"


@pytest.fixture
def project(tmp_path: Path, fresh_database: str) -> Project:
    made = Project(tmp_path, fresh_database)
    made.folder.mkdir(parents=True)
    return made


@pytest.fixture
def shop(project: Project) -> Project:
    """Three migrations, the second of which contracts."""
    project.write("20260101000000_orders.sql", ORDERS)
    project.write("20260102000000_drop_note.sql", POST + "alter table orders drop column note;\n")
    project.write("20260103000000_paid.sql", "alter table orders add column paid_at timestamptz;\ncomment on table orders is 'a; b';\n")
    return project


def test_pending_migrations_run_in_order_and_are_recorded(shop: Project) -> None:
    result = shop.apply()
    assert result["changed"] is True
    assert result["applied"] == result["pending"] == ["20260101000000", "20260102000000", "20260103000000"]
    assert result["deferred"] == result["rolled_back"] == []
    assert result["contracted"] is True
    assert result["history_head"] == "20260103000000"
    assert shop.history() == [
        ("20260101000000", "orders", [ORDERS.strip().rstrip(";")]),
        ("20260102000000", "drop_note", [POST + "alter table orders drop column note"]),
        ("20260103000000", "paid", ["alter table orders add column paid_at timestamptz", "comment on table orders is 'a; b'"]),
    ]
    first = result["migrations"][0]
    assert (first["version"], first["name"], first["phase"]) == ("20260101000000", "orders", "pre_deployment")
    assert (first["statements"], first["segments"], first["retries"]) == (1, 1, 0)
    assert first["duration_ms"] >= 0


def test_a_second_run_changes_nothing(shop: Project) -> None:
    shop.apply()
    again = shop.apply()
    assert again["changed"] is False
    assert again["applied"] == again["pending"] == again["migrations"] == []
    assert again["history_head"] == "20260103000000"


def test_a_contracted_release_is_called_so_until_the_next_one_begins(shop: Project) -> None:
    expanded = shop.apply(phase="pre_deployment")
    assert (expanded["contracted"], shop.apply(phase="pre_deployment")["contracted"]) == (False, False)
    assert [shop.apply()["contracted"] for _turn in range(2)] == [True, True]
    shop.write("20260104000000_sizes.sql", "alter table orders add column size int;\n")
    assert shop.apply()["contracted"] is False


def test_a_run_with_nothing_to_do_takes_no_transaction_number(shop: Project) -> None:
    shop.apply()
    before = shop.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
    shop.apply()
    assert shop.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text") == before


def test_check_mode_predicts_the_real_run_and_writes_nothing(shop: Project, postgres_server: EmbeddedPostgres) -> None:
    before = dumped(postgres_server, shop.url)
    transaction = int(shop.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text"))
    predicted = shop.check(_ansible_diff=True)
    assert int(shop.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")) == transaction
    assert dumped(postgres_server, shop.url) == before
    done = shop.apply()
    for key in ("changed", "diff", "applied", "pending", "deferred", "rolled_back", "contracted", "history_head"):
        assert predicted[key] == done[key], key
    measured = ("duration_ms", "lock_wait_ms", "retries")
    assert [{**described, **dict.fromkeys(measured)} for described in done["migrations"]] == predicted["migrations"]


def test_the_diff_shows_the_statements_that_run(shop: Project) -> None:
    diff = shop.check()["diff"]
    assert diff["before"] == {"history_head": None, "run": {}}
    assert diff["after"]["run"]["20260102000000_drop_note.sql"] == {
        "direction": "apply",
        "phase": "post_deployment",
        "statements": [POST + "alter table orders drop column note"],
        "locks": ["line 2: ACCESS EXCLUSIVE on public.orders (new in this run)"],
        "lint": [],
    }


def test_a_run_whose_diff_nobody_sees_returns_neither_statements_nor_locks(shop: Project) -> None:
    done = shop.apply(_ansible_diff=False)
    assert set(map(str, done["diff"]["after"]["run"].values())) == {"{'direction': 'apply'}"}
    assert [described["locks"] for described in done["migrations"]] == [[], [], []]


@pytest.mark.parametrize(
    ("statements", "place"),
    [
        ("create table a (i int);\ncreate table b (i int) -- b\n;\ninsert into a select 1 / i\nfrom (values (0)) v(i);", "line 4"),
        ("create table a (i int);\ncreate table b (i int);\ncreate tabel c (i int);", "line 3"),
        ("create table a (i int);\n\ninsert into a\nselect j from a;", "line 4"),
    ],
    ids=["while it runs", "syntax", "name"],
)
def test_a_file_sent_in_one_message_fails_with_its_statement_and_leaves_nothing(project: Project, statements: str, place: str) -> None:
    project.write("1_a.sql", statements)
    failed = project.fail()
    assert failed["failed_migration"]["place"].endswith(f"1_a.sql {place}")
    assert failed["failed_migration"]["statement"] in statements
    assert not project.exists("a")


def test_what_the_end_of_the_transaction_finds_is_told_as_such(project: Project) -> None:
    project.write("1_a.sql", "create table a (i int unique deferrable initially deferred);\ninsert into a values (1), (1)")
    assert "1_a.sql at its COMMIT" in project.fail()["msg"]
    assert not project.exists("a")


def test_phases_expand_first_and_contract_later(shop: Project) -> None:
    expanded = shop.apply(phase="pre_deployment")
    assert expanded["applied"] == ["20260101000000", "20260103000000"]
    assert expanded["deferred"] == ["20260102000000"]
    assert expanded["contracted"] is False
    contracted = shop.apply(phase="post_deployment")
    assert contracted["applied"] == ["20260102000000"]
    assert contracted["contracted"] is True
    assert contracted["history_head"] == "20260103000000"
    assert shop.apply()["changed"] is False


def test_a_contraction_before_its_expansion_is_refused(shop: Project) -> None:
    failed = shop.fail(phase="post_deployment")
    assert "20260102000000_drop_note.sql cannot run before 20260101000000_orders.sql" in failed["msg"]
    assert "phase=pre_deployment" in failed["msg"]


def test_a_failing_statement_keeps_nothing_of_its_file_and_names_file_and_line(shop: Project) -> None:
    shop.write("20260104000000_wrong.sql", "create table kept_out (id int);\n\n-- why\nselect 1,\n  nothing\nfrom orders;\n")
    failed = shop.fail()
    assert 'supabase/migrations/20260104000000_wrong.sql line 5: column "nothing" does not exist (SQLSTATE 42703)' in failed["msg"]
    assert "Nothing of this file was kept." in failed["msg"]
    assert failed["finished"] == ["20260101000000", "20260102000000", "20260103000000"]
    assert failed["failed_migration"]["version"] == "20260104000000"
    assert failed["failed_migration"]["sqlstate"] == "42703"
    assert not shop.exists("kept_out")
    assert len(shop.history()) == 3


def test_a_deferred_constraint_that_fails_at_commit_keeps_nothing(project: Project) -> None:
    project.write(
        "1_a.sql",
        "create table a (id int primary key);\n"
        "create table b (a int references a deferrable initially deferred);\ninsert into b values (1);\n",
    )
    assert "1_a.sql at its COMMIT: insert or update on table" in project.fail()["msg"]
    assert not project.exists("b")


def test_lock_table_and_savepoints_work(project: Project) -> None:
    project.write("1_a.sql", ORDERS)
    project.write(
        "2_b.sql",
        "lock table orders in share mode;\nsavepoint s;\ninsert into orders (note) values ('x');\nrollback to savepoint s;\n"
        "insert into orders (note) values ('y');\n",
    )
    assert project.apply()["migrations"][1]["segments"] == 1
    assert project.rows("SELECT note FROM orders") == [("y",)]


def test_an_index_is_built_concurrently_between_two_transactions(project: Project) -> None:
    project.write("1_a.sql", ORDERS)
    project.write(
        "2_b.sql", "set search_path = public;\ncreate index concurrently on orders (note);\ncomment on table orders is 'x';\n-- end\n"
    )
    result = project.apply()
    assert result["migrations"][1]["segments"] == 3
    assert project.value("SELECT count(*) FROM pg_index WHERE indrelid = 'orders'::regclass AND indisvalid") == 2
    assert not project.exists("supabase_migrations.holdfast_journal")
    assert project.history()[1][2][-1] == "-- end"


def test_a_statement_that_cannot_run_in_a_transaction_may_come_last(project: Project) -> None:
    project.write("1_a.sql", ORDERS + "vacuum orders;\n")
    assert project.apply()["migrations"][0]["segments"] == 2
    assert not project.exists("supabase_migrations.holdfast_journal")


def test_a_failed_unique_index_leaves_nothing_invalid_and_the_next_run_goes_on(project: Project) -> None:
    project.write("1_a.sql", ORDERS + "insert into orders (note) values ('x'), ('x');\n")
    project.write(
        "2_b.sql", "create table before_it ();\ncreate unique index concurrently note_key on orders (note);\ncreate table after_it ();\n"
    )
    failed = project.fail()
    assert "2_b.sql line 2: could not create unique index" in failed["msg"]
    assert "the next run goes on where this one stopped" in failed["msg"]
    assert not project.exists("note_key")
    assert project.exists("before_it")
    assert project.exists("supabase_migrations.holdfast_journal")
    project.execute("DELETE FROM orders WHERE id = 2")
    assert project.apply()["applied"] == ["2"]
    assert project.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'note_key'::regclass")
    assert project.exists("after_it")
    assert not project.exists("supabase_migrations.holdfast_journal")


def test_an_invalid_index_of_another_tool_is_rebuilt_also_with_if_not_exists(project: Project) -> None:
    project.write("1_a.sql", ORDERS + "insert into orders (note) values ('x'), ('x');\n")
    project.apply()
    with psycopg.connect(project.url, autocommit=True) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY note_key ON orders (note)")
    project.execute("DELETE FROM orders WHERE id = 2")
    project.write("2_b.sql", "create unique index concurrently if not exists note_key on orders (note);\n")
    result = project.apply()
    assert any("Dropped the INVALID index note_key" in str(warning) for warning in result["warnings"])
    assert project.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'note_key'::regclass")


def test_a_part_that_ran_must_not_be_edited_before_the_next_run(project: Project) -> None:
    project.write("1_a.sql", "create table a ();\nvacuum nothing;\n")
    project.fail()
    project.write("1_a.sql", "create table b ();\nvacuum;\n")
    failed = project.fail()
    assert "these were edited since" in failed["msg"]
    assert "state=repaired and versions=1 to start over" in failed["msg"]
    project.write("1_a.sql", "create table a ();\nvacuum a;\n")
    assert project.apply()["applied"] == ["1"]


def test_the_authors_own_transactions_are_respected(project: Project) -> None:
    project.write("1_a.sql", "begin;\ncreate table a ();\ncommit;\nbegin;\ncreate table b ();\nrollback;\ncreate table c ();\n")
    assert project.apply()["migrations"][0]["segments"] == 3
    assert [project.exists(name) for name in "abc"] == [True, False, True]
    assert not project.exists("supabase_migrations.holdfast_journal")


def test_a_file_that_is_one_transaction_of_its_author_is_all_or_nothing(project: Project) -> None:
    project.write("1_a.sql", "begin;\ncreate table a ();\nselect nothing;\ncommit;\n")
    assert "Nothing of this file was kept" in project.fail()["msg"]
    assert not project.exists("a")
    assert not project.exists("supabase_migrations.holdfast_journal")


def test_the_pragma_of_the_cli_commits_every_statement(project: Project) -> None:
    project.write("1_a.sql", "-- pg-delta: transaction=false\ncreate table a ();\nselect nothing;\n")
    project.fail()
    assert project.exists("a")
    project.write("1_a.sql", "-- pg-delta: transaction=false\ncreate table a ();\nselect 1;\n")
    assert project.apply()["applied"] == ["1"]


def test_settings_of_one_file_do_not_reach_the_next(project: Project) -> None:
    project.write("1_a.sql", "create schema shop;\nset search_path = shop;\nset lock_timeout = 0;\ncreate table a ();\n")
    project.write("2_b.sql", "create table b (timeout text);\ninsert into b values (current_setting('lock_timeout'));\n")
    project.apply(lock_timeout=7)
    assert project.exists("shop.a")
    assert project.rows("SELECT timeout FROM public.b") == [("7s",)]


def test_a_value_added_to_an_enum_can_be_used_in_the_same_file(project: Project) -> None:
    project.write("1_a.sql", "create type color as enum ('red');\ncreate table a (c color);\n")
    project.write("2_b.sql", "alter type color add value 'blue';\ninsert into a values ('blue');\n")
    assert project.apply()["migrations"][1]["segments"] == 2


def test_empty_and_comment_only_files_are_recorded_as_the_cli_does(project: Project) -> None:
    project.write("1_empty.sql", "")
    project.write("2_comment.sql", "-- nothing yet\n")
    project.write("3_bom.sql", "\ufeffselect 1;\r\nselect 2;\r\n")
    project.apply()
    assert [row[2] for row in project.history()] == [[], ["-- nothing yet"], ["select 1", "select 2"]]


def test_rolling_back_runs_the_scripts_newest_first(shop: Project) -> None:
    shop.apply()
    shop.write_rollback("20260103000000_paid.sql", "alter table orders drop column paid_at;\n")
    shop.write_rollback("20260102000000_drop_note.sql", "alter table orders add column note text;\n")
    options = {"state": "rolled_back", "to": "20260101000000"}
    predicted = shop.check(**options)
    done = shop.apply(**options)
    assert done["rolled_back"] == predicted["rolled_back"] == ["20260103000000", "20260102000000"]
    assert done["diff"] == predicted["diff"]
    assert done["history_head"] == "20260101000000"
    assert shop.rows("SELECT attname FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped") == [
        ("id",), ("note",),
    ]  # fmt: skip
    assert shop.apply(**options)["changed"] is False
    assert shop.apply()["applied"] == ["20260102000000", "20260103000000"]


def test_a_missing_rollback_script_is_named_before_anything_runs(shop: Project) -> None:
    shop.apply()
    shop.write_rollback("20260103000000_paid.sql", "alter table orders drop column paid_at;\n")
    failed = shop.fail(state="rolled_back", to="0")
    assert "20260102000000_drop_note.sql, 20260101000000_orders.sql" in failed["msg"]
    assert len(shop.history()) == 3


def test_rolling_back_to_a_version_that_never_ran_is_refused(shop: Project) -> None:
    shop.apply()
    assert "to=2026 is not a version that the database has run" in shop.fail(state="rolled_back", to="2026")["msg"]


def test_an_edited_file_is_noticed_and_another_layout_is_not(shop: Project) -> None:
    shop.apply()
    shop.write("20260101000000_orders.sql", "\ufeff" + ORDERS.replace("\n", "\r\n\r\n"))
    assert shop.apply(on_edited="fail")["changed"] is False
    shop.write("20260101000000_orders.sql", ORDERS.replace("note", "remark"))
    assert "Edited after they ran: 20260101000000_orders.sql" in str(shop.apply()["warnings"])
    assert not shop.apply(on_edited="ignore").get("warnings")
    assert "put the change into a new migration" in shop.fail(on_edited="fail")["msg"]


def test_what_only_the_database_knows_stops_the_run(shop: Project) -> None:
    shop.apply()
    (shop.folder / "20260102000000_drop_note.sql").unlink()
    assert "20260102000000_drop_note" in shop.fail()["msg"]
    assert "20260102000000_drop_note" in str(shop.apply(on_missing_locally="warn")["warnings"])
    assert shop.apply(on_missing_locally="ignore")["changed"] is False


def test_a_late_migration_stops_the_run_unless_allowed(shop: Project) -> None:
    shop.apply()
    shop.write("20260101120000_late.sql", "create table late ();\n")
    assert "Older than 20260103000000" in shop.fail()["msg"]
    assert shop.apply(on_out_of_order="ignore")["applied"] == ["20260101120000"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("2_x.sql", b"select 1;\nselect '\xff';\n", "2_x.sql line 2 is not UTF-8"),
        ("2_x.sql", "select 1;\n\nselect 'open;\n", "2_x.sql line 3: the quoted string that begins there never ends"),
        ("2_x.sql", "select 1;\n\\echo hello\n", "2_x.sql line 2 holds a backslash outside of quotes"),
        ("2_x.sql", "create table x ();\ncopy x from stdin;\n1\n\\.\n", "2_x.sql line 2: COPY from or to the client"),
        ("2_x.sql", "create table x ();\ncopy x (a)\nfrom stdin with (format csv);\n", "2_x.sql line 2: COPY from or to the client"),
        ("2_x.sql", "select 1;\0", "2_x.sql line 1 holds a NUL"),
        ("1_again.sql", "select 1;", "have the same version 1"),
        ("two.sql", "select 1;", "is not <version>_<name>.sql"),
        ("2_x.sql", "-- holdfast: phase=later\nselect 1;", "2_x.sql line 1: 'holdfast: phase=later' is not known"),
    ],
)
def test_bad_files_are_refused_before_anything_runs(project: Project, name: str, content: str | bytes, message: str) -> None:
    project.write("1_good.sql", "create table good ();\n")
    project.write(name, content)
    assert message in project.fail()["msg"]
    assert not project.exists("good")
    assert not project.exists("supabase_migrations.schema_migrations")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"to": "1"}, "to belongs to state=rolled_back and state=baselined, not to state=applied"),
        ({"state": "rolled_back"}, "state=rolled_back needs to."),
        ({"state": "repaired"}, "state=repaired needs versions."),
        ({"state": "baselined"}, "state=baselined needs to or versions."),
        ({"versions": ["1"]}, "versions belongs to state=baselined and state=repaired, not to state=applied"),
        ({"lock_timeout": 0}, "lock_timeout=0 is not above 0"),
        ({"lock_wait": -1}, "lock_wait=-1 is below 0"),
        ({"phase": "later"}, "value of phase must be one of"),
        ({"migrations_dir": "/nowhere/at/all"}, "The folder /nowhere/at/all does not exist"),
        ({"database_url": "postgresql://u:hunter22@127.0.0.1:6543/x"}, "transaction-mode pooler"),
    ],
)
def test_bad_options_are_refused(project: Project, options: dict[str, t.Any], message: str) -> None:
    failed = project.fail(**options)
    assert message in failed["msg"]
    assert "hunter22" not in failed["raw"]


def test_a_wrong_password_is_reported_without_showing_it(project: Project, postgres_server: EmbeddedPostgres) -> None:
    url = project.url.replace(postgres_server.password, "hunter22")
    failed = project.fail(database_url=url)
    assert "password authentication failed" in failed["msg"]
    assert "hunter22" not in failed["raw"]


def test_a_folder_without_migrations_is_a_warning(project: Project) -> None:
    result = project.apply()
    assert result["changed"] is False
    assert result["history_head"] is None
    assert "No migration was found in" in str(result["warnings"])


def test_the_history_of_an_old_cli_gets_its_missing_columns(project: Project) -> None:
    project.execute(
        "CREATE SCHEMA supabase_migrations",
        "CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY)",
        "INSERT INTO supabase_migrations.schema_migrations VALUES ('1')",
    )
    project.write("1_a.sql", ORDERS)
    assert project.apply()["changed"] is False
    project.write("2_b.sql", "create table b ();\n")
    assert project.apply()["applied"] == ["2"]
    assert project.history() == [("1", None, None), ("2", "b", ["create table b ()"])]


def test_the_password_is_in_no_command_line_and_no_log(shop: Project, postgres_server: EmbeddedPostgres) -> None:
    process = shop.start()
    with open(f"/proc/{process.pid}/cmdline", "rb") as handle:
        assert postgres_server.password.encode() not in handle.read()
    assert postgres_server.password not in finish(process)["raw"]


PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Migrate
      holdfast.webops.supabase_migration:
        database_url: "{{ lookup('ansible.builtin.env', 'DATABASE_URL') }}"
        migrations_dir: supabase/migrations
        %s
      register: done
    - name: Show
      ansible.builtin.debug:
        msg: "{{ done | to_json }}"
"""


def play(project: Project, extra: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the task in a playbook that lies beside the folder supabase."""
    book = project.root / "site.yml"
    book.write_text(PLAY % extra, encoding="utf-8")
    environment = {**os.environ, "DATABASE_URL": project.url, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    argv = [
        "ansible-playbook",
        "-i",
        "localhost,",
        "-c",
        "local",
        "-e",
        f"ansible_python_interpreter={sys.executable}",
        *arguments,
        str(book),
    ]
    return subprocess.run(argv, env=environment, cwd="/", capture_output=True, text=True, timeout=120, check=False)


def test_the_controller_reads_the_files_and_the_module_runs_them(shop: Project, postgres_server: EmbeddedPostgres) -> None:
    checked = play(shop, "phase: pre_deployment", "--check", "--diff")
    assert checked.returncode == 0, checked.stdout
    assert "create table orders" in checked.stdout
    assert not shop.exists("orders")
    done = play(shop, "phase: pre_deployment", "-vvv")
    assert done.returncode == 0, done.stdout
    assert "changed=1" in done.stdout
    assert [row[0] for row in shop.history()] == ["20260101000000", "20260103000000"]
    assert postgres_server.password not in checked.stdout + done.stdout + done.stderr
    assert base64.b64encode(ORDERS.encode()).decode() not in done.stdout
    shop.write_rollback("20260103000000_paid.sql", "alter table orders drop column paid_at;\n")
    back = play(shop, 'state: rolled_back\n        to: "20260101000000"')
    assert "changed=1" in back.stdout, back.stdout
    assert [row[0] for row in shop.history()] == ["20260101000000"]


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("state: rolled_back\n        to: '0'\n        rollback_dir: nowhere", "rollback_dir=nowhere is no folder on the controller"),
        ("contents: {migrations: {}}", "contents is filled in by the controller"),
        ("bogus: 1", "Unsupported parameters"),
    ],
)
def test_a_task_that_cannot_work_says_why(shop: Project, extra: str, message: str) -> None:
    failed = play(shop, extra)
    assert failed.returncode != 0
    assert message in " ".join(failed.stdout.replace("\\n", " ").split()), failed.stdout
