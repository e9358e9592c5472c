"""Which files of supabase/migrations are migrations, and in which order."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import Entry
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.supabase_folder import SupabaseLayout, chosen_names, sql_files

if t.TYPE_CHECKING:
    from pathlib import Path


def chosen(*names: str) -> list[str]:
    return chosen_names("m", [Entry(name.rstrip("/"), name.endswith("/")) for name in names])


def test_folders_and_other_files_are_not_migrations() -> None:
    assert chosen("1_a.sql", "sub/", "2_dir.sql/", "README.md", ".keep", "3_.sql", "4_b c.é.sql") == ["1_a.sql", "3_.sql", "4_b c.é.sql"]


@pytest.mark.parametrize("name", ["a.sql", "1.sql", "1_a.SQL", "_a.sql", "1-a.sql", "1_\udcff.sql"])
def test_an_sql_file_with_another_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"is not <version>_<name>\.sql"):
        chosen(name)


def test_the_first_file_of_an_early_cli_is_left_out() -> None:
    assert chosen("20211208000000_init.sql", "20220101000000_a.sql") == ["20220101000000_a.sql"]
    assert chosen("20211209000000_init.sql") == ["20211209000000_init.sql"]
    assert chosen("1_a.sql", "20211208000000_init.sql") == ["1_a.sql", "20211208000000_init.sql"]


def test_versions_are_ordered_as_text() -> None:
    files = sql_files("m", dict.fromkeys(("1_a.sql", "02_b.sql", "10_c.sql", "2_d.sql", "20240101_e.sql"), b""))
    assert list(files) == ["02", "1", "10", "2", "20240101"]
    assert files["10"].label == "10_c.sql"
    assert files["10"].path == "m/10_c.sql"


def test_two_files_of_one_version_are_refused() -> None:
    with pytest.raises(InputError, match=r"1_a\.sql and 1_b\.sql in m have the same version 1"):
        sql_files("m", {"1_a.sql": b"", "1_b.sql": b""})


def test_a_folder_is_read_with_links_to_files(tmp_path: Path) -> None:
    (tmp_path / "1_a.sql").write_bytes(b"\xef\xbb\xbfselect 1;\r\n")
    (tmp_path / "2_b.sql").symlink_to(tmp_path / "1_a.sql")
    (tmp_path / "3_c.sql").mkdir()
    assert SupabaseLayout().read(str(tmp_path)) == {"1_a.sql": b"\xef\xbb\xbfselect 1;\r\n", "2_b.sql": b"\xef\xbb\xbfselect 1;\r\n"}
