# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How often a delivery is tried. Pure but for the clock."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline

MOST = 4
FIRST_PAUSE = 0.5


class NotDeliveredError(Exception):
    """One attempt failed; the text is a sentence without a full stop. `again` says whether another one makes sense.

    `after` is how many seconds the other side asks to be left alone, `tried` how many attempts there were.
    """

    def __init__(self, reason: str, *, again: bool, after: t.Optional[float] = None, tried: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.after = after
        self.tried = tried


def deliver(attempt: t.Callable[[], None], deadline: Deadline, clock: Clock) -> int:
    """Try until it works, and return how often; NotDeliveredError when it did not, or when there is no time for another attempt."""
    tried = 0
    while True:
        tried += 1
        try:
            attempt()
            return tried
        except NotDeliveredError as exc:
            pause = FIRST_PAUSE * 2 ** (tried - 1) if exc.after is None else exc.after
            if not exc.again or tried >= MOST or pause >= deadline.remaining():
                raise NotDeliveredError(_ending(exc, tried, pause, deadline), again=False, tried=tried) from None
        clock.sleep(pause)


def _ending(error: NotDeliveredError, tried: int, pause: float, deadline: Deadline) -> str:
    tries = f" (tried {tried} times)" if tried > 1 else ""
    if error.again and error.after is not None and pause >= deadline.remaining():
        return f"{error.reason}, and asks to wait {pause:.0f} s, longer than the time that is left{tries}"
    return f"{error.reason}{tries}"
