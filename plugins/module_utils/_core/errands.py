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

    def wait(self) -> None:
        """Until it has ended, however it did."""
        self._thread.join()

    def finish(self) -> None:
        """Wait for its end; raises what ended it."""
        self.wait()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as exc:  # raised by finish, whatever it is
            self._error = exc
