"""`python -m tests.images.build`: prints the name of the image of molecule's containers, after making it where it is missing.

Debian 12 with systemd and all that the roles install, made by debootstrap from Debian's packages alone: no container
registry is needed. The name holds a digest of what goes in, so that a changed package list makes a new image.
Making it takes root (or sudo) for debootstrap, one to two minutes, and 2 GB below .cache while it lasts.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

from tools.setup.packages import as_root

HERE = Path(__file__).resolve().parent
WORK = HERE.parents[1] / ".cache" / "images"
PACKAGES = HERE / "debian12.txt"
SUITE = "bookworm"
REPOSITORY = "localhost/holdfast-debian12"
LEFT_OUT = ("./var/cache/apt/*", "./var/lib/apt/lists/*", "./usr/share/doc/*", "./usr/share/locale/*", "./usr/share/man/*")
# Installed, but not running until a role starts them: the other scenario has no use for them.
IDLE = ("prometheus", "prometheus-alertmanager", "prometheus-blackbox-exporter", "prometheus-node-exporter")
SETTINGS = ("CMD /sbin/init", "STOPSIGNAL SIGRTMIN+3", "ENV LANG=C.UTF-8")
LAST_LINES = 15


class ImageError(Exception):
    """Why there is no image."""


def packages(text: str) -> list[str]:
    """The packages in a list with comments."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def image_name(*recipe: bytes) -> str:
    """The name of what this recipe makes."""
    return f"{REPOSITORY}:{hashlib.sha256(b''.join(recipe)).hexdigest()[:12]}"


def exists(name: str) -> bool:
    return subprocess.run(["podman", "image", "exists", name], check=False).returncode == 0


def make(name: str) -> None:
    """Make the image; the folder it is made in is removed, whatever happens."""
    root = as_root(uid=os.getuid(), sudo=shutil.which("sudo"), interactive=sys.stdin.isatty())
    if root is None:
        raise ImageError("debootstrap needs root, and there is no sudo. Run this as root, or name an image in WEBOPS_TEST_IMAGE.")
    tree = WORK / "tree"
    _say(f"making {name} with debootstrap; this takes one to two minutes")
    _run([*root, "rm", "-rf", "--one-file-system", str(tree)])
    try:
        _bootstrap(root, tree)
        _import(root, tree, name)
    finally:
        _run([*root, "rm", "-rf", "--one-file-system", str(tree)])


def _bootstrap(root: list[str], tree: Path) -> None:
    """Debian in a folder. In a mount namespace of its own, so that nothing stays mounted when this is killed."""
    wanted = ",".join(packages(PACKAGES.read_text()))
    # The database cluster is made during the installation and takes its encoding from LANG.
    words = ["env", "LANG=C.UTF-8", "unshare", "--mount", "debootstrap", "--variant=minbase", f"--include={wanted}", SUITE, str(tree)]
    _run([*root, *words])
    _run([*root, "chroot", str(tree), "systemctl", "disable", *IDLE])


def _import(root: list[str], tree: Path, name: str) -> None:
    changes = [word for setting in SETTINGS for word in ("--change", setting)]
    tar = [*root, "tar", "--directory", str(tree), *(f"--exclude={pattern}" for pattern in LEFT_OUT), "--create", "."]
    with subprocess.Popen(tar, stdout=subprocess.PIPE) as packing:
        _run(["podman", "import", "--quiet", *changes, "-", name], stdin=packing.stdout)
    if packing.returncode != 0:
        raise ImageError(f"tar ended with {packing.returncode}.")


def _run(argv: list[str], *, stdin: t.IO[bytes] | int | None = subprocess.DEVNULL) -> None:
    try:
        done = subprocess.run(argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except FileNotFoundError as exc:
        raise ImageError(f"{exc.filename} is missing; `make packages` installs it.") from exc
    if done.returncode != 0:
        said = "\n".join(done.stdout.decode(errors="replace").splitlines()[-LAST_LINES:])
        raise ImageError(f"{' '.join(argv[:6])} ... ended with {done.returncode}:\n{said}")


@contextlib.contextmanager
def _alone() -> t.Iterator[None]:
    """One at a time on this checkout: a second one waits and then finds the image."""
    WORK.mkdir(parents=True, exist_ok=True)
    with (WORK / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _say(text: str) -> None:
    print(f"images: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Make what is missing; the name goes to stdout alone."""
    name = image_name(PACKAGES.read_bytes(), repr((SUITE, LEFT_OUT, IDLE, SETTINGS)).encode())
    try:
        if shutil.which("podman") is None:
            raise ImageError("podman is missing; `make packages` installs it.")
        with _alone():
            if not exists(name):
                make(name)
    except ImageError as exc:
        _say(str(exc))
        return 1
    print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
