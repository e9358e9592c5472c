"""A vercel.json from the inventory over the one of a directory."""

from __future__ import annotations

import json
import tarfile
import typing as t

import pytest

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import InputError
from ansible_collections.holdfast.webops.plugins.module_utils._vercel import archive
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.laying import laid_over
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.tree import Tree, content_of, read_tree
from ansible_collections.holdfast.webops.plugins.module_utils._vercel.uploading import sources_of

if t.TYPE_CHECKING:
    from pathlib import Path

OWN = {"cleanUrls": True, "regions": ["iad1"]}


def tree(root: Path, own: str | None = None, **files: str) -> Tree:
    for path, content in {"api/x.js": "1", **({} if own is None else {"vercel.json": own}), **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    return read_tree(str(root), prebuilt=False, allowed_env=[], largest=10_000)


def said(found: Tree, path: str = "vercel.json") -> t.Any:
    (entry,) = (entry for entry in found.entries if entry.path == path)
    assert len(content_of(found, entry)) == entry.size
    assert sources_of(found)[entry.sha1].body() == content_of(found, entry)
    return json.loads(content_of(found, entry))


def test_its_keys_take_the_place_of_those_in_the_directory_and_the_file_stays(tmp_path: Path) -> None:
    own = json.dumps(OWN)
    before = tree(tmp_path, own)
    after = laid_over(before, {"regions": ["fra1"], "fluid": True}, None)
    assert said(after) == {"cleanUrls": True, "regions": ["fra1"], "fluid": True}
    assert (tmp_path / "vercel.json").read_text() == own
    assert [entry.path for entry in after.entries] == ["api/x.js", "vercel.json"]
    assert after.digest() != before.digest()
    assert after.digest() == laid_over(tree(tmp_path, own), {"regions": ["fra1"], "fluid": True}, "").digest()


def test_without_a_file_of_its_own_the_directory_gets_one(tmp_path: Path) -> None:
    assert said(laid_over(tree(tmp_path), {"fluid": True}, None)) == {"fluid": True}
    assert not (tmp_path / "vercel.json").exists()


def test_it_stands_in_the_root_directory_of_the_project(tmp_path: Path) -> None:
    found = tree(tmp_path, json.dumps(OWN), **{"apps/web/app/route.ts": "1"})
    wanted = {"functions": {"app/*.ts": {"memory": 128}}}
    assert said(laid_over(found, wanted, "apps/web"), "apps/web/vercel.json") == wanted
    assert said(laid_over(found, wanted, "apps/web")) == OWN
    with pytest.raises(InputError, match=r"functions\['app/\*\.ts'\] matches no file that is sent;"):
        laid_over(found, wanted, ".")


def test_a_pattern_for_a_file_that_is_ignored_is_refused(tmp_path: Path) -> None:
    wanted = {"functions": {"api/x.js": {"memory": 128}}}
    laid_over(tree(tmp_path), wanted, None)
    with pytest.raises(InputError, match=r"functions\['api/x.js'\] matches no file that is sent"):
        laid_over(tree(tmp_path, **{".vercelignore": "api\n", "index.html": "1"}), wanted, None)


@pytest.mark.parametrize(("own", "sentence"), [("{", "vercel.json cannot be read"), ("[1]", r"vercel.json holds \[1\], not a mapping")])
def test_a_file_in_the_directory_that_is_no_vercel_json_is_named(tmp_path: Path, own: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        laid_over(tree(tmp_path, own), {"fluid": True}, None)


def test_what_contradicts_the_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="both routes and headers"):
        laid_over(tree(tmp_path, '{"routes": []}'), {"headers": []}, None)
    with pytest.raises(InputError, match=r"holds vercel\.ts"):
        laid_over(tree(tmp_path, **{"vercel.ts": "1"}), {"headers": []}, None)


def test_an_archive_holds_it_too(tmp_path: Path) -> None:
    found = laid_over(tree(tmp_path, json.dumps(OWN)), {"regions": ["fra1"]}, None)
    with archive.pack(found) as file:
        assert packed(file)["regions"] == ["fra1"]


def packed(file: t.BinaryIO) -> t.Any:
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:gz") as opened:
        return json.loads(t.cast("t.IO[bytes]", opened.extractfile("vercel.json")).read())
