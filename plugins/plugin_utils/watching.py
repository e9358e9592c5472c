# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A thread that looks again and again while something else happens, and shows what is new."""

from __future__ import annotations

import threading
import time
import typing as t

from ansible.errors import AnsibleError

# Seconds. Whoever is done before the first look pays nothing for it.
FIRST_LOOK = 1.0
INTERVAL = 1.0
# A look over a slow connection is taken so seldom that looking is a tenth of the time at most.
SHARE = 10


class Shown(t.Protocol):
    """Where sentences go."""

    def show(self, text: str) -> None:
        """A sentence that was seen."""

    def end(self) -> None:
        """No sentence follows."""


class Watching:
    """While its block runs, `read` is called and each new sentence shown; after the block nothing is shown any more.

    The thread is a daemon and is not waited for: a look that hangs keeps back neither the result nor the end of the process.
    """

    def __init__(self, read: t.Callable[[], str], shown: Shown) -> None:
        self._read = read
        self._shown = shown
        self._ended = threading.Event()
        self._showing = threading.Lock()

    def __enter__(self) -> Watching:
        threading.Thread(target=self._look_again_and_again, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._ended.set()
        with self._showing:
            self._shown.end()

    def _look_again_and_again(self) -> None:
        pause, before = FIRST_LOOK, ""
        while not self._ended.wait(pause):
            began = time.monotonic()
            try:
                text = self._read().strip()
            except (AnsibleError, OSError, ValueError, RuntimeError):  # of a connection plugin: without progress the task goes on
                return
            pause = max(INTERVAL, SHARE * (time.monotonic() - began))
            with self._showing:
                if text and text != before and not self._ended.is_set():
                    self._shown.show(text)
            before = text or before
