"""The Supabase CLI 3.1.0 and supabase_migration on the same project: either can finish what the other began."""

from __future__ import annotations

import typing as t

import pytest

from tests.integration.migration_lab import Project, dumped

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conformance.migrations.vendors import SupabaseCli
    from tools.embedded.postgres import EmbeddedPostgres

# Every trap of the splitter that the CLI itself survives, one file each.
FILES = {
    "20260101000000_orders.sql": "create table orders (id int primary key, note text default 'it''s; so');\n-- the end\n",
    "20260102000000_function.sql": (
        "create function f() returns text language plpgsql as $body$\nbegin\n  return 'a;b'; -- c;\nend;\n$body$;\n"
        "create function g(x int) returns int begin atomic select case when x > 1 then 2 else 3 end; select 4; end;\n"
    ),
    "20260103000000_strings.sql": (
        "comment on table orders is E'it\\'s; so'\n';x';\n/* one; /* two; */ three; */ select $$;$$, U&'d\\0061t', \"id\" from orders;;;\n"
        'select 1 as "a;b" ; select $tag$ $$ ; $tag$;'
    ),
    "20260104000000_.sql": "",
    "20260105000000_only a comment é.sql": "-- nothing\n/* at all; */\n",
    "20260106000000_windows.sql": "\ufeffcreate table w (\r\n  a int\r\n);\r\n\r\ninsert into w values (1);\r\n",
    "20260107000000_concurrently.sql": (
        "alter table orders add column paid_at timestamptz;\n-- why\ncreate index concurrently orders_paid on orders (paid_at);\n"
        "create index on orders (note);\n"
    ),
    "20260108000000_transaction.sql": "begin;\ncreate table mine ();\ncommit;\ncreate table yours ();\n",
    "20260108500000_procedure.sql": (
        "create procedure pay() language plpgsql as $$ begin insert into w values (2); commit; end $$;\ncall pay();\n"
        "do $$ begin insert into w values (3); commit; end $$;\n"
    ),
    "20260109000000_pragma.sql": "-- pg-delta: transaction=false\ncreate table p ();\nvacuum p;\n",
    "20260110000000_rule.sql": "create rule r as on insert to w do also (select 1; select 2);\n",
    "20260111000000_contract.sql": "-- holdfast: phase=post_deployment\ndrop table p;\n",
    "20260112000000_settings.sql": "set search_path = '';\nselect set_config('lock_timeout', '1s', false);\ncreate table public.s ();\n",
    "20260113000000_after.sql": "create table after_settings ();\n",
}


@pytest.fixture
def project_of(new_project: Callable[[str], Project]) -> Callable[[str], Project]:
    """Call it for a project with all files and an empty database of its own."""
    return lambda title: with_files(new_project(title), FILES)


def with_files(project: Project, files: t.Iterable[str]) -> Project:
    for name in files:
        project.write(name, FILES[name])
    return project


def half(project: Project) -> list[str]:
    """Take the second half of the files away; returns their names."""
    later = list(FILES)[len(FILES) // 2 :]
    for name in later:
        (project.folder / name).unlink()
    return later


@pytest.fixture
def by_cli_alone(project_of: Callable[[str], Project], supabase_cli: SupabaseCli) -> Project:
    project = project_of("alone")
    supabase_cli.push(project)
    return project


def assert_same(server: EmbeddedPostgres, ours: Project, theirs: Project) -> None:
    assert ours.history() == theirs.history()
    assert dumped(server, ours.url) == dumped(server, theirs.url)


def test_the_module_alone_leaves_what_the_cli_leaves(
    by_cli_alone: Project, project_of: Callable[[str], Project], supabase_cli: SupabaseCli, postgres_server: EmbeddedPostgres
) -> None:
    project = project_of("module")
    project.apply()
    assert_same(postgres_server, project, by_cli_alone)
    assert "up to date" in supabase_cli.push(project)


def test_the_cli_finishes_what_the_module_began(
    by_cli_alone: Project, project_of: Callable[[str], Project], supabase_cli: SupabaseCli, postgres_server: EmbeddedPostgres
) -> None:
    project = project_of("ours_first")
    later = half(project)
    assert len(project.apply()["applied"]) == len(FILES) - len(later)
    supabase_cli.push(with_files(project, later))
    assert_same(postgres_server, project, by_cli_alone)
    assert project.apply(on_edited="fail")["changed"] is False


def test_the_module_finishes_what_the_cli_began(
    by_cli_alone: Project, project_of: Callable[[str], Project], supabase_cli: SupabaseCli, postgres_server: EmbeddedPostgres
) -> None:
    project = project_of("theirs_first")
    later = half(project)
    supabase_cli.push(project)
    assert len(with_files(project, later).apply(on_edited="fail")["applied"]) == len(later)
    assert_same(postgres_server, project, by_cli_alone)
    assert "up to date" in supabase_cli.push(project)


def test_after_a_rollback_the_cli_sees_the_migration_as_pending(project_of: Callable[[str], Project], supabase_cli: SupabaseCli) -> None:
    project = project_of("rollback")
    project.apply()
    project.write_rollback("20260113000000_after.sql", "drop table after_settings;\n")
    project.apply(state="rolled_back", to="20260112000000")
    assert "20260113000000_after.sql" in supabase_cli.push(project)
    assert project.apply()["changed"] is False


def test_the_cli_ignores_the_journal_of_an_unfinished_file(project_of: Callable[[str], Project], supabase_cli: SupabaseCli) -> None:
    project = project_of("journal")
    half(project)
    project.write("20260120000000_broken.sql", "create table begun ();\nvacuum nothing;\n")
    project.fail()
    assert project.exists("supabase_migrations.holdfast_journal")
    (project.folder / "20260120000000_broken.sql").unlink()
    assert "up to date" in supabase_cli.push(project)
    assert supabase_cli.run(project, "migration", "list").returncode == 0


def test_a_run_against_a_running_push_ends_in_one_row_per_migration(
    project_of: Callable[[str], Project], supabase_cli: SupabaseCli, by_cli_alone: Project, postgres_server: EmbeddedPostgres
) -> None:
    project = project_of("at_once")
    process = project.start()
    pushed = supabase_cli.run(project, "db", "push")
    process.communicate(timeout=120)
    assert pushed.returncode in (0, 1)
    project.apply()
    assert_same(postgres_server, project, by_cli_alone)
