# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a long task is doing right now, for whoever watches it.

Ansible keeps back all that a module says until it ends. So whoever watches names a file by an environment variable, the module
keeps its latest sentence in there, and the watcher reads it meanwhile. Nobody watches: nothing is written. A file that cannot
be written ends the telling, never the task.
"""

from __future__ import annotations

import contextlib
import glob
import os
import threading
import time
import typing as t

VARIABLE = "HOLDFAST_PROGRESS"
PREFIX = "holdfast-progress-"
LONGEST = 200  # letters
# Seconds. Nobody reads faster.
INTERVAL = 0.5
# Only a task that was killed leaves its file behind; the next one of the same user clears it away, once it is older than any task.
STALE = 7 * 24 * 3600.0


class Progress:
    """The latest sentence of one task. May be told from several threads: each sentence is complete, the last one stays."""

    def __init__(self, path: t.Optional[str], redact: t.Callable[[str], str], monotonic: t.Callable[[], float] = time.monotonic) -> None:
        self._path = path or None
        self._redact = redact
        self._monotonic = monotonic
        self._next = 0.0
        self._writing = threading.Lock()
        if self._path:
            _clear_stale(self._path)

    @property
    def due(self) -> bool:
        """Whether a sentence would be read now. To be asked first where making the sentence takes time."""
        return self._path is not None and self._monotonic() >= self._next

    def show(self, text: str) -> None:
        """Replace the sentence, unless the one before is too young. Secrets are masked, line ends become spaces."""
        if not self.due or not self._writing.acquire(blocking=False):
            return
        try:
            self._next = self._monotonic() + INTERVAL
            _replace(str(self._path), self._redact(" ".join(text.split()))[:LONGEST].encode("utf-8", errors="replace"))
        except OSError:
            self._path = None
        finally:
            self._writing.release()

    def end(self) -> None:
        """Take the file away."""
        path, self._path = self._path, None
        if path:
            with contextlib.suppress(OSError):
                os.unlink(path)


def nobody_watches() -> Progress:
    """One that writes nothing."""
    return Progress(None, str)


def _replace(path: str, content: bytes) -> None:
    """Whole or not at all for its reader. Others may read it, because the watcher is often not the user whom the task became."""
    temporary = f"{path}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    try:
        os.fchmod(handle, 0o644)
        os.write(handle, content)
    finally:
        os.close(handle)
    os.replace(temporary, path)


def _clear_stale(path: str) -> None:
    """Take away what killed tasks of this user left beside `path`; that of others cannot be taken away."""
    limit = time.time() - STALE
    for other in glob.glob(os.path.join(glob.escape(os.path.dirname(path)), f"{PREFIX}*")):
        with contextlib.suppress(OSError):
            if os.lstat(other).st_mtime < limit:
                os.unlink(other)
