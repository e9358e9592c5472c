# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The highest fencing number that acted at a place, in a file there: who lost the lease while asleep is refused."""

from __future__ import annotations

from ansible_collections.holdfast.webops.plugins.module_utils._core.errors import ConflictError, WebopsError
from ansible_collections.holdfast.webops.plugins.module_utils._core.files import read_if_there, write_atomic


class Fence:
    """The caller holds the lock of the place between `check` and `note`."""

    def __init__(self, path: str) -> None:
        self._path = path

    def seen(self) -> int:
        """The highest number that has been here, 0 when none was."""
        text = (read_if_there(self._path) or b"0").decode("utf-8", "replace").strip()
        if not text.isdigit():
            raise WebopsError(f"{self._path}: '{text}' is not a number.", hint="Write the fencing number of the lease into it.")
        return int(text)

    def check(self, fencing: int | None) -> None:
        """ConflictError when somebody with a newer lease has been here; None is never refused."""
        seen = self.seen()
        if fencing is not None and fencing < seen:
            raise ConflictError(
                f"fencing: {fencing} is older than {seen}, which was here since ({self._path}).",
                hint="Another run has taken over the lease. Start again from the beginning, with a lease of your own.",
                fence=seen,
            )

    def note(self, fencing: int | None) -> None:
        """Remember a number, so that older ones are refused from now on. Do it before anything is changed."""
        if fencing is None or fencing <= self.seen():
            return
        try:
            write_atomic(self._path, f"{fencing}\n".encode())
        except OSError as exc:
            raise WebopsError(
                f"{self._path} could not be written: {exc.strerror}. Nothing was changed.",
                hint="Check the disk's free space and who owns the directory.",
            ) from exc
