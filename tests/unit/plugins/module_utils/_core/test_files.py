from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core import files


def test_a_file_gets_its_content_and_mode_at_once(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "map"
    files.write_atomic(str(path), b"one", mode=0o640)
    files.write_atomic(str(path), b"two", mode=0o640)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640


def test_when_the_rename_fails_the_old_content_stays_and_nothing_is_left_behind(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "map"
    path.write_bytes(b"old")

    def refuse(*_args: object) -> None:
        raise OSError("no")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="no"):
        files.write_atomic(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["map"]


def test_a_missing_file_is_none(tmp_path: pathlib.Path) -> None:
    assert files.read_if_there(str(tmp_path / "nothing")) is None
