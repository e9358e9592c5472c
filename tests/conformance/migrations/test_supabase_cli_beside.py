"""What the Supabase CLI 3.1.0 does beside running migrations (repair, seeds, roles), and what it does with roles and locks."""

from __future__ import annotations

import secrets
import typing as t

import psycopg
import pytest

from tests.integration.migration_lab import Project, dumped
from tests.integration.waiting import wait_for

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conformance.migrations.vendors import SupabaseCli
    from tools.embedded.postgres import EmbeddedPostgres

NewProject = t.Callable[[str], Project]
FILES = {"1_a.sql": "create table a (n text);\n-- tail\n", "2_b.sql": "create table b ();\n", "3_c.sql": "create table c ();\n"}
SEEDING = 'project_id = "oracle"\n[db.seed]\nenabled = true\nsql_paths = ["./seeds/*.sql", "./seed.sql"]\n'
SEED_PATHS = ["./seeds/*.sql", "./seed.sql"]


def with_files(project: Project) -> Project:
    for name, content in FILES.items():
        project.write(name, content)
    return project


def write_beside(project: Project, path: str, content: str) -> None:
    """A file in the folder supabase."""
    file = project.folder.parent / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")


def test_a_baseline_is_what_repair_applied_leaves(
    new_project: NewProject, supabase_cli: SupabaseCli, postgres_server: EmbeddedPostgres
) -> None:
    ours, theirs = with_files(new_project("ours")), with_files(new_project("theirs"))
    assert ours.apply(state="baselined", to="2")["baselined"] == ["1", "2"]
    supabase_cli.succeed(theirs, "migration", "repair", "1", "2", "--status", "applied")
    assert ours.history() == theirs.history()
    assert dumped(postgres_server, ours.url) == dumped(postgres_server, theirs.url)
    for edited in (ours, theirs):
        edited.write("2_b.sql", "create table b (other int);\n")
    assert ours.apply(state="baselined", versions=["2"])["baselined"] == ["2"]
    supabase_cli.succeed(theirs, "migration", "repair", "2", "--status", "applied")
    assert ours.history() == theirs.history()
    assert "3_c.sql" in supabase_cli.push(ours)
    assert theirs.apply(on_edited="fail")["applied"] == ["3"]
    assert ours.history() == theirs.history()


def test_a_repair_is_what_repair_reverted_leaves(new_project: NewProject, supabase_cli: SupabaseCli) -> None:
    ours, theirs = with_files(new_project("ours")), with_files(new_project("theirs"))
    ours.apply()
    supabase_cli.push(theirs)
    assert ours.apply(state="repaired", versions=["3", "2"])["repaired"] == ["3", "2"]
    supabase_cli.succeed(theirs, "migration", "repair", "3", "2", "--status", "reverted")
    assert ours.history() == theirs.history()
    assert len(ours.history()) == 1


@pytest.fixture
def role(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """The name of a role that does not exist yet; portal_app may make it meanwhile."""
    name = f"role_{secrets.token_hex(3)}"
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as admin:
        admin.execute("ALTER ROLE portal_app CREATEROLE")
        yield name
        admin.execute(f"DROP ROLE IF EXISTS {name}".encode())
        admin.execute("ALTER ROLE portal_app NOCREATEROLE")


def seeds_of(project: Project) -> tuple[list[tuple[t.Any, ...]], list[tuple[t.Any, ...]]]:
    """What the history knows of the seeds, and what they inserted in which order."""
    return project.rows("SELECT path, hash FROM supabase_migrations.seed_files ORDER BY path"), project.rows("SELECT n FROM a")


def seeded(project: Project, role: str) -> Project:
    write_beside(project, "config.toml", SEEDING)
    write_beside(project, "seed.sql", "insert into public.a values ('seed; 1');\r\n-- end\n")
    write_beside(project, "seeds/z.sql", "insert into public.a values ('z');")
    write_beside(project, "seeds/.y.sql", "insert into public.a values ('y');\n")
    create = f"create role {role}"
    write_beside(project, "roles.sql", f"do $$ begin {create}; exception when duplicate_object then null; end $$;\n")
    return with_files(project)


def test_seeds_and_roles_are_what_the_cli_leaves_and_either_goes_on(
    new_project: NewProject, supabase_cli: SupabaseCli, postgres_server: EmbeddedPostgres, role: str
) -> None:
    ours, theirs = seeded(new_project("ours"), role), seeded(new_project("theirs"), role)
    done = ours.apply(seed_paths=SEED_PATHS, include_roles=True)
    assert done["seeds"] == ["supabase/seeds/.y.sql", "supabase/seeds/z.sql", "supabase/seed.sql"]
    assert done["roles"] is True
    assert ours.value(f"SELECT count(*) FROM pg_roles WHERE rolname = '{role}'") == 1
    supabase_cli.push(theirs, "--include-seed", "--include-roles")
    assert seeds_of(ours) == seeds_of(theirs)
    assert dumped(postgres_server, ours.url) == dumped(postgres_server, theirs.url)
    assert "up to date" in supabase_cli.push(ours, "--include-seed")
    assert theirs.apply(seed_paths=SEED_PATHS)["changed"] is False
    for edited in (ours, theirs):
        write_beside(edited, "seed.sql", "insert into public.a values ('never');\n")
    again = ours.apply(seed_paths=SEED_PATHS)
    assert "only their sums are noted: supabase/seed.sql" in str(again["notices"])
    supabase_cli.push(theirs, "--include-seed")
    assert seeds_of(ours) == seeds_of(theirs)
    assert ("never",) not in seeds_of(ours)[1]


def owners(project: Project) -> list[tuple[t.Any, ...]]:
    return project.rows(
        "SELECT n.nspname || '.' || c.relname, pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('public', 'supabase_migrations') ORDER BY 1"
    )


@pytest.fixture
def supabase_admin(postgres_server: EmbeddedPostgres) -> Iterator[Callable[[Project], Project]]:
    """Call it for the same project, connected as the user for whom the CLI lets postgres work."""
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE supabase_admin SUPERUSER LOGIN PASSWORD '{postgres_server.password}'".encode())
        yield lambda project: Project(project.root, project.url.replace("portal_app:", "supabase_admin:"))
        for (name,) in admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'oracle%'").fetchall():
            with psycopg.connect(postgres_server.url(name), autocommit=True) as inside:
                inside.execute("DROP OWNED BY supabase_admin CASCADE")
        admin.execute("DROP ROLE supabase_admin")


def test_the_user_for_whom_postgres_works_makes_what_it_makes_with_the_cli(
    new_project: NewProject, supabase_cli: SupabaseCli, supabase_admin: Callable[[Project], Project]
) -> None:
    ours, theirs = supabase_admin(new_project("ours")), supabase_admin(new_project("theirs"))
    for project in (ours, theirs):
        project.write("1_a.sql", "create table a ();\nset role pg_monitor;\nreset role;\ncreate table b ();\n")
        project.write("2_b.sql", "set session authorization portal_app;\nset session authorization default;\ncreate table c ();\n")
        project.write("3_c.sql", "create index concurrently a_b on a ((1));\ncreate table d ();\n")
    ours.apply()
    supabase_cli.push(theirs)
    assert owners(ours) == owners(theirs)
    assert ("public.b", "postgres") in owners(ours)


def test_a_push_that_meets_our_transaction_fails_cleanly_and_doubles_nothing(new_project: NewProject, supabase_cli: SupabaseCli) -> None:
    """Both have the same file in hand; ours has begun, so the CLI waits for the history and then fails on our row."""
    project = new_project("held")
    project.write("1_a.sql", "create table if not exists a (n int);\n")
    project.apply()
    project.write("2_b.sql", "insert into a values (1);\nselect pg_sleep(4);\n")
    process = project.start()
    sleeping = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%select pg_sleep(4)%' AND pid <> pg_backend_pid()"
    wait_for(lambda: project.rows(sleeping), "the second file of the module")
    pushed = supabase_cli.run(project, "db", "push")
    process.communicate(timeout=120)
    assert pushed.returncode == 1
    assert "23505" in pushed.stdout + pushed.stderr
    assert project.rows("SELECT n FROM a") == [(1,)]
    assert len(project.history()) == 2
    assert "up to date" in supabase_cli.push(project)
