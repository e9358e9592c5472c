# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that read an archive from their standard input."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._backup.encryption import Sink
from ansible_collections.holdfast.webops.plugins.module_utils._backup.supply import EnoughError
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.commands import Commands, failure, stop
from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import DeadlineError

Feed = t.Callable[[Sink], None]


def run_fed(
    commands: Commands,
    argv: t.Sequence[str],
    feed: Feed,
    deadline: Deadline,
    *,
    env: t.Mapping[str, str] | None = None,
    to_the_end: bool = True,
) -> bytes:
    """Run a program with what `feed` gives to its sink; returns its output. An error of `feed` comes before one of the program.

    `to_the_end`: read on when the program wants no more, so that an error at the end of the stream is found.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as output:
        child = commands.start(argv, env=env, stdin=subprocess.PIPE, stdout=output, stderr=said)
        alarm = threading.Timer(deadline.remaining(), stop, [child])
        alarm.daemon = True
        alarm.start()
        try:
            with contextlib.suppress(EnoughError):
                feed(_into(child, to_the_end=to_the_end))
            _close(child)
            child.wait(max(deadline.remaining(), 1.0) + 5.0)
        finally:
            alarm.cancel()
            _close(child)
            if child.poll() is None:
                stop(child)
        if child.returncode != 0 and deadline.expired:
            raise DeadlineError(f"{os.path.basename(argv[0])} had not ended when the time was over (wait_timeout) and was stopped.")
        if child.returncode != 0:
            said.seek(0)
            raise failure(argv, child.returncode, said.read())
        output.seek(0)
        return output.read()


def _into(child: subprocess.Popen[bytes], *, to_the_end: bool) -> Sink:
    open_end = True

    def write(data: bytes) -> None:
        nonlocal open_end
        try:
            if open_end and child.stdin is not None:
                child.stdin.write(data)
        except BrokenPipeError:
            open_end = False
            if not to_the_end:
                raise EnoughError("The program wants no more of the archive.") from None

    return write


def _close(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
