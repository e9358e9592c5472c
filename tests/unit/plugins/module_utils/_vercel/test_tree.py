"""Which files are sent, and as what."""

from __future__ import annotations

import hashlib
import json
import os
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import tree as tree_module
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.tree import FILE, LINK, PROGRAM, Tree, read_tree

if t.TYPE_CHECKING:
    from pathlib import Path

OUTPUT = ".vercel/output"


def write(root: Path, **files: str) -> None:
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


def read(root: Path, *, prebuilt: bool = False, allowed_env: t.Sequence[str] = (), largest: int = 1000) -> Tree:
    return read_tree(str(root), prebuilt=prebuilt, allowed_env=allowed_env, largest=largest)


def paths(tree: Tree) -> list[str]:
    return [entry.path for entry in tree.entries]


def test_files_links_and_permissions_are_kept(tmp_path: Path) -> None:
    write(tmp_path, **{"a/run.sh": "x", "b.txt": "hello"})
    (tmp_path / "a/run.sh").chmod(0o700)
    (tmp_path / "b.txt").chmod(0o600)
    (tmp_path / "a/link").symlink_to("../b.txt")
    found = {entry.path: entry for entry in read(tmp_path).entries}
    assert {path: entry.mode for path, entry in found.items()} == {"a/link": LINK, "a/run.sh": PROGRAM, "b.txt": FILE}
    assert found["b.txt"].sha1 == hashlib.sha1(b"hello", usedforsecurity=False).hexdigest()
    assert (found["a/link"].sha1, found["a/link"].size) == (hashlib.sha1(b"../b.txt", usedforsecurity=False).hexdigest(), 8)


def test_the_digest_tells_contents_paths_and_permissions_apart_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, **{"a.txt": "1", "b.txt": "2"})
    first = read(tmp_path).digest()
    os.utime(tmp_path / "a.txt", (1, 1))
    (tmp_path / "a.txt").chmod(0o664)
    assert read(tmp_path).digest() == first
    (tmp_path / "a.txt").chmod(0o775)
    assert read(tmp_path).digest() != first
    (tmp_path / "a.txt").chmod(0o644)
    (tmp_path / "a.txt").rename(tmp_path / "c.txt")
    assert read(tmp_path).digest() != first


def test_what_the_vendors_cli_leaves_out_stays_here(tmp_path: Path) -> None:
    ignored = [
        "node_modules/x/i.js",
        ".git/config",
        "deep/node_modules/i.js",
        ".vercel/project.json",
        "a.swp/.x.swp",
        "venv/x",
        ".yarn/cache/x",
    ]
    write(tmp_path, **{"index.html": "x", ".yarn/releases/y.cjs": "x", **dict.fromkeys(ignored, "x")})
    assert paths(read(tmp_path)) == [".yarn/releases/y.cjs", "index.html"]


def test_the_projects_own_rules_count_and_can_take_back(tmp_path: Path) -> None:
    write(tmp_path, **{"a.log": "x", "keep.log": "x", "doc/a.md": "x", "node_modules/a.js": "x"})
    write(tmp_path, **{".vercelignore": "*.log\n./doc\n!keep.log\n!node_modules\n"})
    assert paths(read(tmp_path)) == [".vercelignore", "keep.log", "node_modules/a.js"]


def test_two_files_of_rules_are_refused(tmp_path: Path) -> None:
    write(tmp_path, **{".vercelignore": "", ".nowignore": "", "a": "x"})
    with pytest.raises(InputError, match=r"both \.vercelignore and \.nowignore"):
        read(tmp_path)


def test_rust_builds_stay_here(tmp_path: Path) -> None:
    write(tmp_path, **{"Cargo.toml": "", "target/x": "", "src/target/y": ""})
    assert paths(read(tmp_path)) == ["Cargo.toml", "src/target/y"]


def test_files_of_secrets_stay_here_unless_they_are_named(tmp_path: Path) -> None:
    write(tmp_path, **dict.fromkeys([".env", ".env.stub", "api/.env.production", ".envrc", "env.txt", ".env.d/x"], "S=1"))
    found = read(tmp_path)
    assert paths(found) == ["env.txt"]
    assert found.withheld == [".env", ".env.d/", ".env.stub", ".envrc", "api/.env.production"]
    assert paths(read(tmp_path, allowed_env=[".env.production"])) == ["api/.env.production", "env.txt"]


def test_an_allowed_file_of_secrets_goes_even_if_the_cli_would_leave_it_out(tmp_path: Path) -> None:
    write(tmp_path, **{".env.local": "S=1", "a": "x"})
    assert paths(read(tmp_path, allowed_env=[".env.local"])) == [".env.local", "a"]


def test_an_empty_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no file to deploy"):
        read(tmp_path)


def test_no_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no directory"):
        read(tmp_path / "nothing")


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "a/../../outside"])
def test_a_link_that_leaves_the_directory_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(InputError, match=r"'link' is a link to .* which leaves the directory"):
        read(tmp_path)


def test_a_pipe_is_refused_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="'pipe' is neither a file nor a link"):
        read(tmp_path)


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.txt", "wb"):
        pass
    with pytest.raises(InputError, match="has a name that is not UTF-8"):
        read(tmp_path)


def test_all_that_is_too_large_is_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, **{f"{number}.bin": "x" * 11 for number in range(7)}, small="x" * 10)
    with pytest.raises(InputError, match=r"0.bin has 11 bytes, more than max_file_size \(10\); .*; and 2 more"):
        read(tmp_path, largest=10)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, **{"a.txt": "x"})

    def denied(path: str) -> t.BinaryIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tree_module, "open_file", denied)
    with pytest.raises(InputError, match=r"a.txt cannot be read \(Permission denied\)"):
        read(tmp_path)


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, **{"a.txt": "one"})
    opened = tree_module.open_file

    def writing(path: str) -> t.BinaryIO:
        file = opened(path)
        file_read = file.read

        class Growing:
            def read(self, most: int) -> bytes:
                content = file_read(most)
                (tmp_path / "a.txt").write_text("another text")
                return content[:3]

            def __getattr__(self, name: str) -> t.Any:
                return getattr(file, name)

            def __enter__(self) -> t.Any:
                return self

            def __exit__(self, *what: object) -> None:
                file.close()

        return t.cast("t.BinaryIO", Growing())

    monkeypatch.setattr(tree_module, "open_file", writing)
    with pytest.raises(ConflictError, match=r"a.txt changed while it was read"):
        read(tmp_path)


def test_a_prebuilt_output_is_sent_with_what_its_functions_name(tmp_path: Path) -> None:
    function = {"filePathMap": {"x.js": "dist/x.js", "env": ".env.production", "ignored": "doc/a.md"}}
    write(tmp_path, **{f"{OUTPUT}/config.json": "{}", f"{OUTPUT}/static/node_modules/a.js": "x", "index.html": "x"})
    write(tmp_path, **{f"{OUTPUT}/functions/a.func/.vc-config.json": json.dumps(function), "dist/x.js": "x"})
    write(tmp_path, **{".env.production": "S=1", "doc/a.md": "x", ".vercelignore": "doc\n"})
    found = read(tmp_path, prebuilt=True)
    assert paths(found) == [
        f"{OUTPUT}/config.json",
        f"{OUTPUT}/functions/a.func/.vc-config.json",
        f"{OUTPUT}/static/node_modules/a.js",
        "dist/x.js",
    ]
    assert found.withheld == [".env.production"]


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd"])
def test_a_function_that_names_a_file_outside_is_refused(tmp_path: Path, path: str) -> None:
    root = tmp_path / "project"
    write(root, **{f"{OUTPUT}/config.json": "{}", f"{OUTPUT}/functions/a.func/.vc-config.json": json.dumps({"filePathMap": {"x": path}})})
    with pytest.raises(InputError, match="lies outside"):
        read(root, prebuilt=True)


def test_a_prebuilt_output_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, **{"index.html": "x"})
    with pytest.raises(InputError, match="vercel build"):
        read(tmp_path, prebuilt=True)
