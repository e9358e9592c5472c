"""Many files as one."""

from __future__ import annotations

import io
import os
import tarfile
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import archive
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.tree import Stamp, Tree, read_tree, stamp_of
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.uploading import sources_of, sources_of_archive

if t.TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("choice", "files", "packed"),
    [("auto", 5000, False), ("auto", 5001, True), ("never", 15000, False), ("always", 1, True)],
)
def test_an_archive_is_made_for_many_files(choice: str, files: int, packed: bool) -> None:
    assert archive.wanted(choice, files) is packed


def test_more_files_than_vercel_takes_are_refused_where_no_archive_may_be() -> None:
    with pytest.raises(InputError, match="archive: 15001 files are more than the 15000"):
        archive.wanted("never", 15001)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/run").write_bytes(os.urandom(5000))
    (tmp_path / "bin/run").chmod(0o755)
    (tmp_path / "link").symlink_to("bin/run")
    (tmp_path / "ü.txt").write_text("x")
    return read_tree(str(tmp_path), prebuilt=False, allowed_env=[], largest=10_000)


def test_it_holds_the_files_with_links_and_permissions(tree: Tree) -> None:
    with archive.pack(tree) as file:
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r:gz") as packed:
            found = {info.name: info for info in packed}
            assert list(found) == ["bin/run", "link", "ü.txt"]
            assert (found["bin/run"].mode, found["link"].linkname) == (0o755, "bin/run")
            assert t.cast("t.IO[bytes]", packed.extractfile("ü.txt")).read() == b"x"


def test_the_same_files_give_the_same_bytes(tree: Tree) -> None:
    with archive.pack(tree) as first, archive.pack(tree) as second:
        assert archive.parts_of(first) == archive.parts_of(second)


def test_its_parts_make_the_whole_and_can_be_read_again(tree: Tree) -> None:
    with archive.pack(tree) as file:
        parts = archive.parts_of(file, 2000)
        sources = sources_of_archive(file, parts)
        assert [part.path for part in parts] == [f".vercel/source.tgz.part{number + 1}" for number in range(len(parts))]
        assert len(parts) > 2
        for _again in range(2):
            whole = b"".join(sources[part.sha1].body().read() for part in parts)
            with tarfile.open(fileobj=io.BytesIO(whole), mode="r:gz") as packed:
                assert packed.getnames() == ["bin/run", "link", "ü.txt"]


def test_a_file_that_has_changed_since_it_was_hashed_is_neither_packed_nor_sent(tree: Tree) -> None:
    sources = sources_of(tree)
    with open(os.path.join(tree.root, "bin/run"), "ab") as file:
        file.write(b"more")
    with pytest.raises(ConflictError, match="bin/run changed"), archive.pack(tree):
        pass
    changed = next(entry for entry in tree.entries if entry.path == "bin/run")
    with pytest.raises(ConflictError, match="bin/run changed"):
        sources[changed.sha1].body()


def test_a_file_that_becomes_shorter_while_it_is_packed_is_noticed(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def looking_too_early(handle: int) -> Stamp:
        found = stamp_of(handle)
        os.truncate(os.path.join(tree.root, "bin/run"), 1)
        return found

    monkeypatch.setattr(archive, "stamp_of", looking_too_early)
    with pytest.raises(ConflictError, match="bin/run changed"), archive.pack(tree):
        pass
