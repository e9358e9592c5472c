# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that outlive the task which started them, for a while: each in a folder of its own, and with an end.

<place>/holdfast-<purpose>-<owner>.<random>/
    .in-use     open and locked as long as the program, or the task that starts it, lives
    log         what the program wrote

`timeout` ends the program whatever became of the rest. Who has `.in-use` open belongs to it: no process id is kept, and none of
another program is ever ended.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import glob
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, SystemClock, wait_until
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError, WebopsError

LOCK = ".in-use"
GRACE = 20.0  # seconds between the first signal and SIGKILL
GONE = 20.0


@dataclasses.dataclass(frozen=True)
class LastingFolder:
    """A private folder that may outlive its block, and the lock on it."""

    path: str
    handle: int

    @property
    def log(self) -> str:
        return os.path.join(self.path, "log")

    def start(
        self,
        commands: Commands,
        argv: t.Sequence[str],
        *,
        seconds: float,
        end_by: signal.Signals,
        env: t.Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program that gets `end_by` after so many seconds. `env` is all of its environment; None inherits ours."""
        limited = ["timeout", f"--signal={end_by.name[3:]}", f"--kill-after={GRACE:g}", f"{seconds:g}", *argv]
        with open(self.log, "ab") as said:
            return commands.start(limited, env=env, inherit=env is None, cwd=cwd, stdout=said, stderr=said, pass_fds=[self.handle])


@contextlib.contextmanager
def lasting_folder(place: str | None, purpose: str, owner: str) -> t.Iterator[LastingFolder]:
    """A new folder that only we can enter. It stays after the block, for `end_lasting`, unless the block fails."""
    place = place or tempfile.gettempdir()
    try:
        path = tempfile.mkdtemp(prefix=_name(purpose, owner), dir=place)
    except OSError as exc:
        raise WebopsError(f"scratch_dir '{place}' cannot be used: {exc.strerror}.", hint="Name a directory that exists.") from exc
    handle = os.open(os.path.join(path, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    stays = False
    try:
        yield LastingFolder(path, handle)
        stays = True
    finally:
        os.close(handle)
        if not stays:
            end_lasting(SystemClock(), path, signal.SIGKILL)


def lasting(place: str | None, purpose: str, owner: str) -> list[str]:
    """The folders of this owner that are there, whether anything runs in them or not; none of them was made by another user."""
    found = glob.glob(glob.escape(os.path.join(place or tempfile.gettempdir(), _name(purpose, owner))) + "*")
    return sorted(filter(_is_ours, found))


def end_lasting(clock: Clock, folder: str, end_by: signal.Signals) -> None:
    """End what runs in a folder, see that it is gone, remove the folder."""
    for number, patience in ((end_by, GRACE), (signal.SIGKILL, GONE)):
        _signal(folder, number)
        with contextlib.suppress(DeadlineError):
            wait_until(
                lambda: not holders(folder) or None, clock=clock, timeout=patience, interval=0.05, what=f"what runs in {folder} to end"
            )
            shutil.rmtree(folder, ignore_errors=True)
            return
    raise WebopsError(f"What runs in {folder} does not end.", hint="Look at it with: fuser -v " + os.path.join(folder, LOCK))


def holders(folder: str) -> list[int]:
    """The processes that have the lock of a folder open."""
    wanted, found = os.path.realpath(os.path.join(folder, LOCK)), []
    for path in glob.glob("/proc/[0-9]*/fd/*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is somebody else's
            if os.readlink(path) == wanted:
                found.append(int(path.split("/")[2]))
    return sorted(set(found) - {os.getpid()})


def _signal(folder: str, number: signal.Signals) -> None:
    """To the programs; the last one to whole process groups, because who gets it can tell nobody."""
    for process in holders(folder):
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(os.getpgid(process), number)
            else:
                os.kill(process, number)


def _is_ours(path: str) -> bool:
    """Where everybody may make folders, the lock in somebody else's could lead to a file that any program has open."""
    with contextlib.suppress(FileNotFoundError):
        seen = os.lstat(path)
        return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid()
    return False


def _name(purpose: str, owner: str) -> str:
    return f"holdfast-{purpose}-{owner}."
