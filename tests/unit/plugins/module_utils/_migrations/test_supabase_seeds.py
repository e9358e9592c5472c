"""Seeds and roles.sql: which files are meant, and what is to be done about them."""

from __future__ import annotations

import hashlib
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase_seeds import plan_companions, read_companions

from .fakes import FakeDatabase

if t.TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def migrations(tmp_path: Path) -> str:
    """The folder of the migrations, with seeds beside it."""
    for path in ("seed.sql", "seeds/b.sql", "seeds/.a.sql", "seeds/deep/c.sql", "seeds/notes.txt", "more/d.sql", "roles.sql"):
        file = tmp_path / "supabase" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"select '{path}';")
    (tmp_path / "supabase" / "seeds" / "deep" / "link.sql").symlink_to(tmp_path / "supabase" / "seed.sql")
    (tmp_path / "outside.sql").write_text("select 1;")
    return str(tmp_path / "supabase" / "migrations")


@pytest.mark.parametrize(
    ("patterns", "paths"),
    [
        (["./seed.sql"], ["supabase/seed.sql"]),
        (["seeds/*.sql", "seed.sql", "seeds/b.sql"], ["supabase/seeds/.a.sql", "supabase/seeds/b.sql", "supabase/seed.sql"]),
        (["seeds"], ["supabase/seeds/.a.sql", "supabase/seeds/b.sql", "supabase/seeds/deep/c.sql"]),
        (["[^m]*/b.sql", "*/d.sql"], ["supabase/seeds/b.sql", "supabase/more/d.sql"]),
        (["../outside.sql"], ["outside.sql"]),
    ],
)
def test_patterns_mean_what_they_mean_to_the_cli(migrations: str, patterns: list[str], paths: list[str]) -> None:
    assert list(read_companions({"seed_paths": patterns}, migrations)["seeds"]) == paths


def test_a_folder_of_another_name_keeps_the_paths_of_the_cli(tmp_path: Path) -> None:
    (tmp_path / "database").mkdir()
    (tmp_path / "database" / "seed.sql").write_text("select 1;")
    assert list(read_companions({"seed_paths": ["seed.sql"]}, str(tmp_path / "database" / "migrations"))["seeds"]) == ["supabase/seed.sql"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed_paths": ["seeds/*.SQL"]}, r"nothing matches seeds/\*\.SQL"),
        ({"seed_paths": ["missing.sql"]}, "nothing matches missing"),
        ({"seed_paths": ["/etc/seed.sql"]}, "is absolute"),
    ],
)
def test_what_is_not_there_is_named(migrations: str, options: dict[str, t.Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_companions(options, migrations)


def test_a_missing_roles_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"roles\.sql cannot be read: No such file"):
        read_companions({"include_roles": True}, str(tmp_path / "migrations"))


def known(**sums: str) -> FakeDatabase:
    return FakeDatabase(
        {"to_regclass": [("seed_files",)], "SELECT path": [(f"supabase/{name}.sql", digest) for name, digest in sums.items()]}
    )


def test_new_seeds_run_known_ones_do_not_and_of_edited_ones_only_the_sum_is_noted() -> None:
    contents = {"seeds": {f"supabase/{name}.sql": name.encode() for name in "abc"}, "roles": {}}
    found = plan_companions(known(a=hashlib.sha256(b"a").hexdigest(), b="old"), contents)
    assert [(seed.path, seed.script.statements) for seed in found.after] == [("supabase/b.sql", ()), ("supabase/c.sql", ("c",))]
    assert found.before == ()
    assert found.warnings == ("Edited after they ran, so only their sums are noted: supabase/b.sql.",)


def test_roles_run_every_time_and_ask_the_database_nothing() -> None:
    database = FakeDatabase()
    found = plan_companions(database, {"seeds": {}, "roles": {"supabase/roles.sql": b"create role x"}})
    assert [companion.kind for companion in found] == ["roles"]
    assert database.sent == []


@pytest.mark.parametrize("text", ["select 1;\nvacuum;", "select 1;\ncommit;", "\nbegin;select 1;commit;"])
def test_a_seed_that_is_no_single_transaction_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(InputError, match=r"supabase/a\.sql line 2: seeds and roles run in one transaction"):
        plan_companions(known(), {"seeds": {"supabase/a.sql": text.encode()}, "roles": {}})
