"""How to start PostgreSQL, which refuses to run as root, for somebody who is root."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess

from tools.embedded.errors import EmbeddedError

NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")


def dies_with_parent(signal_name: str) -> list[str]:
    """An argv prefix: the kernel sends `signal_name` when the starting process dies, even by kill -9."""
    return ["setpriv", "--pdeathsig", signal_name, "--"] if shutil.which("setpriv") else []


@functools.cache
def unprivileged() -> tuple[str, ...]:
    """An argv prefix that makes a program see itself as an ordinary user; empty for ordinary users.

    A user namespace keeps the files ours; where the kernel forbids it, the user nobody is used.
    Both prefixes exec the program, so that pid and signals are the program's own.
    """
    if os.geteuid() != 0:
        return ()
    for prefix in (NAMESPACE, NOBODY):
        if _works(prefix):
            return prefix
    raise EmbeddedError(
        "PostgreSQL does not run as root, and neither `unshare --user` nor `setpriv --reuid` works here; run as an ordinary user."
    )


def owner_outside() -> tuple[int, int] | None:
    """(uid, gid) that must own the server's folders as seen from here; None when it is ourselves."""
    return (65534, 65534) if unprivileged() == NOBODY else None


def _works(prefix: tuple[str, ...]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    return subprocess.run([*prefix, "true"], stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False).returncode == 0
