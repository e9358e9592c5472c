# Copyright (c) 2026 Holdfast contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking again and again until the deadline: often at first, seldom later, and once more at the very end."""

from __future__ import annotations

import typing as t

from ansible_collections.holdfast.webops.plugins.module_utils._core.clock import Clock, Deadline
from ansible_collections.holdfast.webops.plugins.module_utils._core.hosted import HostedApi

Session = t.TypeVar("Session", bound=HostedApi)
# Seconds for the last looks, after the task's own time is over.
GRACE = 10.0


class Pauses:
    """The pauses between looks, in seconds: `first`, then longer by `growth` up to `longest`."""

    def __init__(self, clock: Clock, deadline: Deadline, first: float, growth: float, longest: float) -> None:
        self._clock = clock
        self._deadline = deadline
        self._pause = first
        self._growth = growth
        self._longest = longest

    def goes_on(self) -> bool:
        """Sleep until the next look; False when there was no time left."""
        remaining = self._deadline.remaining()
        if remaining <= 0:
            return False
        self._clock.sleep(min(self._pause, remaining))
        self._pause = min(self._pause * self._growth, self._longest)
        return True


class Pace(Pauses, t.Generic[Session]):
    """The same for a session with a hosted API, whose last look may end after the time is over."""

    def __init__(self, api: Session, first: float, growth: float, longest: float) -> None:
        super().__init__(api.clock, api.deadline, first, growth, longest)
        self._api = api

    @property
    def looking(self) -> Session:
        """The client to look with."""
        return self._api.within(self._api.deadline.remaining() + GRACE)
