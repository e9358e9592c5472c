"""Which folders of prisma/migrations are migrations, and in which order."""

from __future__ import annotations

import os
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.prisma_folder import LOCK, PrismaLayout, bare_name

if t.TYPE_CHECKING:
    from pathlib import Path

LAYOUT = PrismaLayout()


def migration(folder: Path, name: str, text: str = "select 1;") -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "migration.sql").write_text(text, encoding="utf-8")


def test_every_folder_is_a_migration_and_plain_files_are_none(tmp_path: Path) -> None:
    for name in ("20260102_b", "0_init", ".hidden", "with blank é"):
        migration(tmp_path, name)
    (tmp_path / "20260102_b" / "down.sql").write_text("nobody reads this")
    (tmp_path / "README.md").write_text("nor this")
    (tmp_path / LOCK).write_text('provider = "postgresql"\n')
    contents = LAYOUT.read(str(tmp_path))
    assert sorted(contents) == [f"{name}/migration.sql" for name in (".hidden", "0_init", "20260102_b")] + [
        LOCK,
        "with blank é/migration.sql",
    ]
    files = LAYOUT.files("m", contents)
    assert list(files) == [".hidden", "0_init", "20260102_b", "with blank é"]
    assert (files["0_init"].version, files["0_init"].label, files["0_init"].name) == ("0_init", "0_init", "init")
    assert files["0_init"].path == "m/0_init/migration.sql"


def test_a_folder_without_a_script_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1_a").mkdir()
    with pytest.raises(InputError, match=r"1_a holds no migration\.sql; Prisma takes every folder for a migration"):
        LAYOUT.read(str(tmp_path))


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    os.mkdir(os.fsencode(tmp_path) + b"/1_\xff")
    with pytest.raises(InputError, match=r"The name of '.*1_\\udcff' is not UTF-8"):
        LAYOUT.read(str(tmp_path))


@pytest.mark.parametrize("lock", [b'provider = "mysql"', b"# a comment\n\n  provider='sqlite' # why\n", b'provider = ""', b"provider =\n"])
def test_another_provider_is_refused(lock: bytes) -> None:
    with pytest.raises(InputError, match=r"m/migration_lock\.toml says provider '.*', and only postgresql can be migrated"):
        LAYOUT.files("m", {LOCK: lock})


@pytest.mark.parametrize("lock", [b'provider = "postgresql"\r\n', b"", b'# provider = "mysql"\n'])
def test_the_right_provider_or_none_is_taken(lock: bytes) -> None:
    assert LAYOUT.files("m", {LOCK: lock}) == {}


def test_a_rollback_script_is_named_like_its_migration(tmp_path: Path) -> None:
    (tmp_path / "1_a.sql").write_bytes(b"drop table a;")
    (tmp_path / "README.md").write_text("ignored")
    (tmp_path / "old.sql").mkdir()
    scripts = LAYOUT.rollbacks("r", LAYOUT.read_rollbacks(str(tmp_path)))
    assert {version: (file.label, file.path, file.content) for version, file in scripts.items()} == {
        "1_a": ("1_a", "r/1_a.sql", b"drop table a;")
    }


@pytest.mark.parametrize(("migration_name", "bare"), [("20260101_add_x", "add_x"), ("0_init", "init"), ("init", "init"), ("1_", "1_")])
def test_the_bare_name_is_what_follows_the_date(migration_name: str, bare: str) -> None:
    assert bare_name(migration_name) == bare
