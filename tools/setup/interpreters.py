"""The Pythons of this machine.

This file and __main__.py run on Python 3.6 too, so that an old default Python can still find the right one, or say in
one sentence what is missing.
"""

import glob
import os
import subprocess
from typing import Iterable, List, NamedTuple, Optional, Tuple

OLDEST = (3, 11)  # the oldest Python that runs ansible-core 2.19
NEWEST = (3, 14)  # the newest Python that ansible-core 2.21 supports
NEWEST_CORE_SINCE = (3, 12)  # requirements/dev.in: older Pythons get the oldest supported ansible-core

Version = Tuple[int, int]

PLACES = (
    "~/.pyenv/versions/*/bin",
    "~/.local/share/uv/python/*/bin",
    "/opt/hostedtoolcache/Python/*/x64/bin",
    "/usr/local/bin",
    "/usr/bin",
)


class Interpreter(NamedTuple):
    """A Python that was seen to run; `path` has no symbolic links, so that shims do not count twice."""

    version: Version
    path: str


def spell(version: Version) -> str:
    """`3.11`: how people, programs and packages name a version."""
    return "%d.%d" % version


def candidates(oldest: Version = OLDEST) -> List[str]:
    """Every file on this machine that may be a Python of this version or newer, in the order of preference."""
    names = ["python3.%d" % minor for minor in range(NEWEST[1], oldest[1] - 1, -1)] + ["python3"]
    folders = os.environ.get("PATH", "").split(os.pathsep)
    folders += [folder for place in PLACES for folder in sorted(glob.glob(os.path.expanduser(place)))]
    found = [os.path.join(folder, name) for folder in folders for name in names]
    environment = os.path.join(os.getcwd(), ".venv")
    return [path for path in dict.fromkeys(found) if os.access(path, os.X_OK) and not path.startswith(environment)]


def ask(path: str) -> Optional[Interpreter]:
    """What the program says it is, or nothing when it is no Python that runs (pyenv's shims exist and fail)."""
    question = "import sys; print('%d.%d' % sys.version_info[:2]); print(getattr(sys, '_base_executable', sys.executable))"
    try:
        answer = subprocess.check_output([path, "-I", "-c", question], stderr=subprocess.DEVNULL, timeout=20).decode().split("\n")
        major, minor = answer[0].split(".")
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Interpreter((int(major), int(minor)), os.path.realpath(answer[1]))


def supported(found: Iterable[Optional[Interpreter]], oldest: Version = OLDEST) -> List[Interpreter]:
    """The usable ones, oldest first, one for each version: the first that was found."""
    chosen = {}  # type: dict[Version, Interpreter]
    for interpreter in found:
        if interpreter is not None and oldest <= interpreter.version <= NEWEST:
            chosen.setdefault(interpreter.version, interpreter)
    return [chosen[version] for version in sorted(chosen)]


def discover(oldest: Version = OLDEST) -> List[Interpreter]:
    """The Pythons of this machine from this version up to the newest supported one, oldest first."""
    return supported((ask(path) for path in candidates(oldest)), oldest)


def core_line(version: Version) -> str:
    """Which ansible-core requirements/dev.in gives to this Python."""
    return "newest" if version >= NEWEST_CORE_SINCE else "oldest"


def nothing_suitable(present: Version) -> str:
    """The sentence for a machine without a supported Python."""
    return (
        "holdfast.webops needs Python %s to %s on the controller; this machine has only %s. "
        "Install one of them (Debian 12: sudo apt-get install python3 python3-venv; or pyenv install 3.12) and run the same command again."
        % (spell(OLDEST), spell(NEWEST), spell(present))
    )
