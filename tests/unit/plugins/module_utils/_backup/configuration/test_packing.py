"""The archive of a configuration: the same content is the same bytes, and its mark gives nothing away."""

from __future__ import annotations

import dataclasses
import io
import os
import subprocess
import tarfile
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import document, look
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.packing import mark_of, pack, read_sums, sums_of
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

if t.TYPE_CHECKING:
    from pathlib import Path

    from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import Entry

SALT = "00" * 16
LONG = "a-very-long-name-" * 12


def some(folder: Path) -> list[Entry]:
    (folder / "sub").mkdir(exist_ok=True)
    (folder / "sub" / r"dev-disk-by\x2dlabel.swap").write_text("unit\n")
    (folder / LONG).write_bytes(bytes(700))
    os.utime(folder / LONG, (1_700_000_000, 1_700_000_000))
    return [*sorted(look(str(folder), "files", ()), key=lambda entry: entry.path), document("secrets", "x", {"A": "1"})]


def test_the_same_entries_are_the_same_bytes_and_a_tar_that_tar_reads(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()
    entries = some(tmp_path / "from")
    packed = b"".join(pack(entries))
    assert packed == b"".join(pack(entries))
    assert len(packed) % 10240 == 0
    subprocess.run(["tar", "--extract", "--preserve-permissions", f"--directory={tmp_path}/to"], input=packed, check=True)
    subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=tmp_path / "to", check=True)
    assert (tmp_path / "to" / "files" / LONG).stat().st_mtime == 1_700_000_000
    assert (tmp_path / "to/secrets/x.json").stat().st_mode & 0o777 == 0o600


def test_python_reads_it_too(tmp_path: Path) -> None:
    entries = some(tmp_path)
    with tarfile.open(fileobj=io.BytesIO(b"".join(pack(entries)))) as archive:
        assert archive.getnames() == ["SHA256SUMS", *[entry.path for entry in entries]]


def test_the_list_of_digests_can_be_read_back(tmp_path: Path) -> None:
    entries = some(tmp_path)
    assert read_sums(sums_of(entries).content) == {entry.path: entry.sha256 for entry in entries if entry.type == "file"}


def test_an_archive_ends_with_an_error_when_a_file_is_not_what_it_was(tmp_path: Path) -> None:
    entries = some(tmp_path)
    (tmp_path / LONG).write_bytes(bytes(699) + b"x")
    with pytest.raises(WebopsError, match="changed while it was read"):
        b"".join(pack(entries))


CHANGES = [{"mode": 0o600}, {"owner": "app"}, {"group": "app"}, {"sha256": "0" * 64}, {"target": "x"}, {"path": "y"}]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_but_that_of_a_time_changes_the_mark(change: dict[str, t.Any]) -> None:
    entry = document("settings", "x", {"a": 1})
    assert mark_of([dataclasses.replace(entry, mtime=5)], SALT) == mark_of([entry], SALT)
    assert mark_of([dataclasses.replace(entry, **change)], SALT) != mark_of([entry], SALT)


def test_the_mark_depends_on_its_salt_and_not_on_the_order() -> None:
    entries = [document("settings", name, {}) for name in "ab"]
    assert mark_of(entries, SALT) == mark_of(entries[::-1], SALT)
    assert mark_of(entries, SALT) != mark_of(entries, "11" * 16)
