"""What belongs to a configuration, as it is found on a host."""

from __future__ import annotations

import os
import socket
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._backup.configuration.entries import (
    Entry,
    content_of,
    document,
    expand,
    fits,
    look,
)
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError, WebopsError

if t.TYPE_CHECKING:
    from pathlib import Path


def tree(folder: Path) -> Path:
    (folder / "conf.d").mkdir()
    (folder / "main.conf").write_text("main\n")
    (folder / "conf.d" / "shop.conf").write_text("shop\n")
    (folder / "conf.d" / "shop.conf.bak").write_text("old\n")
    (folder / "enabled").symlink_to("conf.d/shop.conf")
    return folder


def found(folder: Path, *exclude: str) -> dict[str, Entry]:
    return {entry.path: entry for entry in look(str(folder), "files", exclude)}


@pytest.mark.parametrize(
    ("path", "pattern", "meant"),
    [
        ("/etc/nginx/a.bak", "*.bak", True),
        ("/etc/nginx/cache/x", "cache", True),
        ("/etc/nginx/cached/x", "cache", False),
        ("/etc/nginx/x", "/etc/nginx", True),
        ("/etc/nginx/x", "/etc/nginx/", True),
        ("/etc/nginx2/x", "/etc/nginx", False),
        ("/etc/nginx/sites/a.conf", "/etc/*/a.conf", True),
        ("settings/vercel.json", "settings/vercel.json", True),
    ],
)
def test_a_pattern_means_names_or_whole_paths(path: str, pattern: str, meant: bool) -> None:
    assert fits(path, [pattern]) is meant


def test_a_folder_is_all_that_is_in_it_with_modes_and_links(tmp_path: Path) -> None:
    (tree(tmp_path) / "main.conf").chmod(0o640)
    seen = found(tmp_path)
    names = ["conf.d", "conf.d/shop.conf", "conf.d/shop.conf.bak", "enabled", "main.conf"]
    assert sorted(seen) == ["files", *[f"files/{name}" for name in names]]
    assert (seen["files/main.conf"].mode, seen["files/main.conf"].size) == (0o640, 5)
    assert (seen["files/enabled"].type, seen["files/enabled"].target, seen["files/enabled"].sha256) == ("link", "conf.d/shop.conf", "")


def test_what_is_excluded_stays_out_with_all_that_is_in_it(tmp_path: Path) -> None:
    assert sorted(found(tree(tmp_path), "conf.d")) == ["files", "files/enabled", "files/main.conf"]
    assert "files/conf.d/shop.conf.bak" not in found(tmp_path, "*.bak")
    assert "files/main.conf" not in found(tmp_path, f"{tmp_path}/main.conf")


def test_a_missing_path_is_refused_and_an_empty_pattern_is_named(tmp_path: Path) -> None:
    tree(tmp_path)
    assert expand([f"{tmp_path}/**/*.conf", f"{tmp_path}/none-*"]) == (
        [f"{tmp_path}/conf.d/shop.conf", f"{tmp_path}/main.conf"],
        [f"{tmp_path}/none-*"],
    )
    with pytest.raises(InputError, match="none', which is not there"):
        expand([f"{tmp_path}/none"])


def test_a_socket_a_pipe_and_a_name_that_cannot_be_kept_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("here.sock")
        with pytest.raises(InputError, match=r"here\.sock' is a socket, which cannot be kept"):
            found(tmp_path)
    os.unlink("here.sock")
    os.mkfifo("pipe")
    with pytest.raises(InputError, match="is a pipe"):
        found(tmp_path)
    os.unlink("pipe")
    (tmp_path / "a\nb").touch()
    with pytest.raises(InputError, match="control character"):
        found(tmp_path)
    os.unlink("a\nb")
    os.close(os.open(b"\xff", os.O_CREAT))
    with pytest.raises(InputError, match="not UTF-8"):
        found(tmp_path)


def test_what_may_not_be_read_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, *_arguments: t.Any) -> int:
        raise PermissionError(13, "Permission denied", path)

    (tmp_path / "closed").touch()
    monkeypatch.setattr(os, "open", refuse)  # root may read everything
    with pytest.raises(InputError, match=r"closed' cannot be read: Permission denied\. Nothing was stored\."):
        found(tmp_path)


def test_a_file_that_changes_between_two_readings_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("one")
    entry = found(path)["files"]
    for content in ("two", "more than one", "on"):
        path.write_text(content)
        with pytest.raises(WebopsError, match="changed while it was read"):
            content_of(entry)
    path.unlink()
    with pytest.raises(WebopsError, match="changed while it was read"):
        content_of(entry)


def test_a_file_that_grows_while_it_is_looked_at_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_text("one")
    read = os.open

    def growing(name: str, flags: int) -> int:
        with path.open("a") as file:
            file.write("more")
        return read(name, flags)

    monkeypatch.setattr(os, "open", growing)
    with pytest.raises(WebopsError, match="changed while it was read"):
        found(path)


def test_data_is_a_file_that_can_be_compared_by_lines() -> None:
    entry = document("settings", "vercel", {"b": 1, "a": ["é"]})
    assert entry.content.decode() == '{\n  "a": [\n    "é"\n  ],\n  "b": 1\n}\n'
    assert (entry.path, entry.mode, entry.secret) == ("settings/vercel.json", 0o644, False)
    assert (document("secrets", "vercel", {}).mode, document("secrets", "vercel", {}).secret) == (0o600, True)
    assert "hunter2" not in repr(document("secrets", "vercel", {"A": "hunter2"}))
