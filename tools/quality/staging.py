"""A copy of the checkout where ansible-test accepts it.

ansible-test wants to stand physically below ansible_collections/NAMESPACE/NAME, and it asks git for the files; in a copy
that an outer repository ignores it would find none and call that a success. So the copy is a repository of its own.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

from tools.setup.steps import ROOT


def tracked_files() -> list[str]:
    """The files of the checkout that are not ignored and do exist."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and os.path.lexists(ROOT / name)]


def stage(tree: pathlib.Path) -> pathlib.Path:
    """Lay the checkout out below the tree, with the collections it needs beside it; returns its folder there."""
    shutil.rmtree(tree, ignore_errors=True)
    root = tree / "ansible_collections"
    staged = root / "holdfast" / "webops"
    for name in tracked_files():
        (staged / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, staged / name, follow_symlinks=False)
    for sibling in (ROOT / ".cache" / "collections" / "ansible_collections").iterdir():
        if sibling.name != "holdfast":
            (root / sibling.name).symlink_to(sibling)
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=staged, check=True)
    return staged
