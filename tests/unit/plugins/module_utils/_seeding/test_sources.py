"""Files from a folder or an archive, rows from the task, and nothing from anywhere else."""

from __future__ import annotations

import datetime
import json
import tarfile
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.filter.seed_problem import seed_problem
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._seeding import sources
from ansible_collections.holdfast.webops.plugins.module_utils._seeding.sources import documents_of, parcel, unpacked, without_rows

if t.TYPE_CHECKING:
    from pathlib import Path

PARTS = '[{"id": 1}]'


def entry(file: str = "data/parts.json") -> dict[str, t.Any]:
    return {"table": "Part", "file": file, "key": ["id"]}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    made = tmp_path / "tree"
    (made / "data").mkdir(parents=True)
    (made / "data" / "parts.json").write_text(PARTS)
    (tmp_path / "outside.json").write_text("[]")
    return made


def packed(tree: Path, *members: str) -> str:
    path = tree.parent / "artefact.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            archive.add(tree / member, member)
    return str(path)


def refusal(tables: t.Sequence[t.Any], base: str | None) -> str:
    with pytest.raises(InputError) as caught:
        documents_of(tables, base)
    return str(caught.value)


def test_a_file_comes_out_of_a_folder_out_of_an_archive_and_from_where_it_is(tree: Path) -> None:
    assert documents_of([entry()], str(tree)) == [PARTS]
    assert documents_of([entry("./data//parts.json")], packed(tree, "data/parts.json")) == [PARTS]
    assert documents_of([entry(str(tree / "data" / "parts.json"))], None) == [PARTS]
    (tree / "data" / "parts.json").write_bytes(b"\xef\xbb\xbf" + PARTS.encode())
    assert documents_of([entry()], str(tree)) == [PARTS]


def test_two_entries_may_come_from_one_file(tree: Path) -> None:
    assert documents_of([entry(), {**entry(), "table": "Other"}], packed(tree, "data")) == [PARTS, PARTS]


def test_a_way_out_of_the_folder_or_the_archive_is_refused(tree: Path) -> None:
    (tree / "data" / "away.json").symlink_to(tree.parent / "outside.json")
    (tree / "data" / "same.json").symlink_to("parts.json")
    archive = packed(tree, "data/away.json")
    for base in (str(tree), archive):
        assert "Table Part, ../outside.json: the file lies outside of" in refusal([entry("../outside.json")], base)
    assert "Table Part, data/away.json: the file lies outside of" in refusal([entry("data/away.json")], str(tree))
    assert f"Table Part, data/away.json: in {archive} that is no plain file." in refusal([entry("data/away.json")], archive)
    assert documents_of([entry("data/same.json")], str(tree)) == [PARTS]


def test_what_cannot_be_read_is_named(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = packed(tree, "data")
    assert "data/none.json cannot be read: No such file or directory." in refusal([entry("data/none.json")], str(tree))
    assert f"Table Part, data/none.json: there is no such file in {archive}." in refusal([entry("data/none.json")], archive)
    assert "the file is relative, and base names no folder." in refusal([entry()], None)
    assert "cannot be read: No such file or directory." in refusal([entry()], str(tree / "none.tar.gz"))
    assert "is no archive that can be read" in refusal([entry()], str(tree / "data" / "parts.json"))
    (tree / "data" / "latin.json").write_bytes(b'[{"id": "\xe4"}]')
    assert "Table Part, data/latin.json: it is not UTF-8 (byte 10)." in refusal([entry("data/latin.json")], str(tree))
    monkeypatch.setattr(sources, "LARGEST", 5)
    assert "larger than" in refusal([entry()], str(tree))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("hidden", "tables: entry 1 is no dictionary."),
        ({"rows": [{"a": "hidden"}]}, "tables: entry 1 names no table."),
        ({"table": "T"}, "entry 1 (T) has neither file nor rows."),
        ({"table": "T", "file": "a.json", "rows": [{"a": "hidden"}]}, "entry 1 (T) has both file and rows."),
        ({"table": "T", "rows": "hidden"}, "rows is no list of dictionaries."),
        ({"table": "T", "rows": ["hidden"]}, "rows is no list of dictionaries."),
    ],
)
def test_a_wrong_entry_is_refused_without_a_value(table: t.Any, says: str) -> None:
    said = refusal([table], None)
    assert says in said
    assert "hidden" not in said


def test_rows_of_the_task_travel_packed_and_leave_the_entry() -> None:
    rows = [{"name": "hidden", "day": datetime.date(2026, 11, 22), "tags": ("a", "b")}]
    given = [{"table": "T", "key": ["name"], "rows": rows}]
    contents = parcel(documents_of(given, None))
    assert "hidden" not in contents
    assert json.loads(unpacked(contents)[0]) == [{"name": "hidden", "day": "2026-11-22", "tags": ["a", "b"]}]
    assert without_rows(given) == [{"table": "T", "key": ["name"]}]


def test_what_is_wrong_is_found_before_anything_is_touched(tree: Path) -> None:
    """What a deploy asks on the controller, before its lease."""
    assert seed_problem([entry()], str(tree)) == ""
    (tree / "data" / "parts.json").write_text('[{"id": 1, "token": "hidden"}]')
    said = seed_problem([entry()], packed(tree, "data"))
    assert said.startswith("Table Part, data/parts.json, row 1: the column token looks like a secret")
    assert "hidden" not in said
    assert seed_problem([{**entry(), "key": "id,name"}], str(tree)).startswith("Table Part, data/parts.json, row 1: its key column name")
    assert seed_problem([{**entry(), "key": []}], str(tree)).startswith("tables: the key of Part is empty.")
