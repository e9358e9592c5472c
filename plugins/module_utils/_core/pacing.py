# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking again and again until the deadline: often at first, seldom later, and once more at the very end."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import HostedApi

Session = t.TypeVar("Session", bound=HostedApi)
# Seconds for the last looks, after the task's own time is over.
GRACE = 10.0


class Pace(t.Generic[Session]):
    """The pauses between looks, in seconds: `first`, then longer by `growth` up to `longest`."""

    def __init__(self, api: Session, first: float, growth: float, longest: float) -> None:
        self._api = api
        self._pause = first
        self._growth = growth
        self._longest = longest

    @property
    def looking(self) -> Session:
        """The client to look with: the look at the end of the time may end after it."""
        return self._api.within(self._api.deadline.remaining() + GRACE)

    def goes_on(self) -> bool:
        """Sleep until the next look; False when there was no time left."""
        remaining = self._api.deadline.remaining()
        if remaining <= 0:
            return False
        self._api.clock.sleep(min(self._pause, remaining))
        self._pause = min(self._pause * self._growth, self._longest)
        return True
