"""Which archives are unpacked, and which releases are removed."""

from __future__ import annotations

import io
import pathlib
import tarfile
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._host import artifact
from ansible_collections.holdfast.webops.plugins.module_utils._host.layout import Layout
from tests.unit.fake_clock import FakeClock


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize(
    "members",
    [
        [member("app.py"), member("static", tarfile.DIRTYPE), member("static/a.css")],
        [member("./app.py")],
        [member("node_modules/.bin/next", LINK, "../next/dist/bin/next")],
        [member("current", LINK, "releases/1")],
        [member("a/b", LINK, "./c/d")],
        [member("a/copy", HARD, "a/original")],
        [member("..hidden"), member("a..b/c")],
    ],
)
def test_ordinary_members_are_unpacked(members: list[tarfile.TarInfo]) -> None:
    artifact.check_members(members)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([member("/etc/passwd")], "lies outside of the release"),
        ([member("../up")], "lies outside of the release"),
        ([member("a/../../up")], "lies outside of the release"),
        ([member("a/..")], "lies outside of the release"),
        ([member("link", LINK, "/etc")], "points outside of the release, to '/etc'"),
        ([member("link", LINK, "../up")], "points outside of the release"),
        ([member("a/link", LINK, "../../up")], "points outside of the release"),
        ([member("a/up", LINK, ".."), member("bent", LINK, "a/up/../..")], "points outside of the release"),
        ([member("link", LINK, "dir"), member("link/file")], "lies below a link"),
        ([member("./link", LINK, "dir"), member("link/deep/file")], "lies below a link"),
        ([member("hard", HARD, "/etc/passwd")], "is a hard link to '/etc/passwd' outside"),
        ([member("hard", HARD, "../up")], "is a hard link to '../up' outside"),
        ([member("device", tarfile.CHRTYPE)], "is no file, folder or link"),
        ([member("pipe", tarfile.FIFOTYPE)], "is no file, folder or link"),
    ],
)
def test_members_that_reach_out_are_refused(members: list[tarfile.TarInfo], said: str) -> None:
    with pytest.raises(InputError) as caught:
        artifact.check_members(members)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("unpacked", "current", "keep", "gone"),
    [
        (["a", "b", "c"], {"c"}, 3, []),
        (["a", "b", "c"], {"c"}, 2, ["a"]),
        (["a", "b", "c", "d"], {"a", "d"}, 2, ["b", "c"]),
        (["a", "b", "c", "d"], {"a", None}, 3, ["b"]),
        (["a", "b"], {"a", "b"}, 1, []),
        ([], set(), 2, []),
    ],
)
def test_the_oldest_releases_go_and_those_of_the_slots_stay(
    unpacked: list[str], current: set[str | None], keep: int, gone: list[str]
) -> None:
    assert artifact.to_prune(unpacked, current, keep) == gone


@pytest.fixture
def layout(tmp_path: pathlib.Path) -> Layout:
    found = Layout(str(tmp_path / "portal"))
    found.prepare("blue")
    return found


def packed(path: pathlib.Path, **files: str) -> str:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            found = tarfile.TarInfo(name)
            found.size = len(content)
            archive.addfile(found, io.BytesIO(content.encode()))
    return str(path)


def test_of_two_releases_of_the_same_second_the_first_one_is_the_older(layout: Layout, tmp_path: pathlib.Path) -> None:
    clock, archive = FakeClock(), packed(tmp_path / "a.tar.gz", app="hello")
    for release in ("1.9", "1.10", "1.11"):
        artifact.unpack(layout, release, archive, "sum", clock)
        clock.pass_by(0.2)
    assert artifact.prune(layout, 2) == ["1.9"]


def test_without_the_filter_of_newer_pythons_it_unpacks_too(
    layout: Layout, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tarfile, "data_filter", raising=False)
    artifact.unpack(layout, "1.0", packed(tmp_path / "a.tar.gz", app="hello"), "sum", FakeClock())
    assert pathlib.Path(layout.release("1.0"), "app").read_text() == "hello"


def test_what_a_killed_run_left_behind_is_removed(layout: Layout, tmp_path: pathlib.Path) -> None:
    half = pathlib.Path(layout.releases, f"{artifact.ASIDE}x")
    half.mkdir()
    pathlib.Path(layout.release("1.0")).mkdir()
    assert not artifact.is_unpacked(layout, "1.0", "sum")
    artifact.unpack(layout, "1.0", packed(tmp_path / "a.tar.gz", app="hello"), "sum", FakeClock())
    assert artifact.is_unpacked(layout, "1.0", "sum")
    assert [path.name for path in pathlib.Path(layout.releases).iterdir()] == ["1.0"]


def test_a_broken_archive_leaves_nothing_behind(layout: Layout, tmp_path: pathlib.Path) -> None:
    path = pathlib.Path(packed(tmp_path / "a.tar.gz", app="hello" * 10_000))
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(InputError, match="cannot be unpacked"):
        artifact.unpack(layout, "1.0", str(path), None, FakeClock())
    assert list(pathlib.Path(layout.releases).iterdir()) == []


def test_a_full_disk_is_told(layout: Layout, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: t.Any, **_options: t.Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "extractall", full)
    with pytest.raises(WebopsError, match="No space left on device"):
        artifact.unpack(layout, "1.0", packed(tmp_path / "a.tar.gz", app="hello"), None, FakeClock())
    assert list(pathlib.Path(layout.releases).iterdir()) == []


def test_the_checksum_of_a_folder_is_not_believed(tmp_path: pathlib.Path) -> None:
    with pytest.raises(InputError, match="is a folder and has no checksum"):
        artifact.check_artifact(str(tmp_path), "0" * 64)
