# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How live progress looks: one line that is written over in a terminal, otherwise plain lines, ever more seldom."""

from __future__ import annotations

import time
import typing as t

# Seconds between two plain lines: at first, and at most, in work that takes hours.
SHORTEST, LONGEST = 5.0, 60.0
# A plain line follows after a tenth of the time that the work has taken so far.
SHARE = 0.1
ERASE = "\r\x1b[K"


class Terminal:
    """Whether a line may be written over, and how wide it may be; 0 where it may not. The callback that owns the terminal says so.

    Ansible runs each task in a fork of the process that the callback runs in; so a task knows what was said before it began.
    """

    width: t.ClassVar[int] = 0


class LiveLines:
    """The progress of one task. `display` is Ansible's; `whose` stands before each line."""

    def __init__(self, display: t.Callable[..., t.Any], whose: str, monotonic: t.Callable[[], float] = time.monotonic) -> None:
        self._display = display
        self._whose = whose
        self._monotonic = monotonic
        self._began = self._next = monotonic()
        self._is_written_over = False

    def show(self, text: str) -> None:
        """What the task does right now."""
        line = "".join(letter for letter in f"{self._whose} | {text}" if letter.isprintable())
        is_due = self._monotonic() >= self._next
        if is_due:
            self._next = self._monotonic() + min(max(SHORTEST, (self._monotonic() - self._began) * SHARE), LONGEST)
        if Terminal.width:
            self._is_written_over = True
            self._display(f"{ERASE}{line[: Terminal.width - 1]}", newline=False, screen_only=True)
        if is_due:
            self._display(line, log_only=bool(Terminal.width))

    def end(self) -> None:
        """Leave no half line behind."""
        if self._is_written_over:
            self._display(ERASE, newline=False, screen_only=True)
