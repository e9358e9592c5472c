"""supabase_migration records, repairs and seeds; and runs what cannot run in a transaction."""

from __future__ import annotations

import secrets
import typing as t

import psycopg
import pytest

from tests.integration.migration_lab import Project, dumped
from tests.integration.test_supabase_migration import play

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tools.embedded.postgres import EmbeddedPostgres


@pytest.fixture
def project(tmp_path: Path, fresh_database: str) -> Project:
    """Three migrations that make the tables a, b and c."""
    made = Project(tmp_path, fresh_database)
    for number, name in enumerate("abc", start=1):
        made.write(f"{number}_{name}.sql", f"create table {name} (n text);\n")
    return made


@pytest.fixture
def as_superuser(project: Project, postgres_server: EmbeddedPostgres) -> Project:
    """The same project without migrations, connected as the administrator."""
    for file in project.folder.iterdir():
        file.unlink()
    return Project(project.root, postgres_server.url(project.url.rpartition("/")[2]))


def test_a_baseline_records_without_running_and_says_so_before(project: Project, postgres_server: EmbeddedPostgres) -> None:
    before = dumped(postgres_server, project.url)
    predicted = project.check(state="baselined", to="2")
    assert dumped(postgres_server, project.url) == before
    done = project.apply(state="baselined", to="2")
    for key in ("changed", "diff", "baselined", "applied", "pending", "history_head"):
        assert predicted[key] == done[key], key
    assert (done["changed"], done["baselined"], done["applied"], done["history_head"]) == (True, ["1", "2"], [], "2")
    assert done["diff"]["after"]["run"]["1_a.sql"]["direction"] == "baseline"
    assert not project.exists("a")
    assert project.apply(state="baselined", to="2")["changed"] is False
    assert project.apply()["applied"] == ["3"]


def test_a_baseline_accepts_an_edited_file_as_what_ran(project: Project) -> None:
    project.apply()
    project.write("2_b.sql", "create table b (n text, m int);\n")
    assert "Edited after they ran" in str(project.apply()["notices"])
    assert project.apply(state="baselined", versions=["2"])["baselined"] == ["2"]
    assert project.apply()["notices"] == []


def test_a_baseline_of_a_version_without_a_file_changes_nothing(project: Project) -> None:
    assert "versions: no migration in" in project.fail(state="baselined", versions=["1", "77"])["msg"]
    assert not project.exists("supabase_migrations.schema_migrations")


def test_a_repair_makes_versions_pending_again(project: Project) -> None:
    project.apply()
    predicted = project.check(state="repaired", versions=["2", "3"])
    assert len(project.history()) == 3
    done = project.apply(state="repaired", versions=["2", "3"])
    assert predicted["diff"] == done["diff"]
    assert (done["repaired"], done["history_head"], done["rolled_back"]) == (["2", "3"], "1", [])
    assert project.exists("b")
    assert project.apply(state="repaired", versions=["2", "3"])["changed"] is False
    assert "knows: 44" in str(project.apply(state="repaired", versions=["44"])["notices"])


def test_a_row_that_no_checkout_holds_is_repaired_away(project: Project) -> None:
    project.apply()
    (project.folder / "3_c.sql").unlink()
    assert "3_c" in project.fail()["msg"]
    assert project.apply(state="repaired", versions=["3"])["repaired"] == ["3"]
    assert project.apply()["changed"] is False


def test_a_repair_starts_an_unfinished_file_over(project: Project) -> None:
    project.write("4_d.sql", "create table d ();\nvacuum nothing;\n")
    project.fail()
    done = project.apply(state="repaired", versions=["4"])
    assert done["repaired"] == ["4"]
    assert "4: 1 steps of its apply had run" in str(done["notices"])
    assert not project.exists("supabase_migrations.holdfast_journal")
    project.execute("DROP TABLE d")
    project.write("4_d.sql", "create table d (other int);\n")
    assert project.apply()["applied"] == ["4"]


def test_a_baseline_ends_an_unfinished_file(project: Project) -> None:
    project.write("4_d.sql", "create table d ();\nvacuum nothing;\n")
    project.fail()
    assert project.apply(state="baselined", versions=["4"])["baselined"] == ["4"]
    assert not project.exists("supabase_migrations.holdfast_journal")
    assert project.apply()["changed"] is False


@pytest.mark.parametrize(("policy", "runs", "notices"), [("ignore", True, 0), ("warn", True, 1), ("fail", False, 0)])
def test_a_file_that_failed_half_way_follows_its_policy(project: Project, policy: str, runs: bool, notices: int) -> None:
    project.write("4_d.sql", "create table d ();\nvacuum nothing;\n")
    project.fail()
    project.write("4_d.sql", "create table d ();\nvacuum d;\n")
    result = project.run(on_failed=policy)
    assert (not result.get("failed")) is runs
    if runs:
        assert len(result["notices"]) == notices
    else:
        assert "Failed earlier and not finished since: 4_d.sql (after 1 finished steps)" in result["msg"]
        assert "state=repaired" in result["msg"]
        assert project.exists("supabase_migrations.holdfast_journal")


def test_a_connection_may_be_given_in_parts(project: Project, postgres_server: EmbeddedPostgres) -> None:
    database = project.url.rpartition("/")[2]
    parts = {"host": "127.0.0.1", "port": postgres_server.port, "user": "portal_app", "password": postgres_server.password}
    result = project.apply(database_url=None, dbname=database, sslmode="prefer", **parts)
    assert result["applied"] == ["1", "2", "3"]
    assert postgres_server.password not in result["raw"]
    wrong = project.fail(database_url=None, database=database, **{**parts, "password": "hunter22"})
    assert "password authentication failed" in wrong["msg"]
    assert "hunter22" not in wrong["raw"]
    demanding = project.fail(database_url=None, database=database, sslmode="verify-full", sslrootcert="system", **parts)
    assert "Check sslmode, sslrootcert and the certificate" in demanding["msg"]
    assert "twice" in project.fail(port=5432)["msg"]
    assert "transaction-mode pooler" in project.fail(database_url=None, database=database, **{**parts, "port": 6543})["msg"]


def test_the_pooler_parameter_of_a_url_is_refused_with_the_right_port(project: Project) -> None:
    failed = project.fail(database_url=f"{project.url}?pgbouncer=true")
    assert "transaction-mode pooler" in failed["msg"]
    assert "port 5432" in failed["msg"]
    assert project.apply(database_url=f"{project.url}?pgbouncer=false")["changed"] is True


def test_the_controller_sends_the_seeds_in_their_order(project: Project) -> None:
    for name in ("z.sql", "seeds/y.sql", "seeds/x.sql"):
        file = project.folder.parent / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"insert into a values ('{name}');", encoding="utf-8")
    (project.folder.parent / "roles.sql").write_text("select 1;\n", encoding="utf-8")
    done = play(project, "seed_paths: [z.sql, seeds]\n        include_roles: true")
    assert "changed=1" in done.stdout, done.stdout
    assert project.rows("SELECT n FROM a") == [("z.sql",), ("seeds/x.sql",), ("seeds/y.sql",)]


def test_check_mode_says_which_seeds_would_run_and_runs_none(project: Project) -> None:
    project.apply()
    (project.folder.parent / "seed.sql").write_text("insert into a values ('x');", encoding="utf-8")
    predicted = project.check(seed_paths=["seed.sql"])
    assert not project.exists("supabase_migrations.seed_files")
    done = project.apply(seed_paths=["seed.sql"])
    assert predicted["diff"] == done["diff"]
    assert predicted["seeds"] == done["seeds"] == ["supabase/seed.sql"]
    assert done["diff"]["after"]["run"] == {"supabase/seed.sql": {"direction": "seed", "statements": ["insert into a values ('x')"]}}
    assert project.apply(seed_paths=["seed.sql"])["changed"] is False


def test_a_seed_that_fails_keeps_nothing_and_is_named(project: Project) -> None:
    (project.folder.parent / "seed.sql").write_text("insert into a values ('x');\ninsert into nowhere values (1);", encoding="utf-8")
    failed = project.fail(seed_paths=["seed.sql"])
    assert 'supabase/seed.sql line 2: relation "nowhere" does not exist' in failed["msg"]
    assert "Nothing of this file was kept." in failed["msg"]
    assert failed["finished"] == ["1", "2", "3"]
    assert project.rows("SELECT n FROM a") == []
    assert len(project.history()) == 3
    assert "belongs to state=applied" in project.fail(state="repaired", versions=["1"], seed_paths=["seed.sql"])["msg"]
    assert "nothing matches nope.sql" in project.fail(seed_paths=["nope.sql"])["msg"]


@pytest.fixture
def other_role(project: Project, postgres_server: EmbeddedPostgres) -> Iterator[str]:
    """A role that portal_app may become and that may make tables, but knows nothing of the history."""
    name = f"other_{secrets.token_hex(3)}"
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name}".encode())
        admin.execute(f"GRANT {name} TO portal_app".encode())
        project.execute(f"GRANT CREATE ON SCHEMA public TO {name}")
        yield name
        with psycopg.connect(postgres_server.url(project.url.rpartition("/")[2]), autocommit=True) as inside:
            inside.execute(f"DROP OWNED BY {name} CASCADE".encode())
        admin.execute(f"DROP ROLE {name}".encode())


@pytest.mark.parametrize("setting", ["set role", "set session role", "set local role"])
def test_a_role_that_a_file_sets_holds_to_its_end_and_no_longer(project: Project, other_role: str, setting: str) -> None:
    project.write("4_d.sql", f"{setting} {other_role};\ncreate table d ();\n")
    project.write("5_e.sql", f"{setting} {other_role};\ncreate table e ();\nvacuum e;\ncreate table f ();\n")
    project.write("6_g.sql", "create table g ();\n")
    project.apply()
    kept = "portal_app" if "local" in setting else other_role
    owners = dict(project.rows("SELECT relname, pg_get_userbyid(relowner) FROM pg_class WHERE relname IN ('d', 'e', 'f', 'g')"))
    assert owners == {"d": other_role, "e": other_role, "f": kept, "g": "portal_app"}


def test_what_cannot_run_in_a_transaction_runs_alone(as_superuser: Project) -> None:
    project, name = as_superuser, f"made_{secrets.token_hex(3)}"
    project.write(
        "1_a.sql", "create table p (n int) partition by range (n);\ncreate table p1 partition of p for values from (0) to (10);\n"
    )
    project.write(
        "2_b.sql",
        f"alter table p detach partition p1 concurrently;\ncreate database {name};\ndrop database {name};\n"
        "alter system set work_mem = '5MB';\nalter system reset work_mem;\ncreate index p1_n on p1 (n);\n"
        "reindex index concurrently p1_n;\nreindex (concurrently) table p1;\nvacuum (analyze) p1;\ndrop index concurrently p1_n;\n"
        "cluster;\ncreate table last ();\n",
    )
    assert project.apply()["migrations"][1]["segments"] == 12
    assert project.value("SELECT count(*) FROM pg_inherits WHERE inhparent = 'p'::regclass") == 0
    assert project.exists("last")
    assert not project.exists("supabase_migrations.holdfast_journal")
    assert project.apply()["changed"] is False


def test_a_file_that_lets_go_of_all_locks_does_not_let_another_run_in(as_superuser: Project) -> None:
    as_superuser.write("1_a.sql", "discard all;\nselect pg_advisory_unlock_all();\n")
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    as_superuser.write("2_b.sql", f"create table held as {held};\n")
    as_superuser.apply()
    assert as_superuser.rows("SELECT count FROM held") == [(1,)]


@pytest.fixture
def poor(project: Project, postgres_server: EmbeddedPostgres) -> Iterator[Project]:
    """The same project, connected as a role without any privilege."""
    name = f"poor_{secrets.token_hex(3)}"
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{postgres_server.password}'".encode())
        yield Project(project.root, project.url.replace("portal_app:", f"{name}:"))
        with psycopg.connect(postgres_server.url(project.url.rpartition("/")[2]), autocommit=True) as inside:
            inside.execute(f"DROP OWNED BY {name} CASCADE".encode())
        admin.execute(f"DROP ROLE {name}".encode())


def test_missing_privileges_are_named_with_their_place(project: Project, poor: Project) -> None:
    assert "The history supabase_migrations.schema_migrations cannot be made, so nothing ran: permission denied" in poor.fail()["msg"]
    project.apply()
    assert "The history supabase_migrations.schema_migrations cannot be read: permission denied" in poor.fail()["msg"]
    user = poor.url.split("//")[1].split(":")[0]
    project.execute(f"GRANT USAGE ON SCHEMA supabase_migrations TO {user}", f"GRANT ALL ON supabase_migrations.schema_migrations TO {user}")
    project.write("4_d.sql", "select 1;\nalter table a add column m int;\n")
    failed = poor.fail()
    assert "4_d.sql line 2: must be owner of table a (SQLSTATE 42501). Nothing of this file was kept. Grant the user" in failed["msg"]


def test_a_database_that_is_set_read_only_is_refused_before_anything_runs(project: Project) -> None:
    project.execute(f"ALTER DATABASE {project.url.rpartition('/')[2]} SET default_transaction_read_only = on")
    for result in (project.fail(), project.fail(_ansible_check_mode=True)):
        assert "is set read-only for portal_app (default_transaction_read_only): nothing ran." in result["msg"]
