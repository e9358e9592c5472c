"""What all layouts of folders share."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, NotFoundError
from ansible_collections.holdfast.webops.plugins.module_utils._migrations.folder import Entry, SqlFile, content_of, entries_of, if_there

if t.TYPE_CHECKING:
    from pathlib import Path


def test_entries_come_in_the_order_of_their_bytes_and_links_to_folders_are_no_folders(tmp_path: Path) -> None:
    for name in ("b", "B", "é"):
        (tmp_path / name).mkdir()
    (tmp_path / "z").symlink_to(tmp_path / "b")
    assert entries_of(str(tmp_path)) == [Entry("B", True), Entry("b", True), Entry("z", False), Entry("é", True)]


def test_a_missing_folder_is_an_error_or_nothing(tmp_path: Path) -> None:
    def read(folder: str) -> dict[str, bytes]:
        return {entry.name: b"" for entry in entries_of(folder)}

    with pytest.raises(NotFoundError, match="does not exist"):
        entries_of(str(tmp_path / "none"))
    assert if_there(read, str(tmp_path / "none")) == {}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "1_a.sql").symlink_to(tmp_path / "gone")
    with pytest.raises(InputError, match=r"1_a\.sql cannot be read: No such file"):
        content_of(str(tmp_path / "1_a.sql"))


def test_a_migration_is_called_by_its_title_or_its_file_name() -> None:
    assert SqlFile("1", "a", "m/1_a.sql", b"").label == "1_a.sql"
    assert SqlFile("1_a", "a", "m/1_a/migration.sql", b"", title="1_a").label == "1_a"
