"""What only a directory has: partial files, permissions, a file system that says no."""

from __future__ import annotations

import os
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._stores.file import ABANDONED_AFTER, FileStore
from ansible_collections.holdfast.webops.plugins.module_utils._stores.interface import StoreError

if t.TYPE_CHECKING:
    import pathlib


def partial_files(root: pathlib.Path) -> list[str]:
    return sorted(os.listdir(root / ".partial"))


def test_nothing_partial_stays_after_a_commit_an_abort_or_a_refusal(tmp_path: pathlib.Path) -> None:
    store = FileStore(str(tmp_path))
    store.create("a", b"first")
    upload = store.upload("b")
    upload.write(b"half")
    upload.abort()
    with pytest.raises(Exception, match="already has"):
        store.create("a", b"second")
    store.replace("a", b"third", store.read("a")[1])
    assert partial_files(tmp_path) == []


def test_what_a_dead_run_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path: pathlib.Path) -> None:
    store = FileStore(str(tmp_path))
    dead, living = store.upload("dead"), store.upload("living")
    old = next(path for path in (tmp_path / ".partial").iterdir() if path.name.startswith("dead."))
    os.utime(old, (0, old.stat().st_mtime - ABANDONED_AFTER - 1))
    store.create("next", b"x")
    assert [name.split(".")[0] for name in partial_files(tmp_path)] == ["living"]
    dead.abort()
    living.abort()


def test_objects_and_folders_are_for_their_owner_alone(tmp_path: pathlib.Path) -> None:
    FileStore(str(tmp_path / "store")).create("orders/a", b"x")
    assert (tmp_path / "store" / "orders").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "store" / "orders" / "a").stat().st_mode & 0o777 == 0o600


def test_a_full_disk_is_an_error_and_leaves_no_object(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = FileStore(str(tmp_path)).upload("a")

    def full(_handle: int) -> t.NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    upload.write(b"x")
    with pytest.raises(StoreError, match=r"No space left on device\. Free space there"):
        upload.commit()
    upload.abort()
    assert not (tmp_path / "a").exists()
    assert partial_files(tmp_path) == []


def test_a_path_that_is_a_file_is_no_store(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(StoreError):
        FileStore(str(tmp_path / "file")).create("a", b"x")
