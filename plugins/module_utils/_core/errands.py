# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work beside one's own: a thread whose error is not lost, and for which the process does not wait when it ends."""

from __future__ import annotations

import threading
import typing as t


class Errand:
    """Begins at once. What ends it is raised where its end is waited for."""

    def __init__(self, name: str, act: t.Callable[[], None]) -> None:
        self._act = act
        self._error: t.Optional[BaseException] = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def wait(self, seconds: t.Optional[float] = None) -> None:
        """Until it has ended, however it did, or as long as that."""
        self._thread.join(seconds)

    def check(self) -> None:
        """Raises what ended it, if an error did."""
        if self._error is not None:
            raise self._error

    def finish(self) -> None:
        """Wait for its end; raises what ended it."""
        self.wait()
        self.check()

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as exc:  # raised where its end is waited for, whatever it is
            self._error = exc
