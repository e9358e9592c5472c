"""Debian packages: installed only when missing, and only these."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import typing as t

from tools.setup import interpreters, steps


class Group(t.NamedTuple):
    """Packages that a suite needs, and the reason, which the person at the console is told."""

    names: tuple[str, ...]
    why: str


CONTAINERS = ("podman", "runc", "debootstrap", "netavark", "aardvark-dns", "slirp4netns", "uidmap", "iptables")
BY_SUITE = {
    "integration": Group(("age",), "`make integration` restores by hand what was encrypted, as the guides say"),
    "molecule-hosts": Group(CONTAINERS, "`make molecule-hosts` runs the roles in Debian containers with systemd"),
    "molecule-monitor": Group(CONTAINERS, "`make molecule-monitor` watches a portal from a Debian container with systemd"),
    "molecule-recovery": Group(CONTAINERS, "`make molecule-recovery` loses a database in a Debian container with systemd"),
    "molecule-backups": Group(CONTAINERS, "`make molecule-backups` backs up and restores on a Debian container with systemd"),
    "browser": Group(("chromium",), "`make browser` opens pages in a real browser"),
    "conformance": Group(("npm", "pgbackrest"), "`make conformance` restores with pgBackRest, and compares with vendors' tools from npm"),
}


def venv_package(version: interpreters.Version) -> str:
    """The package without which Debian's Python cannot make virtual environments."""
    return f"python{interpreters.spell(version)}-venv"


def missing(names: t.Iterable[str]) -> list[str]:
    """Those of the packages that are not installed, and whose program does not come from elsewhere either."""
    return [name for name in names if not shutil.which(name) and not _is_installed(name)]


def _is_installed(name: str) -> bool:
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", name], capture_output=True, text=True, check=False)
    return asked.returncode == 0 and asked.stdout == "installed"


def as_root(*, uid: int, sudo: str | None, interactive: bool) -> list[str] | None:
    """What to put before a command that needs root: nothing for root, sudo for others, None when there is no way."""
    if uid == 0:
        return []
    if sudo is None:
        return None
    return [sudo] if interactive else [sudo, "-n"]


def install(names: t.Sequence[str], *, why: str = "Debian's Python needs it to make virtual environments") -> None:
    """Install what is missing with apt-get; SetupError names the command for whoever may run it."""
    if shutil.which("dpkg-query") is None or shutil.which("apt-get") is None:
        raise steps.SetupError(f"this machine has no apt-get; install the equivalent of {', '.join(names)} by hand ({why})")
    wanted = missing(names)
    if not wanted:
        return
    by_hand = f"apt-get install {' '.join(wanted)}"
    prefix = as_root(uid=os.getuid(), sudo=shutil.which("sudo"), interactive=sys.stdin.isatty())
    if prefix is None:
        raise steps.SetupError(f"{why}: that needs root once. Run as root: {by_hand}")
    steps.say(f"{why}; running {' '.join([*prefix, by_hand])}")
    _apt_get(prefix, "update")
    _apt_get(prefix, "install", "--yes", "--no-install-recommends", *wanted, by_hand=by_hand)


def _apt_get(prefix: list[str], *words: str, by_hand: str = "") -> None:
    argv = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--quiet", *words]
    finished = subprocess.run(argv, stdout=subprocess.DEVNULL, check=False)
    if finished.returncode and by_hand:
        raise steps.SetupError(f"apt-get failed; see what it says to (as root): {by_hand}")
