"""What an archive says is not trusted: nothing leaves the folder."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import tarfile
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import document, look
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.packing import pack
from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.unpacking import extract, is_same, read_archive
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import WebopsError

if t.TYPE_CHECKING:
    from pathlib import Path

    from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import Entry


def member(name: str, kind: bytes = tarfile.REGTYPE, **more: t.Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    for key, value in more.items():
        setattr(info, key, value)
    return info


def archive_of(path: Path, *members: tarfile.TarInfo, sums: bool = True) -> str:
    """An archive of empty files, folders, links; with right digests where `sums` is set."""
    digest = hashlib.sha256(b"").hexdigest()
    lines = "".join(f"{digest}  {one.name}\n" for one in members if sums and one.type == tarfile.REGTYPE).encode()
    with tarfile.open(path / "archive.tar", "w") as archive:
        archive.addfile(member("SHA256SUMS", size=len(lines)), io.BytesIO(lines))
        for one in members:
            archive.addfile(one)
    return str(path / "archive.tar")


def packed(path: Path, entries: list[Entry]) -> str:
    (path / "archive.tar").write_bytes(b"".join(pack(entries)))
    return str(path / "archive.tar")


REFUSED = {
    "parent": [member("../outside")],
    "hidden parent": [member("files/../../outside")],
    "absolute": [member("/tmp/outside")],
    "empty part": [member("files//x")],
    "behind a link": [member("files", tarfile.SYMTYPE, linkname="/tmp"), member("files/outside")],
    "behind a file": [member("files"), member("files/x")],
    "folder over a link": [member("files", tarfile.SYMTYPE, linkname="/tmp"), member("files", tarfile.DIRTYPE)],
    "file over a link": [member("files/x", tarfile.SYMTYPE, linkname="/tmp/x"), member("files/x")],
    "link over a folder": [member("files/a", tarfile.DIRTYPE), member("files/a", tarfile.SYMTYPE, linkname="/tmp")],
    "hard link": [member("files/x", tarfile.LNKTYPE, linkname="/etc/passwd")],
    "device": [member("files/x", tarfile.CHRTYPE, devmajor=1, devminor=3)],
    "pipe": [member("files/x", tarfile.FIFOTYPE)],
    "control character": [member("files/\x1b[31m")],
    "digest twice": [member("SHA256SUMS")],
}


@pytest.mark.parametrize("members", REFUSED.values(), ids=REFUSED)
def test_an_archive_that_would_do_harm_is_refused_and_leaves_nothing(tmp_path: Path, members: list[tarfile.TarInfo]) -> None:
    path = archive_of(tmp_path, *members)
    with pytest.raises(WebopsError, match="in the archive"):
        read_archive(path)


@pytest.mark.parametrize("name", ["parent", "behind a link", "file over a link"])
def test_unpacking_refuses_by_itself(tmp_path: Path, name: str) -> None:
    members = REFUSED[name]
    (tmp_path / "to").mkdir()
    with pytest.raises(WebopsError, match="in the archive"):
        extract(archive_of(tmp_path, *members), str(tmp_path / "to"), same_owner=False)
    assert not (tmp_path / "outside").exists()


def test_a_file_without_its_digest_and_a_digest_without_its_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WebopsError, match="'files/x' in the archive is not what SHA256SUMS"):
        read_archive(archive_of(tmp_path, member("files/x"), sums=False))
    whole = b"".join(pack([document("settings", "a", {"b": 1})]))
    for content in (whole.replace(b'"b": 1', b'"b": 2'), whole[:1024]):
        (tmp_path / "archive.tar").write_bytes(content)
        with pytest.raises(WebopsError, match=r"settings/a\.json' in the archive is not what SHA256SUMS"):
            read_archive(str(tmp_path / "archive.tar"))


def test_what_is_no_tar_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "archive.tar").write_bytes(b"x" * 2000)
    with pytest.raises(WebopsError, match="The archive cannot be read"):
        read_archive(str(tmp_path / "archive.tar"))


def test_what_was_packed_comes_back_with_modes_times_links_and_closed_folders(tmp_path: Path) -> None:
    source, target = tmp_path / "from", tmp_path / "to"
    (source / "closed").mkdir(parents=True)
    target.mkdir()
    (source / "closed" / "key").write_text("k")
    (source / "closed" / "key").chmod(0o400)
    (source / "link").symlink_to("/nowhere/at/all")
    os.utime(source / "closed" / "key", (1_600_000_000, 1_600_000_000))
    (source / "closed").chmod(0o500)
    os.utime(source / "closed", (1_600_000_001, 1_600_000_001))
    entries = sorted(look(str(source), "files/deep/from", ()), key=lambda entry: entry.path)
    path = packed(tmp_path, entries)
    assert read_archive(path) == [dataclasses.replace(entry, source="") for entry in entries]
    extract(path, str(target), same_owner=False)
    back = target / "files/deep/from"
    assert ((back / "closed").stat().st_mode & 0o777, (back / "closed").stat().st_mtime) == (0o500, 1_600_000_001)
    assert ((back / "closed/key").stat().st_mode & 0o777, (back / "closed/key").stat().st_mtime) == (0o400, 1_600_000_000)
    assert os.readlink(back / "link") == "/nowhere/at/all"
    assert is_same(str(target), entries, same_owner=False)
    (back / "more").touch()
    assert not is_same(str(target), entries, same_owner=False)
    for folder in (source, back):
        (folder / "closed").chmod(0o700)  # so that it can be removed


def test_special_bits_come_back_for_who_asks_for_owners_only(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    path = archive_of(tmp_path, member("files/x", mode=0o4755))
    extract(path, str(tmp_path / "to"), same_owner=False)
    assert (tmp_path / "to/files/x").stat().st_mode & 0o7777 == 0o755
