# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a backup or a restore is, said twice a second to whoever watches."""

from __future__ import annotations

import contextlib
import threading
import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.amounts import as_size, as_transfer
from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock
from ansible_collections.holdfast.webops.plugins.module_utils._core.progress import INTERVAL, Progress

if t.TYPE_CHECKING:
    from ansible_collections.holdfast.webops.plugins.module_utils._backup.fanout import FanOut


class Teller:
    """Says sentences that a function makes, again and again while a block lasts."""

    def __init__(self, progress: Progress, clock: Clock) -> None:
        self._progress = progress
        self._clock = clock

    def watching(self, fan: FanOut, expected: int | None) -> contextlib.AbstractContextManager[None]:
        """Of an archive on its way into its destinations; None where nobody knows how large it will be."""
        return self.saying(lambda seconds: backup_sentence(fan.size, fan.taken(), expected, seconds))

    @contextlib.contextmanager
    def saying(self, sentence: t.Callable[[float], str]) -> t.Iterator[None]:
        """`sentence` is called with the seconds since the block began, in a thread of its own."""
        over, began = threading.Event(), self._clock.monotonic()

        def tell() -> None:
            while not over.wait(INTERVAL):
                if self._progress.due:
                    self._progress.show(sentence(self._clock.monotonic() - began))

        thread = threading.Thread(target=tell, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def backup_sentence(size: int, taken: t.Mapping[str, int], expected: int | None, seconds: float) -> str:
    """Bytes, rate, estimate, and what has arrived where. Pure."""
    stores = "; ".join(f"{url} {as_size(count)}" for url, count in sorted(taken.items()))
    return f"Backing up: {as_transfer(size, expected, seconds)} ({stores})"
