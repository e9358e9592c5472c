"""What only a directory has: partial files, permissions, a file system that says no."""

from __future__ import annotations

import concurrent.futures
import os
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import NotFoundError
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


def test_a_store_whose_folder_became_a_file_is_an_error_and_not_an_empty_store(tmp_path: pathlib.Path) -> None:
    store = FileStore(str(tmp_path / "store"))
    store.create("orders/lease.json", b"{}")
    (tmp_path / "store").rename(tmp_path / "away")
    with pytest.raises(NotFoundError):
        store.read("orders/lease.json")
    (tmp_path / "store").touch()
    with pytest.raises(StoreError, match="is no folder"):
        store.read("orders/lease.json")


def test_a_folder_goes_with_its_last_object(tmp_path: pathlib.Path) -> None:
    store = FileStore(str(tmp_path / "store"))
    for key in ("shop/backups/1/manifest.json", "shop/backups/2/manifest.json"):
        store.create(key, b"x")
    store.delete("shop/backups/1/manifest.json")
    assert [path.name for path in (tmp_path / "store/shop/backups").iterdir()] == ["2"]
    store.delete("shop/backups/2/manifest.json")
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == [".partial"]


def test_who_writes_into_a_folder_that_another_one_empties_loses_nothing(tmp_path: pathlib.Path) -> None:
    store = FileStore(str(tmp_path))

    def come_and_go(name: str) -> None:
        for number in range(40):
            key = f"folder/deep/{name}-{number}"
            store.create(key, b"x")
            assert store.delete(key)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        list(pool.map(come_and_go, ["a", "b", "c"]))
    assert list(store.list()) == []
