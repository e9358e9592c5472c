"""What an artefact is packed from, and what tells one from another."""

from __future__ import annotations

import os
import pathlib
import tarfile
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._release.artifacts import (
    Artifact,
    Repository,
    from_path,
    require,
    sha256_of,
)

COMMIT = "3f2c1ab09e6d0c1f5a2b7c8d9e0f1a2b3c4d5e6f"


def folder(path: pathlib.Path, **content: str) -> pathlib.Path:
    (path / "static").mkdir(parents=True)
    (path / ".git").mkdir()
    (path / ".git" / "config").write_text("[remote]")
    for name, text in {"app_py": "print(1)", **content}.items():
        (path / name.replace("_", ".")).write_text(text)
    (path / "run").write_text("#!/bin/sh")
    (path / "run").chmod(0o711)
    (path / "latest").symlink_to("app.py")
    return path


def members(path: str) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(path) as archive:
        return {member.name: member for member in archive.getmembers()}


def test_the_same_folder_gives_the_same_checksum_whenever_and_by_whomever_it_is_packed(tmp_path: pathlib.Path) -> None:
    one, two = folder(tmp_path / "one"), folder(tmp_path / "two")
    os.utime(two / "app.py", (1, 1))
    (two / "app.py").chmod(0o600)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert from_path(str(one), str(tmp_path / "a")).sha256 == from_path(str(two), str(tmp_path / "b")).sha256


def test_what_is_packed_is_the_folder_without_its_history(tmp_path: pathlib.Path) -> None:
    found = from_path(str(folder(tmp_path / "one")), str(tmp_path))
    packed = members(found.path)
    assert (found.kind, sorted(packed)) == ("folder", ["app.py", "latest", "run", "static"])
    assert (packed["run"].mode, packed["app.py"].mode, packed["latest"].linkname) == (0o755, 0o644, "app.py")
    assert {(member.uid, member.uname) for member in packed.values()} == {(0, "")}


def test_another_content_of_the_same_size_has_another_time(tmp_path: pathlib.Path) -> None:
    times = []
    for name, content in (("one", "print(1)"), ("two", "print(2)")):
        (tmp_path / f"{name}-packed").mkdir()
        found = from_path(str(folder(tmp_path / name, app_py=content)), str(tmp_path / f"{name}-packed"))
        times.append(members(found.path)["app.py"].mtime)
    assert times[0] != times[1]


def test_an_archive_is_taken_as_it_lies(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "shop.tar.gz"
    path.write_bytes(b"as built")
    assert from_path(str(path), str(tmp_path)) == Artifact("archive", str(path), sha256_of(str(path)))


def test_a_folder_with_something_that_is_no_file_is_refused(tmp_path: pathlib.Path) -> None:
    os.mkfifo(folder(tmp_path / "one") / "pipe")
    with pytest.raises(InputError, match="'pipe' in it is no file, folder or link"):
        from_path(str(tmp_path / "one"), str(tmp_path))


def test_what_is_missing_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(InputError, match=r"path is .*nowhere.: there is no such file on the controller"):
        from_path(str(tmp_path / "nowhere"), str(tmp_path))


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"sha256": "0" * 64}, "its SHA-256 is abc, but 0000000000"),
        ({"commit": "ffff"}, f"git_ref is at {COMMIT}, but ffff was expected"),
    ],
)
def test_another_artefact_than_was_meant_is_refused(expected: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        require(Artifact("git", "/a", "abc", COMMIT), **{"sha256": "", "commit": "", **expected})


def test_what_was_meant_is_taken_and_an_archive_gets_the_commit_that_was_named() -> None:
    assert require(Artifact("git", "/a", "abc", COMMIT), sha256="ABC", commit=COMMIT[:8]).commit == COMMIT
    assert require(Artifact("archive", "/a", "abc"), sha256="", commit="3f2c1ab").commit == "3f2c1ab"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "https://ann:let-me-in@git.example.org/shop"}, "git_url: it holds a password"),
        ({"url": "--upload-pack=touch /tmp/x"}, "is not the URL of a repository"),
        ({"ref": "--all"}, "git_ref: '--all' names no branch"),
        ({"ref": "main..dev"}, "names no branch"),
        ({"ref": ""}, "git_ref: '' names no branch"),
    ],
)
def test_what_is_no_place_in_git_is_refused_without_asking_git(given: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        Repository(**{"url": "https://git.example.org/shop", "ref": "main", **given})
    assert "let-me-in" not in str(refused.value)


def test_a_password_is_in_the_environment_of_git_and_not_in_its_settings() -> None:
    repository = Repository("https://git.example.org/shop", "main", password="let-me-in")
    environment = repository.environment()
    assert [name for name, value in environment.items() if "let-me-in" in value] == ["HOLDFAST_GIT_PASSWORD"]
    assert "let-me-in" not in repr(repository)
