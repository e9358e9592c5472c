"""The tree in which Ansible finds the checkout as holdfast.webops, with the collections it needs beside it.

They come from the `ansible` package, which holds them all: one pinned download with a hash, and no Galaxy server.
"""

from __future__ import annotations

import pathlib
import zipfile

from tools.setup import interpreters, steps

LOCK = steps.ROOT / "requirements" / "collections.txt"
TREE = steps.CACHE / "collections"
WANTED = ("community/postgresql", "containers/podman", "ansible/posix")


def ensure(python: pathlib.Path, version: interpreters.Version) -> None:
    """Make .cache/collections unless it is there."""
    key = steps.key_of(LOCK, *WANTED, interpreters.core_line(version))
    if steps.is_complete(TREE, key):
        return
    steps.say("fetching the collections beside ours (50 MB)")
    wheels = steps.CACHE / "wheels" / key[:12]
    options = ["--quiet", "--retries", "2", "--no-deps", "--require-hashes", "--dest", str(wheels), "--requirement", str(LOCK)]
    steps.run([python, "-m", "pip", "download", *options], fetching="the collections (requirements/collections.txt)")
    with steps.whole_or_absent(TREE, key):
        unpack(next(wheels.glob("ansible-*.whl")), TREE)
        link = TREE / "ansible_collections" / "holdfast" / "webops"
        link.parent.mkdir(parents=True)
        link.symlink_to(pathlib.Path("../../../.."))


def unpack(wheel: pathlib.Path, tree: pathlib.Path) -> None:
    """Take the wanted collections out of the wheel, and nothing else."""
    prefixes = tuple(f"ansible_collections/{name}/" for name in WANTED)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tree, [name for name in archive.namelist() if name.startswith(prefixes)])
