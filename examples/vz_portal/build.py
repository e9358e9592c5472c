"""VZ Portal's git repository, and the build of its site: `python -m examples.vz_portal.build repository build/vz_portal.git`.

A release is the files of 1.0 with those of each later one laid over them. The same files always make the same commits.
`site` builds what `vite build` builds, without Node.js: no bundling and no minifying, but the same files under the same kind of names.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import posixpath
import re
import subprocess
import sys
import typing as t
from pathlib import Path

from examples.portal.build import layered, versions

if t.TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES = Path(__file__).resolve().parent / "releases"
# Where tested commits are; the branches that environments publish begin where the portal began.
SOURCE_BRANCH = "develop"
PUBLISHED_BRANCHES = ("staging", "main")
AUTHOR = "VZ Portal <developers@vzportal.example>"
FIRST_DAY = 1_736_150_400  # 6 January 2025
MONTH = 2_592_000
ENTRY = re.compile(r"^(?P<name>VITE_\w+)=(?P<quote>['\"]?)(?P<value>.*)(?P=quote)$", re.MULTILINE)
IMPORTED = re.compile(r"""(?P<before>\bfrom\s+|\bimport\(\s*)(?P<quote>['"])(?P<path>\.[^'"]*)(?P=quote)""")
REFERENCE = re.compile(r'(?P<before>(?:src|href)=")(?P<path>/src/[^"]+)"')


class BuildError(Exception):
    """The tree cannot be built; the text says what is wrong with it."""


def contents(version: str) -> dict[str, bytes]:
    """Path -> bytes of the source of a release."""
    return layered(RELEASES, version)


# --- the repository ---


def repository(folder: Path) -> dict[str, str]:
    """Make a bare repository with a commit, tagged `v<version>`, for each release. Version -> commit."""
    empty_repository(folder)
    _git(folder, "fast-import", "--quiet", given=_history())
    return {version: _git(folder, "rev-parse", f"v{version}").strip() for version in versions(RELEASES)}


def empty_repository(folder: Path) -> None:
    _git(None, "init", "--quiet", "--bare", f"--initial-branch={SOURCE_BRANCH}", str(folder))


def _history() -> bytes:
    """All commits and branches, in the format of git fast-import."""
    parts = [_commit("Begin", 0, {"README.md": b"VZ Portal\n"})]
    parts += [f"reset refs/heads/{branch}\nfrom refs/heads/{SOURCE_BRANCH}\n\n".encode() for branch in PUBLISHED_BRANCHES]
    for number, version in enumerate(versions(RELEASES), 1):
        parts += [_commit(f"VZ Portal {version}", number, contents(version))]
        parts += [f"reset refs/tags/v{version}\nfrom refs/heads/{SOURCE_BRANCH}\n\n".encode()]
    return b"".join(parts)


def _commit(message: str, number: int, files: Mapping[str, bytes]) -> bytes:
    head = f"commit refs/heads/{SOURCE_BRANCH}\ncommitter {AUTHOR} {FIRST_DAY + number * MONTH} +0000\n"
    told = [f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n" for path, data in sorted(files.items())]
    return f"{head}data {len(message)}\n{message}\ndeleteall\n".encode() + b"".join(told) + b"\n"


def _git(folder: Path | None, *words: str, given: bytes = b"") -> str:
    """Nobody's settings have a say in it."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    argv = ["git", *(["--git-dir", str(folder)] if folder else []), *words]
    return subprocess.run(argv, input=given, env=environment, stdout=subprocess.PIPE, check=True, timeout=300).stdout.decode()


# --- the site ---


def site(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """Path -> bytes of the site that a host makes of a tree: index.html, assets with a digest in their names, and what is in public/."""
    bundle = _Bundle(tree)
    index = REFERENCE.sub(lambda found: f'{found["before"]}{bundle.address(found["path"][1:])}"', _text(tree, "index.html"))
    public = {path.removeprefix("public/"): data for path, data in tree.items() if path.startswith("public/")}
    return {**public, "index.html": index.encode(), **bundle.assets}


class _Bundle:
    """Modules and style sheets under names that follow from their content and from that of what they import."""

    def __init__(self, tree: Mapping[str, bytes]) -> None:
        self.assets: dict[str, bytes] = {}
        self._tree = tree
        self._known: dict[str, str] = {}
        self._environment = json.dumps(_environment(tree))

    def address(self, path: str, importers: tuple[str, ...] = ()) -> str:
        """Where in the site the file is that the tree has as `path`."""
        if path in importers:
            raise BuildError(f"{path} imports itself, by way of {', '.join(importers)}.")
        if path not in self._known:
            content = self._built(path, (*importers, path)).encode()
            mark = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()[:8]
            stem, ending = posixpath.splitext(posixpath.basename(path))
            self._known[path] = f"/assets/{'index' if stem == 'main' else stem}-{mark}{ending}"
            self.assets[self._known[path][1:]] = content
        return self._known[path]

    def _built(self, path: str, importers: tuple[str, ...]) -> str:
        def elsewhere(found: re.Match[str]) -> str:
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(path), found["path"]))
            return f"{found['before']}{found['quote']}{self.address(imported, importers)}{found['quote']}"

        text = _text(self._tree, path)
        return IMPORTED.sub(elsewhere, text.replace("import.meta.env", self._environment)) if path.endswith(".js") else text


def _text(tree: Mapping[str, bytes], path: str) -> str:
    if path not in tree:
        raise BuildError(f"there is no {path}.")
    return tree[path].decode()


def _environment(tree: Mapping[str, bytes]) -> dict[str, t.Any]:
    """`import.meta.env` of a production build."""
    fixed = {"BASE_URL": "/", "DEV": False, "MODE": "production", "PROD": True, "SSR": False}
    text = "\n".join(tree[name].decode() for name in (".env", ".env.production") if name in tree)
    return fixed | {found["name"]: found["value"] for found in ENTRY.finditer(text)}


def _build_site(tree: Path, out: Path) -> None:
    found = sorted(path for path in tree.rglob("*") if path.is_file() and not {".git", "node_modules"} & set(path.parts))
    for name, content in site({str(path.relative_to(tree)): path.read_bytes() for path in found}).items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    jobs = parser.add_subparsers(dest="job", required=True)
    jobs.add_parser("repository", help="make a bare git repository with all releases").add_argument("folder", type=Path)
    building = jobs.add_parser("site", help="build the site of a tree")
    for name in ("tree", "out"):
        building.add_argument(name, type=Path)
    chosen = parser.parse_args(argv)
    try:
        if chosen.job == "site":
            _build_site(chosen.tree, chosen.out)
        else:
            print("".join(f"v{version}  {commit}\n" for version, commit in repository(chosen.folder).items()), end="")
    except BuildError as exc:
        print(f"{chosen.tree}: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
